/** Every kind of body that there is. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { runInNewContext } from "node:vm";
import { BODY, codeOf, NOW, SECRET } from "./sample.mjs";

export function testBodies(api) {
  const { verifyWebhookSignature, Webhook, WebhookError } = api;
  const hook = new Webhook("standard_webhooks", SECRET);
  const headers = hook.sign({ id: "msg_1", body: BODY }, { now: NOW });
  const code = codeOf(WebhookError);

  test("every kind of raw body is the same bytes", () => {
    const bytes = new TextEncoder().encode(BODY);
    const padded = new Uint8Array([0, 0, ...bytes, 0]);
    const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
    shared.set(bytes);
    const foreign = runInNewContext("Uint8Array.from(bytes)", { bytes: [...bytes] });
    for (const body of [
      BODY,
      bytes,
      bytes.buffer,
      Buffer.from(BODY),
      padded.subarray(2, -1),
      new DataView(padded.buffer, 2, bytes.length),
      new Uint8ClampedArray(bytes),
      shared,
      shared.buffer,
      foreign,
      foreign.buffer,
    ]) {
      assert.equal(hook.verify(body, headers, { now: NOW }).id, "msg_1");
      assert.deepEqual(hook.sign({ id: "msg_1", body }, { now: NOW }), headers);
    }
    assert.equal(
      new Webhook("naive", "secret").verify("", new Webhook("naive", "secret").sign({ body: new Uint8Array() })).body
        .length,
      0,
    );
  });

  test("a body that is no raw body is refused with the remedy", () => {
    const parsed = [
      { a: 1 },
      {},
      [],
      [1, 2],
      null,
      undefined,
      7,
      true,
      7n,
      Symbol("x"),
      () => BODY,
      Promise.resolve(BODY),
      new Map(),
      new Date(),
    ];
    for (const body of parsed) {
      for (const [call, hint] of [
        [() => hook.verify(body, headers), /raw request body/],
        [() => hook.sign({ id: "msg_1", body }), /that you send: `JSON\.stringify/],
        [() => hook.signBody(body), /that you send: `JSON\.stringify/],
        [() => verifyWebhookSignature("secret", body, "00"), /raw request body/],
      ]) {
        assert.throws(call, (error) => code("body_not_raw")(error) && hint.test(error.hint) && error.status === 500);
      }
    }
  });

  test("a body that is not JSON verifies, and says so when it is parsed", () => {
    const naive = new Webhook("naive", "secret");
    for (const body of ["", "not json", new Uint8Array([0x22, 0xff, 0x22])]) {
      assert.throws(
        () => naive.verify(body, naive.sign({ body })).json(),
        (error) => code("invalid_payload")(error) && /read `event\.body`, a form as `URLSearchParams`/.test(error.message),
      );
    }
  });

  test("who passes a parsed body is told where the frameworks keep the raw one", () => {
    assert.throws(
      () => hook.verify({ a: 1 }, headers),
      ({ hint }) => {
        for (const name of ["Express", "Fastify", "Koa", "Hono", "Next.js", "NestJS", "Lambda"]) {
          assert.ok(hint.includes(`${name}: `), name);
        }
        return !hint.includes("\n");
      },
    );
  });
}
