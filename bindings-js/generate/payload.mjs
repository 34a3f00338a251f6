/**
 * Writes `payload.ts`, the types of what the systems send, from the JSON Schemas that the core writes:
 *
 *     node bindings-js/generate/payload.mjs
 */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const OUTPUT = new URL("../payload.ts", import.meta.url);

/** Each envelope: its schema, the name of its type, and the schemes that carry it. */
const ENVELOPES = [
  { schema: "standard-webhooks", name: "Standard", schemes: ["standard_webhooks", "standard_webhooks_ed25519"] },
  { schema: "naive", name: "Naive", schemes: ["naive"] },
  { schema: "ainative", name: "Ainative", schemes: ["ainative"] },
  { schema: "yativo", name: "Yativo", schemes: ["yativo", "yativo-v2"] },
  { schema: "nativemsg", name: "Nativemsg", schemes: ["nativemsg"] },
  { schema: "luma", name: "Luma", schemes: ["luma"] },
];

/** The text of `payload.ts`. */
export function payloadTypes() {
  const rows = ENVELOPES.flatMap(({ name, schemes }) => schemes.map((id) => `  ${keyOf(id)}: ${name}Payload;`));
  return [
    "// Written by `node bindings-js/generate/payload.mjs`.",
    "/** What is known of the payload of a scheme: `unknown` for all but these. */\n" +
      "export type PayloadOf<Scheme> = Scheme extends keyof Payloads ? Payloads[Scheme] : unknown;",
    `/** The payloads of the schemes whose senders publish theirs. */\nexport interface Payloads {\n${rows.join("\n")}\n}`,
    ...ENVELOPES.flatMap(({ schema, name }) => envelope(name, schemaOf(schema))),
    "",
  ]
    .join("\n\n")
    .replace(/\n+$/, "\n");
}

function schemaOf(name) {
  return JSON.parse(readFileSync(new URL(`../../schemas/${name}.json`, import.meta.url), "utf8"));
}

/** One envelope: its members, then an interface for each type of event that is known, then what these refer to. */
function envelope(prefix, schema) {
  const { $defs, allOf = [] } = schema;
  const nameOf = (ref) => {
    const name = ref.split("/").at(-1);
    return name.startsWith(prefix) ? name : prefix + name;
  };
  const events = allOf.map(({ if: { properties }, then }) => {
    const [[member, { const: type }]] = Object.entries(properties);
    if (then.$ref) return `{ ${member}: ${JSON.stringify(type)} } & ${nameOf(then.$ref)}`;
    const { data } = then.properties;
    return `{ ${member}: ${JSON.stringify(type)}${data.$ref ? `; data: ${nameOf(data.$ref)}` : ""} }`;
  });
  const common = `${prefix}Envelope`;
  const own = Object.entries($defs).filter(([name]) => name !== "EventType");
  const union = events.length === 0 ? common : events.map((event) => `\n  | (${common} & ${event})`).join("");
  const open = events.length === 0 ? "" : " Types that this version does not know may come, too.";
  return [
    documented(
      `${schema.description}${open}`,
      `export type ${prefix}Payload =${union.startsWith("\n") ? "" : " "}${union};`,
    ),
    documented(
      "What every one of them has.",
      `export interface ${common} ${members(schema.properties, schema.required, nameOf)}`,
    ),
    ...own.map(([name, one]) => {
      const is = one.type === "object" ? "interface" : "type";
      const body = is === "interface" ? members(one.properties, one.required, nameOf) : `= ${typeOf(one, nameOf)};`;
      return documented(one.description, `export ${is} ${nameOf(name)} ${body}`);
    }),
  ];
}

function members(properties, required = [], nameOf) {
  const lines = Object.entries(properties).map(([name, schema]) => {
    const doc = schema.description ? `  /** ${schema.description} */\n` : "";
    return `${doc}  ${keyOf(name)}${required.includes(name) ? "" : "?"}: ${typeOf(schema, nameOf)};`;
  });
  return `{\n${lines.join("\n")}\n}`;
}

function typeOf({ $ref, anyOf, const: value, items, type }, nameOf) {
  if ($ref) return $ref.endsWith("/EventType") ? "string" : nameOf($ref);
  if (value !== undefined) return JSON.stringify(value);
  // A text that this version does not know must not swallow those that it does.
  if (anyOf) return anyOf.map((one) => (isAnyText(one) ? "(string & {})" : typeOf(one, nameOf))).join(" | ");
  if (Array.isArray(type)) return type.map((one) => typeOf({ items, type: one }, nameOf)).join(" | ");
  if (type === "array") return items ? `${typeOf(items, nameOf)}[]` : "unknown[]";
  const known = { string: "string", integer: "number", number: "number", boolean: "boolean", null: "null" };
  if (type === "object") return "Record<string, unknown>";
  if (known[type]) return known[type];
  throw new Error(`payload: no type for ${JSON.stringify(type)}`);
}

function isAnyText({ type, const: value }) {
  return type === "string" && value === undefined;
}

function keyOf(name) {
  return /^[a-z_]\w*$/i.test(name) ? name : JSON.stringify(name);
}

function documented(text, declaration) {
  return `/** ${text} */\n${declaration}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(OUTPUT, payloadTypes());
