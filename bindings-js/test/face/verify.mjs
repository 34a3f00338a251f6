/** What verifying says, and when it refuses. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { BODY, codeOf, NOW, SECRET } from "./sample.mjs";

export function testVerify(api) {
  const { Webhook, WebhookError } = api;
  const hook = new Webhook("standard_webhooks", SECRET);
  const headers = hook.sign({ id: "msg_1", body: BODY }, { now: NOW });
  const code = codeOf(WebhookError);

  test("a verified request says who, what and when", () => {
    const verified = hook.verify(BODY, headers, { now: NOW });
    assert.equal(verified.id, "msg_1");
    assert.equal(verified.type, "invoice.paid");
    assert.deepEqual(verified.timestamp, new Date(1_777_111_523_000));
    assert.equal(verified.keyIndex, 0);
    assert.equal(new TextDecoder().decode(verified.body), BODY);
    assert.deepEqual(verified.json(), JSON.parse(BODY));
    assert.equal(hook.scheme, "standard_webhooks");
  });

  test("an event is written as JSON, and shown, with what it says", async () => {
    const event = hook.verify(BODY, headers, { now: NOW });
    const facts = { id: "msg_1", type: "invoice.paid", timestamp: "2026-04-25T10:05:23.000Z", keyIndex: 0 };
    assert.deepEqual(event.toJSON(), { ...facts, timestamp: event.timestamp, data: JSON.parse(BODY) });
    assert.deepEqual(JSON.parse(JSON.stringify({ event })), { event: { ...facts, data: JSON.parse(BODY) } });
    assert.deepEqual(await Response.json(event).json(), { ...facts, data: JSON.parse(BODY) });
    const github = new Webhook("github", "secret");
    const { data, timestamp } = github.verify("no JSON", github.sign({ body: "no JSON" })).toJSON();
    assert.deepEqual([data, timestamp], [null, null]);
    const show = event[Symbol.for("nodejs.util.inspect.custom")]();
    assert.deepEqual(show, { ...facts, timestamp: event.timestamp, data: JSON.parse(BODY) });
  });

  test("the tolerance is the scheme's unless given", () => {
    const late = { now: NOW + 301_000 };
    assert.throws(() => hook.verify(BODY, headers, late), code("timestamp_too_old"));
    assert.equal(new Webhook("standard_webhooks", SECRET, { tolerance: 400 }).verify(BODY, headers, late).id, "msg_1");
    assert.throws(() => hook.verify(BODY, headers, { now: new Date(NOW - 400_000) }), code("timestamp_too_new"));
    assert.throws(() => hook.verify(BODY, headers), code("timestamp_too_old"));
    assert.equal(hook.verify(BODY, hook.sign({ id: "msg_1", body: BODY })).id, "msg_1");
  });

  test("several secrets are for rotation", () => {
    const both = new Webhook("standard_webhooks", ["whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD", SECRET]);
    assert.equal(both.verify(BODY, headers, { now: NOW }).keyIndex, 1);
  });

  test("an error has a code, a hint, a status and a stack, and never the body or the secret", () => {
    for (const call of [
      () => hook.verify(BODY, { ...headers, "webhook-signature": "v1,bm9wZQ==" }, { now: NOW }),
      () => hook.verify("hunter2", headers, { now: NOW }),
      () => new Webhook("standard_webhooks", "hunter2!"),
      () =>
        new Webhook("naive", "secret")
          .verify("hunter2", new Webhook("naive", "secret").sign({ body: "hunter2" }))
          .json(),
    ]) {
      assert.throws(call, (error) => {
        assert.ok(error instanceof WebhookError && error instanceof Error);
        assert.equal(error.name, "WebhookError");
        const row = api.errorCodes().find((one) => one.code === error.code);
        assert.deepEqual([error.hint, error.status], [row.hint, row.httpStatus]);
        assert.match(error.stack, /verify\.mjs/);
        assert.doesNotMatch(`${error.message}${JSON.stringify(error)}`, /hunter2|bm9wZQ/);
        return true;
      });
    }
  });

  test("nativemsg: the signature in the body is enough", () => {
    const nativemsg = new Webhook("nativemsg", "secret");
    const signed = nativemsg.signBody('{"event":"message.received"}');
    assert.equal(nativemsg.verify(signed, {}).type, "message.received");
    assert.deepEqual(new Webhook("naive", "secret").signBody("abc"), new TextEncoder().encode("abc"));
    assert.throws(() => nativemsg.signBody("[]"), code("invalid_message"));
  });

  test("a result says whether there is an event, and never throws on a request", () => {
    const { ok, event } = hook.verifyResult(BODY, headers, { now: NOW });
    assert.deepEqual([ok, event.id, event.data], [true, "msg_1", JSON.parse(BODY)]);
    for (const [body, given, expected] of [
      [`${BODY} `, headers, "no_match"],
      [BODY, {}, "missing_header"],
      [{}, headers, "body_not_raw"],
      [BODY, null, "invalid_argument"],
    ]) {
      const result = hook.verifyResult(body, given, { now: NOW });
      assert.equal(result.ok, false);
      code(expected)(result.error);
    }
  });
}
