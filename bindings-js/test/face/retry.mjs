/** Retry policies. */
import assert from "node:assert/strict";
import { test } from "node:test";

export function testRetry(api) {
  const { RetryPolicy } = api;

  test("a retry policy is a value", () => {
    const policy = RetryPolicy.profile("yativo");
    assert.equal(policy.maxAttempts, 7);
    const again = RetryPolicy.from(JSON.parse(JSON.stringify(policy)));
    assert.deepEqual(again.toJSON(), policy.toJSON());
    const before = Date.now();
    const decision = policy.next({ attempt: 1 });
    assert.equal(decision.action, "retry");
    assert.equal(decision.delayMs, 60_000);
    assert.ok(decision.at.getTime() >= before + 60_000);
    assert.deepEqual(policy.next({ attempt: 1, status: 204 }), { action: "delivered" });
    assert.deepEqual(policy.next({ attempt: 1, status: 410 }), { action: "disable" });
    assert.deepEqual(policy.next({ attempt: 7, status: 500 }), { action: "give_up", reason: "attempts_exhausted" });
    assert.equal(policy.next({ attempt: 1, status: 503, retryAfter: 120 }).delayMs, 120_000);
    assert.equal(policy.next({ attempt: 1, status: 503, retryAfter: "120" }).delayMs, 120_000);
    assert.equal(policy.next({ attempt: 1, status: 503, retryAfter: "soon" }).delayMs, 60_000);
  });

  test("a receiver controls what it is sent", () => {
    const policy = RetryPolicy.preset("yativo");
    const next = (status, delivery) => policy.next({ attempt: 1, status, delivery });
    assert.deepEqual(next(200, "disable"), { action: "delivered_and_disable" });
    assert.deepEqual(next(500, "disable"), { action: "disable" });
    assert.deepEqual(next(500, "abort-message"), { action: "give_up", reason: "aborted" });
    assert.equal(next(500, null).action, "retry");
  });

  test("decorrelated jitter grows from the previous delay", () => {
    const exponential = { initial_seconds: 1, factor: 3, max_seconds: 60, max_attempts: 5 };
    const policy = RetryPolicy.from({ schedule: { exponential }, jitter: "decorrelated" });
    const delayMs = (previousDelayMs) => policy.next({ attempt: 3, previousDelayMs, random: 1 }).delayMs;
    assert.deepEqual([2000, 1e300, 0.5, undefined, null].map(delayMs), [6000, 27_000, 3000, 27_000, 27_000]);
  });

  test("a schedule is shown", () => {
    const policy = RetryPolicy.preset("naive");
    assert.deepEqual(policy.schedule().slice(0, 2), [
      { attempt: 1, minDelayMs: 0, maxDelayMs: 0, minElapsedMs: 0, maxElapsedMs: 0 },
      { attempt: 2, minDelayMs: 8000, maxDelayMs: 12_000, minElapsedMs: 8000, maxElapsedMs: 12_000 },
    ]);
    assert.match(policy.table(), /^attempt {2}delay .*\n {6}1 {2}at once .*\n {6}2 {2}8s – 12s /);
  });
}
