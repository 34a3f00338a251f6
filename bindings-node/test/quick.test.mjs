// Verifying in one crossing and the general way come to the same, whatever is passed.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Webhook } from "hookseal";
import { loadVectors } from "../../bindings-js/test/vectors.mjs";

const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const NOW = 1_777_111_523_250;

/** What comes of a call: all that an event says, or the error. */
function outcome(verify) {
  try {
    const event = verify();
    const { id, type, timestamp, keyIndex } = event;
    return { id, type, timestamp, keyIndex, body: [...event.body], data: dataOf(event) };
  } catch ({ name, code, message }) {
    return { name, code, message };
  }
}

function dataOf(event) {
  try {
    return event.data;
  } catch ({ code }) {
    return code;
  }
}

/** None where the vector is about that. */
function made(...given) {
  try {
    return new Webhook(...given);
  } catch {
    return undefined;
  }
}

/** That a method is said, if only the usual one, is enough for the general way. */
function sameBothWays(hook, body, headers, now) {
  const general = outcome(() => hook.verify(body, headers, { now, method: "POST" }));
  assert.deepEqual(outcome(() => hook.verify(body, headers, { now })), general);
  return general;
}

test("headers of Node, of Fetch and as pairs verify alike", () => {
  let count = 0;
  for (const { operation, testGroups } of Object.values(loadVectors())) {
    if (operation !== "verify") continue;
    for (const { scheme, secrets, config, toleranceSeconds, tests } of testGroups) {
      const hook = made(scheme, secrets, { config, tolerance: toleranceSeconds });
      if (!hook) continue;
      for (const { body, bodyBase64, headers, nowMs } of tests) {
        const bytes = Buffer.from(bodyBase64 ?? body ?? "", bodyBase64 === undefined ? "utf8" : "base64");
        const pairs = sameBothWays(hook, bytes, headers, nowMs);
        const names = headers.map(([name]) => name.toLowerCase());
        if (new Set(names).size !== names.length) continue;
        const object = Object.fromEntries(headers.map(([name, value]) => [name.toLowerCase(), value]));
        assert.deepEqual(sameBothWays(hook, bytes, { host: "example.com", ...object }, nowMs), pairs);
        count += 1;
      }
    }
  }
  assert.ok(count > 500, `${count} vectors`);
});

test("bodies, ids and headers out of the ordinary verify alike", () => {
  const hook = new Webhook("standard_webhooks", ["whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD", SECRET]);
  const signer = new Webhook("standard_webhooks", SECRET);
  const ids = ["msg_1", 'a"b', "a\\b", "x".repeat(40), "x".repeat(256), "a~"];
  const types = ["invoice.paid", "é", 'a"b', "a\nb", "", "😀", 7, null, "x".repeat(300)];
  for (const id of ids) {
    for (const type of types) {
      const body = Buffer.from(JSON.stringify({ type, id }));
      const headers = signer.sign({ id, body }, { now: NOW });
      const event = sameBothWays(hook, body, headers, NOW);
      assert.deepEqual([event.id, event.data, event.keyIndex], [id, { type, id }, 1]);
      const long = { ...headers, "webhook-signature": `v1,${"A".repeat(400)} ${headers["webhook-signature"]}` };
      assert.equal(sameBothWays(hook, body, long, NOW).id, id);
    }
  }
  const text = '{"type":"a"}';
  const good = signer.sign({ id: "msg_1", body: text }, { now: NOW });
  const shared = new Uint8Array(new SharedArrayBuffer(text.length));
  shared.set(Buffer.from(text));
  const within = new Uint8Array(Buffer.from(`12345${text}678`)).subarray(5, 5 + text.length);
  const bytes = [...Buffer.from(text)];
  const buffer = Uint8Array.from(bytes).buffer;
  const views = [new DataView(buffer), Int8Array.from(bytes), Uint8ClampedArray.from(bytes)];
  for (const body of [text, Buffer.from(text), shared, within, buffer, ...views]) {
    assert.equal(sameBothWays(hook, body, good, NOW).type, "a");
  }
  for (const body of ["", Buffer.alloc(0), Buffer.from([0xff]), {}, null, 7, [1], new Uint16Array(4)]) {
    assert.notEqual(sameBothWays(hook, body, good, NOW).code, undefined);
  }
  for (const [name, value] of Object.entries(good)) {
    for (const wrong of ["", "\u0000", "é", "\u0176\u0131", "\ud800", "x".repeat(9000), undefined, null, 7, [], [value], [value, value], {}]) {
      sameBothWays(hook, text, { ...good, [name]: wrong }, NOW);
    }
    // Cut to their lower bytes, these characters would be those that were signed.
    const wide = [...value].map((letter) => String.fromCharCode(letter.charCodeAt(0) + 256)).join("");
    assert.equal(sameBothWays(hook, text, { ...good, [name]: wide }, NOW).name, "WebhookError");
  }
  for (const now of [0, -1, NaN, Infinity, 1e300, "now", new Date(NOW), NOW + 0.9]) sameBothWays(hook, text, good, now);
});

test("an event shows what it holds when it is logged", async () => {
  const { inspect } = await import("node:util");
  const hook = new Webhook("standard_webhooks", SECRET);
  const body = '{"type":"invoice.paid"}';
  assert.match(inspect(hook.verify(body, hook.sign({ id: "msg_1", body }))), /id: 'msg_1'.*type: 'invoice\.paid'/s);
});
