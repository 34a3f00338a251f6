/** What a scheme may need besides secret, body and headers: settings, method and URL, handshakes, published keys. */
import assert from "node:assert/strict";
import { test } from "node:test";

const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const BODY = '{"type":"invoice.paid","data":{"name":"café ✓"}}';
const NOW = 1_777_111_523_250;
const URL_OF_HOOK = "https://example.com/hooks?a=1";

export function testRequests(api) {
  const { Webhook, WebhookError } = api;
  const hook = new Webhook("standard_webhooks", SECRET);
  const headers = hook.sign({ id: "msg_1", body: BODY }, { now: NOW });
  const code = (expected) => (error) => {
    assert.ok(error instanceof WebhookError, `${error?.stack}`);
    assert.equal(error.code, expected, error.message);
    return true;
  };

  test("settings are given by name", () => {
    const token = new Webhook("okta", "secret", { config: { header_name: "X-Acme" } });
    assert.deepEqual(token.sign({ body: "{}" }), { "x-acme": "secret" });
    assert.equal(token.verify("{}", { "X-ACME": "secret" }).keyIndex, 0);
    for (const config of [undefined, {}, { header_name: undefined }, { header_name: null }]) {
      assert.deepEqual(new Webhook("okta", "secret", { config }).sign({ body: "{}" }), { "x-webhook-auth": "secret" });
    }
    const own = {
      id: "acme",
      config: { prefix: { description: "what stands before the signature" } },
      signature: { from: "header:x-acme", encoding: "hex", format: { mode: "plain", prefix: "{config:prefix}" } },
      signed_content: "{body}",
    };
    assert.match(new Webhook(own, "a", { config: { prefix: "v9=" } }).sign({ body: "" })["x-acme"], /^v9=/);
    assert.throws(() => new Webhook(own, "a"), code("missing_config"));
    assert.throws(() => new Webhook("livekit", "secret"), code("missing_config"));
    assert.throws(() => new Webhook("okta", "a", { config: { header_nam: "x" } }), code("invalid_config"));
    assert.throws(() => new Webhook("okta", "a", { config: { header_name: "" } }), code("invalid_config"));
    for (const config of ["x", 7, { header_name: 7 }, { header_name: ["x"] }]) {
      assert.throws(() => new Webhook("okta", "a", { config }), code("invalid_argument"));
      assert.throws(() => api.handshake("okta", "", {}, { config }), code("invalid_argument"));
    }
  });

  test("method and URL are told with the options, and a Fetch request is such", () => {
    const square = new Webhook("square", "secret");
    const signed = square.sign({ body: BODY, url: URL_OF_HOOK });
    assert.equal(square.verify(BODY, signed, { url: URL_OF_HOOK }).keyIndex, 0);
    const fetched = new Request(URL_OF_HOOK, { method: "POST", body: BODY, headers: signed });
    assert.equal(square.verify(BODY, fetched.headers, fetched).keyIndex, 0);
    assert.throws(() => square.verify(BODY, signed), code("missing_url"));
    assert.throws(() => square.verify(BODY, signed, { url: `${URL_OF_HOOK}&b=2` }), code("no_match"));

    const hubspot = new Webhook("hubspot_v3", "secret");
    const put = { method: "PUT", url: URL_OF_HOOK };
    const both = hubspot.sign({ body: BODY, ...put });
    assert.equal(hubspot.verify(BODY, both, put).keyIndex, 0);
    assert.throws(() => hubspot.verify(BODY, both, { url: URL_OF_HOOK }), code("no_match"));
    // Without a method, a request is a POST.
    const post = hubspot.sign({ body: BODY, url: URL_OF_HOOK });
    assert.equal(hubspot.verify(BODY, post, { method: "POST", url: URL_OF_HOOK }).keyIndex, 0);
    for (const options of [{ url: 7 }, { method: 7 }, { url: new URL(URL_OF_HOOK) }, { method: ["POST"] }]) {
      assert.throws(() => square.verify(BODY, signed, options), code("invalid_argument"));
      assert.throws(() => square.sign({ body: BODY, ...options }), code("invalid_argument"));
      assert.throws(() => api.handshake("asana", BODY, {}, options), code("invalid_argument"));
      assert.throws(() => api.keyRequest("asana", BODY, {}, options), code("invalid_argument"));
    }
  });

  test("a webhook says whether method and URL matter, and whether there are handshakes", () => {
    for (const [scheme, readsTarget, hasHandshake] of [
      ["standard_webhooks", false, false],
      ["hubspot_v3", true, false],
      ["slack", false, true],
    ]) {
      const webhook = new Webhook(scheme, SECRET);
      assert.deepEqual([webhook.readsTarget, webhook.hasHandshake], [readsTarget, hasHandshake]);
    }
    const options = { method: "PUT", url: "no URL" };
    const headers = hook.sign({ body: "{}", id: "msg_1" });
    assert.equal(hook.verify("{}", headers, options).id, "msg_1");
    assert.throws(() => hook.verify("{}", headers, { url: "\ud800" }), code("malformed_url"));
  });

  test("a message has other headers, for schemes that sign them", () => {
    const lob = new Webhook("lob", "secret");
    for (const headers of [
      { "Lob-Signature-Timestamp": "1777111523" },
      new Headers([["lob-signature-timestamp", "7"]]),
    ]) {
      const signed = lob.sign({ body: BODY, headers });
      assert.deepEqual(Object.keys(signed).sort(), ["lob-signature", "lob-signature-timestamp"]);
      assert.equal(lob.verify(BODY, signed).keyIndex, 0);
    }
    assert.throws(() => lob.sign({ body: BODY }), code("invalid_message"));
    assert.throws(() => lob.sign({ body: BODY, headers: 7 }), code("invalid_argument"));
  });

  test("all headers are handed over where the request says which ones it signs", () => {
    const secret = "x".repeat(64);
    const contentful = new Webhook("contentful", secret);
    const listed = "x-acme,x-contentful-signed-headers,x-contentful-timestamp";
    const sent = { "x-contentful-signed-headers": listed, "x-acme": "1" };
    const message = { body: BODY, headers: sent, url: URL_OF_HOOK };
    const all = {
      host: "example.com",
      "set-cookie": ["a=1", "b=2"],
      ...sent,
      ...contentful.sign(message, { now: NOW }),
    };
    const options = { url: URL_OF_HOOK, now: NOW };
    for (const given of [
      all,
      new Headers(Object.entries(all).filter(([, value]) => typeof value === "string")),
      new Map(Object.entries(all)),
      Object.entries(all),
    ]) {
      assert.equal(contentful.verify(BODY, given, options).keyIndex, 0);
    }
    assert.throws(() => contentful.verify(BODY, { ...all, "x-acme": "2" }, options), code("no_match"));
    assert.throws(() => contentful.verify(BODY, { get: (name) => all[name] }, options), code("invalid_argument"));
  });

  test("data is what the sender says, parsed once", () => {
    const verified = hook.verify(BODY, headers, { now: NOW });
    assert.deepEqual(verified.data, JSON.parse(BODY));
    assert.equal(verified.data, verified.data);
    assert.notEqual(verified.json(), verified.json());
    assert.equal(
      new Webhook("naive", "secret").verify("null", new Webhook("naive", "secret").sign({ body: "null" })).data,
      null,
    );

    const jwt = {
      id: "acme",
      algorithm: "jwt",
      signature: { from: "body", encoding: "base64url" },
      jwt: { algorithms: ["HS256"] },
      event_type: "claim:/type",
    };
    const token = new Webhook(jwt, "secret");
    const body = token.signBody('{"type":"invoice.paid","amount":250}');
    const { data, type, body: raw } = token.verify(body, {});
    assert.equal(data.amount, 250);
    assert.equal(type, "invoice.paid");
    assert.deepEqual(raw, body);
  });

  test("a handshake has an answer, and a delivery has none", async () => {
    const meta = new Webhook("meta", "secret", { config: { verify_token: "hunter2" } });
    const challenge = "https://example.com/hooks?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=hunter2";
    const answer = meta.handshake("", {}, new Request(challenge));
    assert.deepEqual([answer.status, answer.body], [200, "1158201444"]);
    const response = new Response(answer.body, answer);
    assert.deepEqual([response.status, await response.text()], [200, "1158201444"]);
    assert.equal(response.headers.get("content-type"), "text/plain");
    // As Node's server has it: the path alone.
    assert.deepEqual(
      meta.handshake("", {}, { method: "GET", url: challenge.slice("https://example.com".length) }),
      answer,
    );
    const wrong = meta.handshake("", {}, { method: "GET", url: `${challenge}x` });
    assert.deepEqual(wrong, { status: 403, headers: {}, body: null });
    assert.equal(new Response(wrong.body, wrong).status, 403);
    assert.equal(meta.handshake(BODY, {}, { url: challenge }), null);
    assert.equal(meta.handshake(BODY, {}), null);
    assert.throws(
      () => new Webhook("meta", "secret").handshake("", {}, { method: "GET", url: challenge }),
      code("missing_config"),
    );
    assert.throws(() => meta.handshake({ a: 1 }, {}), code("body_not_raw"));
    assert.throws(() => meta.handshake(BODY, 7), code("invalid_argument"));
    assert.throws(() => meta.handshake(BODY, {}, 7), code("invalid_argument"));
  });

  test("the first handshake brings the secret", () => {
    const secret = "b537207f20cbfa02357cf448134da559";
    const answer = api.handshake("asana", "", new Headers({ "X-Hook-Secret": secret }));
    assert.deepEqual(answer, { status: 200, headers: { "x-hook-secret": secret }, body: null, secret });
    const asana = new Webhook("asana", answer.secret);
    const signed = asana.sign({ body: BODY });
    assert.equal(asana.verify(BODY, signed).keyIndex, 0);
    assert.equal(asana.handshake(BODY, signed), null);
    assert.equal(api.handshake("asana", BODY, signed), null);
    assert.equal(api.handshake("naive", BODY, {}), null);
    const slack = '{"type":"url_verification","challenge":"abc","token":"abc"}';
    assert.throws(() => api.handshake("slack", slack, {}), code("invalid_secret"));
    assert.throws(() => api.handshake("nobody", BODY, {}), code("unknown_scheme"));
    assert.throws(() => api.handshake("asana", {}, {}), code("body_not_raw"));
  });

  test("a published key is asked for, from the sender's hosts only", () => {
    const sns = (url) =>
      JSON.stringify({ Type: "Notification", SignatureVersion: "1", Signature: "AA==", SigningCertURL: url });
    const cert = "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-0.pem";
    const topic = { config: { topic_arn: "arn:aws:sns:us-east-1:123456789012:Sample" } };
    assert.throws(() => api.keyRequest("kinde", sns(cert), {}), code("missing_config"));
    assert.deepEqual(api.keyRequest("aws_sns", sns(cert), {}, topic), { url: cert, keyId: null, format: "x509" });
    const foreign = sns("https://sns.example.com/a.pem");
    assert.throws(() => api.keyRequest("aws_sns", foreign, {}, topic), code("untrusted_key_url"));
    assert.throws(() => api.keyRequest("paypal", "{}", {}, { config: { webhook_id: "1" } }), code("missing_header"));
    assert.equal(api.keyRequest("naive", "{}", {}), null);
    const header = btoa('{"alg":"ES256","kid":"key-7"}').replaceAll("=", "");
    const plaid = api.keyRequest("plaid", "{}", { "Plaid-Verification": `${header}.e30.AAAA` });
    assert.deepEqual(plaid, { url: null, keyId: "key-7", format: "jwks" });
    const kinde = { config: { issuer: "https://example.kinde.com" } };
    assert.equal(
      api.keyRequest("kinde", `${header}.e30.AAAA`, {}, kinde).url,
      "https://example.kinde.com/.well-known/jwks",
    );
  });

  test("a pair of keys signs with one and verifies with the other", () => {
    const { privateKey, publicKey } = api.generateKeyPair();
    assert.match(privateKey, /^whsk_/);
    assert.match(publicKey, /^whpk_/);
    assert.notEqual(api.generateKeyPair().privateKey, privateKey);
    const sender = new Webhook("standard_webhooks_ed25519", privateKey);
    const receiver = new Webhook("standard_webhooks_ed25519", publicKey);
    const signed = sender.sign({ id: "msg_1", body: BODY });
    assert.match(signed["webhook-signature"], /^v1a,/);
    assert.equal(receiver.verify(BODY, signed).id, "msg_1");
    assert.throws(() => receiver.sign({ id: "msg_1", body: BODY }), code("invalid_secret"));
    const other = new Webhook("standard_webhooks_ed25519", api.generateKeyPair().publicKey);
    assert.throws(() => other.verify(BODY, signed), code("no_match"));
  });

  test("a refusal is explained, without a secret, a signature or the body", () => {
    const stale = { now: NOW + 3_600_000 };
    const causes = (...call) => {
      const { verified, error, findings } = api.explain(...call);
      assert.equal(verified, error === null);
      const said = JSON.stringify([error?.message, findings]);
      assert.ok(!said.includes("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw") && !said.includes("invoice"), said);
      for (const { message, hint, certain } of findings) assert.ok(message && hint && typeof certain === "boolean");
      return [error?.code ?? null, findings[0]?.cause];
    };
    const pretty = JSON.stringify(JSON.parse(BODY), null, 2);
    const scheme = "standard_webhooks";
    assert.deepEqual(causes(scheme, SECRET, pretty, headers, { now: NOW }), ["no_match", "body_reserialized"]);
    assert.deepEqual(causes(scheme, `${SECRET}\n`, BODY, headers, { now: NOW }), ["invalid_secret", "secret_padded"]);
    assert.equal(causes(scheme, SECRET, BODY, headers, stale)[0], "timestamp_too_old");
    assert.deepEqual(api.explain(scheme, SECRET, BODY, headers, { ...stale, tolerance: 7200 }).error, null);
    assert.equal(causes(scheme, [SECRET], new TextEncoder().encode(BODY), new Headers(headers), { now: NOW })[0], null);

    const renamed = { "x-webhook-signature-old": headers["webhook-signature"], "webhook-id": "msg_1" };
    const { error } = api.explain(scheme, SECRET, BODY, renamed, { now: NOW });
    assert.ok(error instanceof WebhookError && error.code === "missing_header" && error.status === 401);
    const square = new Webhook("square", "secret").sign({ body: BODY, url: URL_OF_HOOK });
    const elsewhere = { url: "http://example.com/hooks?a=1", method: "POST" };
    assert.deepEqual(causes("square", "secret", BODY, square, elsewhere), ["no_match", "wrong_url"]);

    assert.throws(() => api.explain("nobody", SECRET, BODY, headers), code("unknown_scheme"));
    assert.throws(() => api.explain("livekit", SECRET, BODY, headers), code("missing_config"));
    assert.throws(() => api.explain(scheme, SECRET, JSON.parse(BODY), headers), code("body_not_raw"));
    assert.throws(() => api.explain(scheme, 7, BODY, headers), code("invalid_argument"));
    assert.throws(() => api.explain(scheme, SECRET, BODY, { get: () => null }), code("invalid_argument"));
    assert.throws(() => api.explain(scheme, SECRET, BODY, headers, { tolerance: -1 }), code("invalid_argument"));
  });
}
