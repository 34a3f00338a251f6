// Runs the cases of stores on the SQLite of this runtime; writes how many passed.
import * as hookseal from "../../bindings-wasm/dist/index.js";
import { storeCases } from "../../bindings-js/test/store.mjs";

const client = globalThis.Bun
  ? new (await import("bun:sqlite")).Database(":memory:")
  : new (await import("node:sqlite")).DatabaseSync(":memory:");
const store = new hookseal.SqlStore(client);
await store.createTable();
let passed = 0;
for (const { run } of storeCases(hookseal, () => store)) {
  await run();
  passed += 1;
}
await store.prune();
console.log(passed);
