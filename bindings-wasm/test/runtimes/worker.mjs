// Runs in workerd: answers how the vectors went.
import * as hookseal from "./index.workerd.js";
import { runAll } from "./conformance.mjs";
import vectors from "./vectors.mjs";

export default {
  fetch: () => Response.json(runAll(hookseal, vectors)),
};
