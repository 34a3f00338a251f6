/** Whatever is passed, no error but our own. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { weird } from "../weird.mjs";
import { BODY, codeOf, NOW, SECRET, URL_OF_HOOK, withSecret } from "./sample.mjs";

export function testArguments(api) {
  const { RetryPolicy, verifyWebhookSignature, Webhook, WebhookError } = api;
  const hook = new Webhook("standard_webhooks", SECRET);
  const headers = hook.sign({ id: "msg_1", body: BODY }, { now: NOW });
  const code = codeOf(WebhookError);

  test("arguments of a wrong type are an invalid argument", () => {
    for (const call of [
      () => new Webhook(),
      () => new Webhook(7, SECRET),
      () => new Webhook(null, SECRET),
      () => new Webhook("naive"),
      () => new Webhook("naive", 7),
      () => new Webhook("naive", ["a", null]),
      () => new Webhook("naive", { 0: "a", length: 1 }),
      () => new Webhook("naive", "a", 7),
      () => new Webhook("naive", "a", { tolerance: -1 }),
      () => new Webhook("naive", "a", { tolerance: 1.5 }),
      () => new Webhook("naive", "a", { tolerance: "300" }),
      () =>
        new Webhook(
          {
            get id() {
              throw new Error("no");
            },
          },
          "a",
        ),
      () => new Webhook(Object.assign({}, { self: undefined }, { toJSON: () => undefined }), "a"),
      () => hook.verify(BODY, headers, { now: NaN }),
      () => hook.verify(BODY, headers, { now: new Date("never") }),
      () => hook.verify(BODY, headers, { now: "2026" }),
      () => hook.verify(BODY, headers, 7),
      () => hook.verify(BODY, headers, null),
      () => hook.sign(BODY),
      () => hook.sign({ id: 7, body: BODY }),
      () => hook.sign({ id: "a", type: {}, body: BODY }),
      () => verifyWebhookSignature(undefined, BODY, "00"),
      () => RetryPolicy.profile(7),
      () => RetryPolicy.preset(7),
      () => RetryPolicy.preset("nobody"),
      () => RetryPolicy.from("yativo"),
      () => RetryPolicy.profile("yativo").next(),
      () => RetryPolicy.profile("yativo").next({}),
      () => RetryPolicy.profile("yativo").next({ attempt: 1.5 }),
      () => RetryPolicy.profile("yativo").next({ attempt: -1 }),
      () => RetryPolicy.profile("yativo").next({ attempt: 1, status: "500" }),
      () => RetryPolicy.profile("yativo").next({ attempt: 1, status: 70_000 }),
      () => RetryPolicy.profile("yativo").next({ attempt: 1, status: 500, retryAfter: {} }),
      () => RetryPolicy.profile("yativo").next({ attempt: 1, status: 500, random: "0.5" }),
      () => RetryPolicy.profile("yativo").next({ attempt: 1, status: 500, delivery: 7 }),
      () => RetryPolicy.profile("yativo").next({ attempt: 1, status: 500, previousDelayMs: "7" }),
      () => RetryPolicy.profile("yativo").next({ attempt: 1, previousDelayMs: -1 }),
      () => RetryPolicy.profile("yativo").next({ attempt: 1, previousDelayMs: NaN }),
      () => RetryPolicy.profile("yativo").next({ attempt: 1, previousDelayMs: Infinity }),
    ]) {
      assert.throws(call, code("invalid_argument"), `${call}`);
    }
    assert.throws(() => new Webhook("nobody", SECRET), code("unknown_scheme"));
    assert.throws(() => new Webhook("naive", []), code("invalid_secret"));
    assert.throws(() => RetryPolicy.profile("nobody"), code("unknown_profile"));
  });

  test("whatever comes in, only a WebhookError comes out", () => {
    const nativemsg = new Webhook("nativemsg", "secret");
    const policy = RetryPolicy.profile("yativo");
    const random = weird(20260425);
    const any = () => random.value();
    const schemes = api.schemes();
    const config = { issuer: "https://example.com", api_key: "a", webhook_id: "1", public_key: "a" };
    const calls = [
      () => new Webhook(any(), any(), any()),
      () => new Webhook(random.pick(schemes).id, any()),
      () => {
        const { id, config } = random.pick(schemes);
        const some = withSecret(api, id, config);
        const headers = some?.sign({ id: "evt_1", type: "invoice.paid", body: BODY, url: URL_OF_HOOK }, { now: NOW });
        some?.verify(BODY, { ...headers, [random.pick(Object.keys(headers))]: any() }, { url: URL_OF_HOOK, now: NOW });
      },
      () => new Webhook("okta", "secret", { config: any() }),
      () => new Webhook("okta", "secret", { config: { header_name: any() } }),
      () => hook.verify(BODY, headers, { method: any(), url: any(), now: NOW }),
      () => new Webhook("hubspot_v3", "secret").sign({ body: BODY, method: any(), url: any(), headers: any() }),
      () => new Webhook("slack", "secret").handshake(any(), any(), any()),
      () => api.handshake(random.pick(schemes).id, any(), any(), { config }),
      () => api.handshake(any(), any(), any(), any()),
      () => api.explain(random.pick(schemes).id, any(), any(), any(), { config }),
      () => api.explain("naive", any(), any(), {}, any()),
      () => api.keyRequest(random.pick(schemes).id, any(), any(), { method: any(), url: any() }),
      () => api.keyRequest(random.pick(["aws_sns", "plaid", "paypal"]), BODY, any(), { config: any() }),
      () => new Webhook("naive", any(), { tolerance: any() }),
      () =>
        new Webhook(
          {
            id: "x",
            signature: { from: "header:x", encoding: "hex", format: any() },
            signed_content: any(),
            key: any(),
          },
          "a",
        ),
      () => hook.verify(any(), any(), any()),
      () => hook.verify(BODY, { ...headers, [random.pick(Object.keys(headers))]: any() }, { now: NOW }),
      () => hook.verify(BODY, [...Object.entries(headers), any()], { now: any() }),
      () => nativemsg.verify(any(), {}, { now: NOW }),
      () => nativemsg.signBody(any()),
      () => hook.sign(any(), any()),
      () => hook.sign({ id: any(), type: any(), body: any() }, { now: any() }),
      () => verifyWebhookSignature(any(), any(), any()),
      () => RetryPolicy.profile(any()),
      () => RetryPolicy.preset(any()),
      () => RetryPolicy.from(any()),
      () => RetryPolicy.from({ schedule: { list: any() }, jitter: any() }),
      () => policy.next(any()),
      () =>
        policy.next({
          attempt: any(),
          status: any(),
          retryAfter: any(),
          delivery: any(),
          previousDelayMs: any(),
          firstAttemptAt: any(),
          now: any(),
          random: any(),
        }),
      () =>
        policy.next({
          attempt: 1,
          status: 500,
          [random.pick(["retryAfter", "delivery", "previousDelayMs", "firstAttemptAt", "now", "random"])]: any(),
        }),
    ];
    let refused = 0;
    for (let round = 0; round < 8_000; round += 1) {
      const call = calls[round % calls.length];
      try {
        call();
      } catch (error) {
        assert.ok(error instanceof WebhookError, `round ${round}, ${call}: ${error?.stack ?? String(error)}`);
        refused += 1;
      }
    }
    assert.ok(refused > 4_000, `only ${refused} calls were refused`);
  });
}
