/** The types say what the core has. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { payloadTypes } from "../../generate/payload.mjs";

export function testTypes(api) {
  const { RetryPolicy } = api;

  test("the types list what the core has", () => {
    const union = (file, type) => {
      const source = readFileSync(new URL(`../../${file}`, import.meta.url), "utf8");
      return [...source.match(new RegExp(`export type ${type} =([^;]*);`))[1].matchAll(/"([^"]+)"/g)].map(
        (match) => match[1],
      );
    };
    assert.deepEqual(
      union("error.ts", "ErrorCode"),
      api.errorCodes().map((row) => row.code),
    );
    const causes = readFileSync(new URL("../../../core/src/explain/cause.rs", import.meta.url), "utf8");
    assert.deepEqual(
      union("explain.ts", "Cause"),
      [...causes.matchAll(/^ {4}[A-Z]\w+ = "(\w+)",$/gm)].map((match) => match[1]),
    );
    assert.deepEqual(
      union("scheme-name.ts", "SchemeName"),
      api.schemes().map(({ id }) => id),
    );
    const profiles = union("retry.ts", "ProfileName");
    for (const profile of profiles) assert.ok(RetryPolicy.profile(profile).maxAttempts > 0);
    assert.deepEqual([...profiles, ...union("retry.ts", "PresetName")], RetryPolicy.presets());
  });

  test("the type of a scheme has the members of its JSON Schema", () => {
    const schema = JSON.parse(readFileSync(new URL("../../../schemas/scheme.json", import.meta.url), "utf8"));
    const source = readFileSync(new URL("../../scheme-definition.ts", import.meta.url), "utf8");
    const definitions = { SchemeDefinition: schema, HandshakeRule: schema.$defs.Rule };
    for (const name of ["SchemeDefinition", "HandshakeRule", "HashClaim", "JwtRule", "KeyRule", "SignatureRule"]) {
      const { properties, required } = definitions[name] ?? schema.$defs[name];
      const [, members] = source.match(new RegExp(`export interface ${name} {(.*?)\\n}`, "s"));
      const found = Object.fromEntries([...members.matchAll(/^ {2}([\w$]+)(\??):/gm)].map((match) => match.slice(1)));
      const wanted = Object.keys(properties).map((key) => [key, required?.includes(key) ? "" : "?"]);
      assert.deepEqual(found, Object.fromEntries(wanted), name);
    }
    const modes = schema.$defs.Format.oneOf.map(({ properties }) => `mode: "${properties.mode.const}"`);
    const algorithms = schema.$defs.Algorithm.oneOf.map((one) => `"${one.const}"`);
    for (const text of [...modes, ...algorithms]) assert.ok(source.includes(text), text);
  });

  test("the types of payloads are those of the JSON Schemas", () => {
    assert.equal(readFileSync(new URL("../../payload.ts", import.meta.url), "utf8"), payloadTypes());
  });
}
