/** Every kind of headers that there is. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { runInNewContext } from "node:vm";
import { BODY, codeOf, NOW, SECRET } from "./sample.mjs";

export function testHeaders(api) {
  const { verifyWebhookSignature, Webhook, WebhookError } = api;
  const hook = new Webhook("standard_webhooks", SECRET);
  const headers = hook.sign({ id: "msg_1", body: BODY }, { now: NOW });
  const code = codeOf(WebhookError);

  test("every kind of headers is read, in any case", () => {
    const pairs = Object.entries(headers);
    const shouted = pairs.map(([name, value]) => [name.toUpperCase(), value]);
    const incoming = { host: "example.com", "set-cookie": ["a=1", "b=2"], "content-length": undefined, ...headers };
    for (const given of [
      new Headers(headers),
      headers,
      Object.fromEntries(shouted),
      incoming,
      Object.assign(Object.create(null), headers),
      Object.fromEntries(pairs.map(([name, value]) => [name, [value]])),
      pairs,
      shouted,
      shouted.flat(),
      new Map(shouted),
      new Set(pairs),
      new Headers(headers).entries(),
      { get: (name) => headers[name] ?? null },
      runInNewContext("new Map(pairs)", { pairs }),
    ]) {
      assert.equal(hook.verify(BODY, given, { now: NOW }).id, "msg_1");
    }
  });

  test("a header that comes twice is two headers", () => {
    const twice = [...Object.entries(headers), ["Webhook-Id", "msg_2"]];
    assert.throws(() => hook.verify(BODY, twice, { now: NOW }), code("malformed_header"));
    assert.throws(
      () => hook.verify(BODY, { ...headers, "webhook-id": ["msg_1", "msg_1"] }, { now: NOW }),
      code("malformed_header"),
    );
    assert.throws(() => hook.verify(BODY, twice.flat(), { now: NOW }), code("malformed_header"));
    const signatures = ["v1,bm9wZQ==", headers["webhook-signature"]];
    assert.equal(hook.verify(BODY, { ...headers, "webhook-signature": signatures }, { now: NOW }).id, "msg_1");
  });

  test("headers that cannot be headers are an invalid argument", () => {
    const thrower = {
      get host() {
        throw new Error("no");
      },
    };
    for (const given of [
      null,
      undefined,
      "webhook-id: a",
      7,
      [["webhook-id"]],
      ["webhook-id"],
      ["webhook-id", 7],
      ["webhook-id", "a", "b"],
      [[7, "a"]],
      thrower,
      { "webhook-id": 7 },
      { "webhook-id": [7] },
      { get: () => 7 },
    ]) {
      assert.throws(() => hook.verify(BODY, given, { now: NOW }), code("invalid_argument"));
    }
    assert.throws(() => hook.verify(BODY, {}, { now: NOW }), code("missing_header"));
    // What the scheme does not read may be anything.
    assert.equal(hook.verify(BODY, { ...headers, "x-other": 7 }, { now: NOW }).id, "msg_1");
  });

  test("the boolean helper never throws on a header", () => {
    const good = new Webhook("naive", "secret").sign({ body: BODY })["x-naive-signature"];
    assert.equal(verifyWebhookSignature("secret", BODY, good), true);
    for (const header of [
      undefined,
      null,
      "",
      "00",
      "zz".repeat(32),
      `${good}0`,
      7,
      {},
      [],
      [good, good],
      [[good]],
      Symbol("x"),
      "\ud800",
    ]) {
      assert.equal(verifyWebhookSignature("secret", BODY, header), false);
    }
    assert.equal(verifyWebhookSignature("secret", BODY, [good]), true);
    assert.equal(verifyWebhookSignature("", BODY, good), false);
  });
}
