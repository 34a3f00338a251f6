// What the clients' types are written from: of the server's OpenAPI document, the schemas, and the parameters of each list as
// one more. `node document.mjs` prints it.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const DOCUMENT = new URL("../../docs/openapi.json", import.meta.url);

/** The document that the generators read. */
export function document() {
  const { openapi, info, paths, components } = JSON.parse(readFileSync(DOCUMENT, "utf8"));
  const lists = Object.values(paths)
    .map(({ get }) => get)
    .filter((operation) => operation?.operationId.startsWith("list"))
    .filter(({ parameters = [] }) => parameters.some((parameter) => parameter.in === "query"))
    .map((operation) => [capital(operation.operationId), listOf(operation)]);
  const schemas = { ...components.schemas, ...Object.fromEntries(lists) };
  return { openapi, info: { title: info.title, version: info.version }, paths: {}, components: { schemas: sorted(schemas) } };
}

/** What the files name that were written from it. */
export function digest() {
  return createHash("sha256").update(JSON.stringify(document())).digest("hex");
}

function listOf({ summary, parameters }) {
  const members = parameters.filter((parameter) => parameter.in === "query");
  const properties = members.map(({ name, description, schema }) => [name, { ...schema, description }]);
  return { type: "object", description: `The filters of what ${summary}.`, properties: Object.fromEntries(properties) };
}

function sorted(members) {
  return Object.fromEntries(Object.entries(members).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function capital(text) {
  return text[0].toUpperCase() + text.slice(1);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(JSON.stringify(document()));
