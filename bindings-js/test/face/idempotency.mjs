/** Handling an event once, in this process; the stores of databases are tested against these. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { storeCases } from "../store.mjs";
import { BODY, codeOf } from "./sample.mjs";

export function testIdempotency(api) {
  const { Idempotency, idempotencyKey, MemoryStore, RedisStore, SqlStore, WebhookError } = api;
  const code = codeOf(WebhookError);

  for (const { name, run } of storeCases(api, () => new MemoryStore())) test(`in memory, ${name}`, run);

  test("an event is known by its id or, without one, by its body", () => {
    assert.equal(idempotencyKey("evt_1", BODY), "evt_1");
    for (const none of [null, undefined, ""]) assert.match(idempotencyKey(none, BODY), /^sha256:[0-9a-f]{64}$/);
    assert.notEqual(idempotencyKey(null, BODY), idempotencyKey(null, `${BODY} `));
    assert.throws(() => idempotencyKey(7, BODY), code("invalid_argument"));
    assert.throws(() => idempotencyKey(null, {}), code("body_not_raw"));
  });

  test("the memory store keeps the newest keys, as many as it may", async () => {
    const idempotency = new Idempotency(new MemoryStore(2));
    for (const key of ["a", "b", "c"]) await idempotency.run(key, () => {});
    assert.deepEqual(await Promise.all(["c", "b", "a"].map((key) => idempotency.claim(key))), [
      "done",
      "done",
      "claimed",
    ]);
  });

  test("a store or a time that cannot be is an invalid argument", async () => {
    for (const call of [
      () => new Idempotency(),
      () => new Idempotency({}),
      () => new Idempotency(new MemoryStore(), { ttlSeconds: 0 }),
      () => new Idempotency(new MemoryStore(), { leaseSeconds: Infinity }),
      () => new Idempotency(new MemoryStore(), { leaseSeconds: "60" }),
      () => new MemoryStore(-1),
      () => new RedisStore(),
      () => new RedisStore({}),
      () => new RedisStore({ eval: async () => "claimed" }),
      () => new SqlStore(),
      () => new SqlStore({}),
    ]) {
      assert.throws(call, code("invalid_argument"), `${call}`);
    }
    const query = async () => [[], []];
    assert.throws(() => new SqlStore({ query, escapeId: () => "" }), (error) => {
      return /MySQL/.test(error.message) && /`pg`.*Cloudflare D1/.test(error.hint) && code("invalid_argument")(error);
    });
    await assert.rejects(new Idempotency(new SqlStore({ query })).claim("a"), code("invalid_argument"));
    await assert.rejects(new Idempotency(new MemoryStore()).claim(7), code("invalid_argument"));
  });
}
