/** What the face adds to the core: every kind of body, headers and argument, and no error but its own. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { runInNewContext } from "node:vm";
import { weird } from "./weird.mjs";

const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const BODY = '{"type":"invoice.paid","data":{"name":"café ✓"}}';
const NOW = 1_777_111_523_250;

export function testFace(api) {
  const { RetryPolicy, verifyWebhookSignature, Webhook, WebhookError } = api;
  const hook = new Webhook("standard_webhooks", SECRET);
  const headers = hook.sign({ id: "msg_1", body: BODY }, { now: NOW });
  const code = (expected) => (error) => {
    assert.ok(error instanceof WebhookError, `${error?.stack}`);
    assert.equal(error.code, expected, error.message);
    return true;
  };

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
      for (const call of [
        () => hook.verify(body, headers),
        () => hook.sign({ id: "msg_1", body }),
        () => hook.signBody(body),
        () => verifyWebhookSignature("secret", body, "00"),
      ]) {
        assert.throws(
          call,
          (error) => code("body_not_raw")(error) && /raw request body/.test(error.hint) && error.status === 500,
        );
      }
    }
  });

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
      ["webhook-id", "a"],
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

  test("a body that is not JSON verifies, and says so when it is parsed", () => {
    const naive = new Webhook("naive", "secret");
    for (const body of ["", "not json", new Uint8Array([0x22, 0xff, 0x22])]) {
      assert.throws(() => naive.verify(body, naive.sign({ body })).json(), code("invalid_payload"));
    }
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
        assert.match(error.stack, /face\.mjs/);
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

  test("the types list what the core has", () => {
    const union = (file, type) => {
      const source = readFileSync(new URL(`../${file}`, import.meta.url), "utf8");
      return [...source.match(new RegExp(`export type ${type} =([^;]*);`))[1].matchAll(/"([^"]+)"/g)].map(
        (match) => match[1],
      );
    };
    assert.deepEqual(
      union("error.ts", "ErrorCode"),
      api.errorCodes().map((row) => row.code),
    );
    const causes = readFileSync(new URL("../../core/src/explain/cause.rs", import.meta.url), "utf8");
    assert.deepEqual(
      union("explain.ts", "Cause"),
      [...causes.matchAll(/^ {4}[A-Z]\w+ = "(\w+)",$/gm)].map((match) => match[1]),
    );
    assert.deepEqual(
      union("scheme-name.ts", "SchemeName"),
      api.schemes().map(({ id }) => id),
    );
    const profiles = union("retry.ts", "ProfileName");
    for (const profile of profiles) assert.ok(RetryPolicy.profile(profile).maxAttempts > 0);
    assert.deepEqual([...profiles, ...union("retry.ts", "PresetName")], RetryPolicy.presets());
  });

  test("the type of a scheme has the members of its JSON Schema", () => {
    const schema = JSON.parse(readFileSync(new URL("../../schemas/scheme.json", import.meta.url), "utf8"));
    const source = readFileSync(new URL("../scheme-definition.ts", import.meta.url), "utf8");
    const definitions = { SchemeDefinition: schema, HandshakeRule: schema.$defs.Rule };
    for (const name of ["SchemeDefinition", "HandshakeRule", "HashClaim", "JwtRule", "KeyRule", "SignatureRule"]) {
      const { properties, required } = definitions[name] ?? schema.$defs[name];
      const [, members] = source.match(new RegExp(`export interface ${name} {(.*?)\\n}`, "s"));
      const found = Object.fromEntries([...members.matchAll(/^ {2}([\w$]+)(\??):/gm)].map((match) => match.slice(1)));
      const wanted = Object.keys(properties).map((key) => [key, required?.includes(key) ? "" : "?"]);
      assert.deepEqual(found, Object.fromEntries(wanted), name);
    }
    const modes = schema.$defs.Format.oneOf.map(({ properties }) => `mode: "${properties.mode.const}"`);
    const algorithms = schema.$defs.Algorithm.oneOf.map((one) => `"${one.const}"`);
    for (const text of [...modes, ...algorithms]) assert.ok(source.includes(text), text);
  });

  test("every built-in scheme says what it is, and verifies what it signs", () => {
    const verified = [];
    const schemes = api.schemes();
    for (const { id, name, source, confidence, notes, config } of schemes) {
      assert.ok(name && source && ["high", "medium", "low"].includes(confidence), id);
      assert.ok(notes === null || notes.length > 0, id);
      const hook = withSecret(api, id, config);
      if (!hook) continue;
      assert.equal(hook.scheme, id);
      const other = { "x-other": "1" };
      const message = { id: "evt_1", type: "invoice.paid", body: BODY, url: URL_OF_HOOK, headers: other };
      try {
        const signed = hook.sign(message, { now: NOW });
        const { keyIndex } = hook.verify(BODY, { ...other, ...signed }, { url: URL_OF_HOOK, now: NOW });
        assert.equal(keyIndex, 0);
        verified.push(id);
      } catch (error) {
        // A few sign a header or a member of the body that this message does not have, or stand in the body or the URL.
        assert.ok(error instanceof WebhookError, `${id}: ${error.stack}`);
        assert.ok(UNFIT.has(error.code), `${id}: ${error.code}, ${error.message}`);
      }
    }
    assert.ok(verified.length > 180, `only ${verified.length} of ${schemes.length}`);
    const { config } = schemes.find(({ id }) => id === "okta");
    assert.deepEqual(Object.keys(config), ["header_name"]);
    assert.match(config.header_name, /name of the header/i);
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

const URL_OF_HOOK = "https://example.com/hooks?a=1";

/** Why a scheme does not sign the sample, or verify it without more than its headers. */
const UNFIT = new Set(["invalid_message", "missing_header", "missing_value", "malformed_body", "malformed_header"]);

/** A webhook of this scheme, with the first secret that it takes; none for a scheme of public keys. */
function withSecret({ generateKeyPair, Webhook }, scheme, config) {
  const given = Object.fromEntries(Object.keys(config).map((name) => [name, SETTINGS[name] ?? "sample"]));
  const secrets = [SECRET, SECRET.replace("whsec_", ""), "00ff".repeat(16), "secret", "x".repeat(64)];
  for (const secret of [...secrets, generateKeyPair().privateKey]) {
    try {
      return new Webhook(scheme, secret, { config: given });
    } catch (error) {
      assert.equal(error.code, "invalid_secret", `${scheme}: ${error.message}`);
    }
  }
  return undefined;
}

const SETTINGS = { header_name: "x-acme", issuer: "https://example.com" };
