// Runs in Deno and Bun: prints how the vectors went, and the client.
import * as hookseal from "@hookseal/edge";
import * as clients from "@hookseal/edge/client";
import { clientFailures } from "./client.mjs";
import { runAll } from "./conformance.mjs";
import vectors from "./vectors.mjs";

const { passed, failures } = runAll(hookseal, vectors);
console.log(JSON.stringify({ passed, failures: [...failures, ...(await clientFailures(clients))] }));
