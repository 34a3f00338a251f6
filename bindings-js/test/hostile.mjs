/** What callers pass by mistake, and what others make them pass: refused by name, and no harm to what comes after. */
import assert from "node:assert/strict";
import { test } from "node:test";

const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const BODY = '{"type":"invoice.paid"}';
const NOW = 1_777_111_523_250;
const MAX_BODY = 2 ** 28;

/** `copies` are the same package, loaded once more: required, or from another entry. */
export function testHostile(api, copies) {
  const { RetryPolicy, verifyWebhookSignature, Webhook, WebhookError } = api;
  const hook = new Webhook("standard_webhooks", SECRET);
  const naive = new Webhook("naive", "secret");
  const headers = hook.sign({ id: "msg_1", body: BODY }, { now: NOW });
  const policy = RetryPolicy.profile("yativo");
  const refused = (code, call, message = /./) =>
    assert.throws(call, (error) => {
      assert.ok(error instanceof WebhookError, `${call}: ${error?.stack}`);
      assert.equal(error.code, code, `${call}: ${error.message}`);
      assert.match(error.message, message);
      return true;
    });

  const loneSurrogates = () => {
    for (const text of ["\ud800", "a\udc00", "\udc00\ud800", `${BODY}\ud83d`]) {
      refused("body_not_raw", () => hook.verify(text, headers));
      refused("body_not_raw", () => naive.sign({ body: text }));
      refused("body_not_raw", () => naive.signBody(text));
      refused("body_not_raw", () => verifyWebhookSignature("secret", text, "00"));
      refused("invalid_secret", () => new Webhook("naive", text));
      refused("invalid_secret", () => new Webhook("naive", ["secret", text]));
      refused("invalid_secret", () => verifyWebhookSignature(text, BODY, "00"));
      refused("malformed_header", () => hook.verify(BODY, { ...headers, "webhook-id": text }, { now: NOW }));
      refused("malformed_header", () => hook.verify(BODY, { ...headers, "webhook-signature": ["v1,", text] }));
      refused("invalid_scheme", () => new Webhook({ id: text }, "secret"));
      refused("unknown_scheme", () => new Webhook(text, "secret"));
      refused("malformed_url", () => hook.verify(BODY, headers, { url: text, now: NOW }));
      refused("malformed_url", () => naive.sign({ body: BODY, url: text }));
      refused("malformed_url", () => api.keyRequest("naive", BODY, {}, { url: text }));
      refused("invalid_argument", () => hook.verify(BODY, headers, { method: text, now: NOW }));
      refused("invalid_argument", () => api.handshake("naive", BODY, {}, { method: text }));
      refused("malformed_header", () => naive.sign({ body: BODY, headers: { "x-naive-signature": text } }));
      refused("invalid_config", () => new Webhook("okta", "secret", { config: { header_name: text } }));
      refused("invalid_config", () => new Webhook("okta", "secret", { config: { [text]: "x" } }));
    }
    assert.equal(naive.verify("😀", naive.sign({ body: "😀" })).body.length, 4);
  };

  test("text with a lone surrogate is no text: nothing is verified that was not sent", loneSurrogates);

  test("so it is where the runtime cannot tell", () => {
    const own = Object.getOwnPropertyDescriptor(String.prototype, "isWellFormed");
    delete String.prototype.isWellFormed;
    try {
      loneSurrogates();
    } finally {
      if (own) Object.defineProperty(String.prototype, "isWellFormed", own);
    }
  });

  test("a header's name has two cases, and no other letters", () => {
    const { "webhook-id": id, ...others } = headers;
    refused("missing_header", () => hook.verify(BODY, { ...others, "webhoo\u212a-id": id }, { now: NOW }));
    assert.equal(hook.verify(BODY, { ...headers, "webhoo\u212a-id": "msg_2" }, { now: NOW }).id, "msg_1");
  });

  test("what a body says of itself is not believed", () => {
    const bytes = new TextEncoder().encode(BODY);
    class Named extends Uint8Array {
      get [Symbol.toStringTag]() {
        return "Float64Array";
      }
    }
    const lies = { length: 0, byteLength: 1, byteOffset: 7, buffer: new ArrayBuffer(1), constructor: Array };
    const lying = (body) =>
      Object.defineProperties(body, Object.fromEntries(Object.entries(lies).map(([name, value]) => [name, { value }])));
    for (const body of [
      lying(bytes.slice()),
      lying(new Named(bytes)),
      lying(new DataView(bytes.slice().buffer)),
      lying(bytes.slice().buffer),
      Object.setPrototypeOf(bytes.slice(), Array.prototype),
      Object.setPrototypeOf(new DataView(bytes.slice().buffer), Float64Array.prototype),
    ]) {
      const verified = hook.verify(body, headers, { now: NOW });
      assert.deepEqual([verified.body.length, verified.json()], [bytes.length, JSON.parse(BODY)]);
      assert.equal(Buffer.from(naive.signBody(body)).toString(), BODY);
    }
    for (let round = 0; round < 50; round += 1) {
      const short = Object.defineProperty(new Uint8Array(60_000).fill(0xff), "length", { value: round % 2 });
      refused("no_match", () => naive.verify(short, { "x-naive-signature": "00".repeat(32) }));
    }
    assert.equal(hook.verify(BODY, headers, { now: NOW }).id, "msg_1");
    assert.equal(new Webhook("yativo", "secret").scheme, "yativo");
  });

  test("a body may be resized or go away while it is looked at", () => {
    const resizable = new Uint8Array(new ArrayBuffer(BODY.length, { maxByteLength: 100 }));
    resizable.set(new TextEncoder().encode(BODY));
    const verified = hook.verify(resizable, headers, { now: NOW });
    if (resizable.buffer.resizable) resizable.buffer.resize(0);
    assert.deepEqual(verified.json(), JSON.parse(BODY));

    const taking = (value, call) => {
      const body = new TextEncoder().encode(BODY);
      const take = () => {
        if (body.length > 0) structuredClone(body.buffer, { transfer: [body.buffer] });
        return value;
      };
      refused("body_not_raw", () => call(body, take));
    };
    const signature = naive.sign({ body: BODY })["x-naive-signature"];
    const getter = (name, get) => Object.defineProperty({}, name, { enumerable: true, get });
    taking(signature, (body, take) => naive.verify(body, getter("x-naive-signature", take)));
    taking(NOW, (body, take) => naive.verify(body, {}, getter("now", take)));
    taking("POST", (body, take) => naive.handshake(body, {}, getter("method", take)));
    taking("POST", (body, take) => api.handshake("naive", body, {}, getter("url", take)));
    taking({}, (body, take) => api.keyRequest("naive", body, {}, getter("config", take)));
    taking({}, (body, take) => naive.sign(Object.defineProperty({ body }, "headers", { get: take })));
    taking(signature, (body, take) => naive.sign({ body, headers: getter("x-naive-signature", take) }));
    taking(NOW, (body, take) => naive.sign({ body }, getter("now", take)));
    taking("msg_1", (body, take) => naive.sign(Object.defineProperty({ body }, "id", { get: take })));
    const taken = (get) => Object.defineProperty([""], 0, { get });
    taking(signature, (body, take) => verifyWebhookSignature("secret", body, taken(take)));
  });

  test("a body of more than 256 MiB is refused", () => {
    for (const body of [new Uint8Array(MAX_BODY + 1), new ArrayBuffer(MAX_BODY + 1), "x".repeat(MAX_BODY + 1)]) {
      refused("invalid_argument", () => naive.verify(body, {}), /at most 268435456 bytes, got 268435457/);
    }
    refused("invalid_argument", () => naive.sign({ body: "é".repeat(MAX_BODY / 2 + 1) }), /got 268435458/);
  });

  test("a definition is an object that JSON can hold, whole", () => {
    const cycle = {};
    cycle.self = cycle;
    const deep = {};
    for (let at = deep, depth = 0; depth < 100_000; depth += 1) at = at.a = {};
    const thrower = Object.defineProperty({}, "schedule", {
      enumerable: true,
      get() {
        throw new Error("no");
      },
    });
    for (const definition of [
      [],
      ["acme"],
      cycle,
      deep,
      thrower,
      { id: 1n },
      { max_age_seconds: NaN },
      { schedule: { list: [1, Infinity] } },
      { timestamp: () => 1 },
      { timestamp: Symbol("x") },
      { toJSON: () => "naive" },
      { toJSON: () => [1] },
      revoked({}),
    ]) {
      refused("invalid_argument", () => new Webhook(definition, "secret"), /takes a name or an object/);
      refused("invalid_argument", () => RetryPolicy.from(definition), /takes an object/);
    }
    refused("invalid_argument", () => new Webhook(7, "secret"), /takes a name or an object, got a value of type/);
    refused("invalid_scheme", () => new Webhook({}, "secret"));
    refused("invalid_scheme", () => new Webhook(new Map(), "secret"));
    refused("invalid_retry_policy", () => RetryPolicy.from({}));
  });

  test("the scheme is looked at before the secret", () => {
    refused("unknown_scheme", () => new Webhook("nobody", ""));
    refused("unknown_scheme", () => new Webhook("nobody", []));
    refused("invalid_scheme", () => new Webhook({ id: "acme" }, ""));
    refused("invalid_secret", () => new Webhook("naive", ""));
  });

  test("a policy is not made by `new`", () => {
    for (const given of [undefined, {}, { schedule: { list: [1] } }, policy]) {
      refused("invalid_argument", () => new RetryPolicy(given), /RetryPolicy\.preset\(name\) or RetryPolicy\.from/);
    }
  });

  test("an attempt is checked whatever came of it", () => {
    const whole = /takes a string or a whole number from 0 to 9007199254740991/;
    for (const status of [undefined, null, 200, 503]) {
      for (const retryAfter of [-1, 1.5, NaN, Infinity, 2 ** 53, 1e21, true, {}, []]) {
        refused("invalid_argument", () => policy.next({ attempt: 1, status, retryAfter }), whole);
      }
      refused("invalid_argument", () => policy.next({ attempt: 0, status }));
      for (const random of [-0.1, 1.1, NaN, Infinity]) {
        refused("invalid_argument", () => policy.next({ attempt: 1, status, random }));
      }
    }
    for (const status of [0, 99, 600, 65_535, 65_536, 200.5]) {
      refused("invalid_argument", () => policy.next({ attempt: 1, status }));
    }
    assert.equal(policy.next({ attempt: 1, status: 503, retryAfter: -0, now: 0 }).delayMs, 60_000);
  });

  test("a delay is whole milliseconds from now, and never negative", () => {
    const next = (fields) => {
      const { at, delayMs } = policy.next({ attempt: 1, status: 503, ...fields });
      return [at.getTime(), delayMs];
    };
    const end = 253_402_300_799_999;
    assert.deepEqual(next({ now: 1000.9 }), [61_000, 60_000]);
    assert.deepEqual(next({ now: -5 }), [60_000, 60_000]);
    assert.deepEqual(next({ now: 1e300 }), [end, 0]);
    assert.deepEqual(next({ now: end - 7 }), [end, 7]);
    assert.deepEqual(next({ now: 1000, retryAfter: 604_800 }), [604_801_000, 604_800_000]);
    const { reason } = policy.next({ attempt: 1, status: 503, retryAfter: 2 ** 53 - 1 });
    assert.equal(reason, "retry_after_too_long");
    assert.equal(hook.verify(BODY, headers, { now: NOW + 299_750.9 }).id, "msg_1");
  });

  test("a byte order mark is not JSON", () => {
    const body = `\ufeff${BODY}`;
    refused("invalid_payload", () => naive.verify(body, naive.sign({ body })).json());
  });

  test("an error of any copy of the package is a WebhookError, and nothing else is", () => {
    const thrown = (call) => {
      try {
        call();
      } catch (error) {
        return error;
      }
    };
    class Special extends WebhookError {}
    for (const copy of [api, ...copies]) {
      for (const error of [
        thrown(() => new copy.Webhook("nobody", "secret")),
        thrown(() => copy.verifyWebhookSignature(7)),
        new copy.WebhookError("no_match", ""),
      ]) {
        assert.ok(error instanceof WebhookError && error instanceof copy.WebhookError && error instanceof Error);
        assert.ok(!(error instanceof Special));
      }
      if (copy !== api) assert.notEqual(copy.WebhookError, WebhookError);
    }
    assert.ok(new Special("no_match", "") instanceof Special && new Special("no_match", "") instanceof WebhookError);
    const gone = revoked(new WebhookError("no_match", ""));
    for (const other of [undefined, null, 7, "no_match", {}, new Error("no_match"), gone]) {
      assert.ok(!(other instanceof WebhookError));
    }
    assert.equal(WebhookError.name, "WebhookError");
    assert.deepEqual(Object.keys(new WebhookError("no_match", "")).sort(), ["code", "hint", "name", "status"]);
  });
}

function revoked(target) {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
}
