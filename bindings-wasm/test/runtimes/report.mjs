// Runs in Deno and Bun: prints how the vectors went.
import * as hookseal from "@hookseal/edge";
import { runAll } from "./conformance.mjs";
import vectors from "./vectors.mjs";

console.log(JSON.stringify(runAll(hookseal, vectors)));
