/** What every store of claims has to do, whichever database is behind it. */
import assert from "node:assert/strict";
import { setTimeout } from "node:timers/promises";

/** Every case as `{ name, run }`, for any test runner; `open` gives a store. Keys are new in every run. */
export function storeCases({ Idempotency }, open) {
  const cases = [];
  const test = (name, run) => cases.push({ name, run });
  const keyOf = () => `test:${crypto.randomUUID()}`;

  test("an event is handled once, and is done afterwards", async () => {
    const idempotency = new Idempotency(await open());
    const key = keyOf();
    let handled = 0;
    const handler = async () => (handled += 1);
    assert.deepEqual(await idempotency.run(key, handler), { state: "claimed", value: 1 });
    assert.deepEqual(await idempotency.run(key, handler), { state: "done" });
    assert.equal(await idempotency.claim(key), "done");
    assert.equal(handled, 1);
  });

  test("of many at once, one claims the key", async () => {
    const idempotency = new Idempotency(await open());
    const key = keyOf();
    const states = await Promise.all(Array.from({ length: 20 }, () => idempotency.claim(key)));
    assert.deepEqual(states.sort(), ["claimed", ...Array(19).fill("in_progress")]);
  });

  test("an event whose handler fails may come again", async () => {
    const idempotency = new Idempotency(await open());
    const key = keyOf();
    const failing = () => {
      throw new Error("no");
    };
    await assert.rejects(idempotency.run(key, failing), /^Error: no$/);
    assert.equal(await idempotency.claim(key), "claimed");
    await idempotency.release(key);
    assert.equal(await idempotency.claim(key), "claimed");
    await idempotency.complete(key);
    await idempotency.release(key);
    assert.equal(await idempotency.claim(key), "done");
  });

  test("a claim that ended is free, and its holder frees nobody else's", async () => {
    const store = await open();
    const idempotency = new Idempotency(store, { leaseSeconds: 0.01 });
    const key = keyOf();
    const late = await idempotency.begin(key);
    await untilFree(idempotency, key);
    const patient = new Idempotency(store);
    await untilFree(patient, key);
    await late.release();
    assert.equal((await idempotency.begin(key)).state, "in_progress");
  });

  test("what was handled is done, however late", async () => {
    const idempotency = new Idempotency(await open(), { leaseSeconds: 0.01 });
    const key = keyOf();
    const late = await idempotency.begin(key);
    await untilFree(idempotency, key);
    await late.complete();
    await late.release();
    assert.equal(await idempotency.claim(key), "done");
  });

  test("what is done is forgotten in the end", async () => {
    const idempotency = new Idempotency(await open(), { ttlSeconds: 0.01 });
    const key = keyOf();
    await idempotency.run(key, () => {});
    await untilFree(idempotency, key);
  });
  return cases;
}

/** Claims the key as soon as it is free. */
async function untilFree(idempotency, key) {
  for (let tries = 0; tries < 500; tries += 1) {
    if ((await idempotency.claim(key)) === "claimed") return;
    await setTimeout(10);
  }
  assert.fail("the key never became free");
}
