/** The conformance vectors of `tests/vectors`, read with Node. */
import { readdirSync, readFileSync } from "node:fs";

const folder = new URL("../../tests/vectors/", import.meta.url);

/** Every vector file by its name. */
export function loadVectors() {
  const names = readdirSync(folder).filter((name) => name.endsWith(".json") && name !== "vector.schema.json");
  if (names.length === 0) throw new Error("tests/vectors holds no vectors");
  return Object.fromEntries(
    names.sort().map((name) => [name, JSON.parse(readFileSync(new URL(name, folder), "utf8"))]),
  );
}
