// Runs the cases of stores in workerd on its own client of D1; answers with what failed, and how many there were.
import { storeCases } from "../../../bindings-js/test/store.mjs";
import * as hookseal from "../../../bindings-wasm/dist/index.workerd.js";

export default {
  async fetch(_request, { DB }) {
    const failures = [];
    let count = 0;
    for (const client of [DB, DB.withSession("first-primary")]) {
      const store = new hookseal.SqlStore(client);
      await store.createTable();
      for (const { name, run } of storeCases(hookseal, () => store)) {
        count += 1;
        await run().catch((error) => failures.push(`${name}: ${error.stack}`));
      }
      await store.prune();
    }
    return Response.json({ count, failures });
  },
};
