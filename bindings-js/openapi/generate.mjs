// Writes the types of the API's clients in TypeScript.
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import openapiTS, { astToString } from "openapi-typescript";
import { digest, document } from "./document.mjs";

// What has a default may be left out of a request.
const types = astToString(await openapiTS(document(), { defaultNonNullable: false }));
const schemas = types.slice(types.indexOf("export interface components"), types.indexOf("export type $defs"));
const header = `// Written by \`make client-types\` from docs/openapi.json; the SHA-256 of its schemas is\n// ${digest()}.\n`;
writeFileSync(fileURLToPath(new URL("../client/openapi.ts", import.meta.url)), `${header}\n${schemas}`);
