/** What newcomers do wrong: each is refused with words that say what to do, and without the secret. */
import assert from "node:assert/strict";
import { test } from "node:test";

const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const BODY = '{"type":"invoice.paid","amount":250.0,"name":"Zoë"}';

export function testMistakes({ explain, Idempotency, MemoryStore, verifyWebhookSignature, Webhook, WebhookError }) {
  const hook = new Webhook("standard_webhooks", SECRET);
  const headers = hook.sign({ id: "msg_1", body: BODY });
  const { "webhook-signature": signature, ...unsigned } = headers;
  const verify = (body, given = headers) => hook.verify(body, given);
  const renamed = (from, to) =>
    Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.replace(from, to), value]));

  const mistakes = {
    "a parsed body": [() => verify(JSON.parse(BODY)), "body_not_raw", /express\.raw/],
    "no body": [() => verify(undefined), "body_not_raw", /got undefined.*raw request body/],
    "a body that was not awaited": [() => verify(Promise.resolve(BODY)), "body_not_raw", /a promise: `await` it/],
    "a Fetch request in place of its body": [
      () => verify(new Request("https://example.com", { method: "POST", body: BODY })),
      "body_not_raw",
      /a Request: pass `await` of its `arrayBuffer\(\)`/,
    ],
    "a stream in place of what it holds": [() => verify(new Blob([BODY]).stream()), "body_not_raw", /a stream: read it first/],
    "a request of Node in place of its body": [
      () => verify({ headers, complete: false, pipe: () => {} }),
      "body_not_raw",
      /a stream: read it first/,
    ],
    "headers that were not awaited": [
      () => verify(BODY, Promise.resolve(headers)),
      "invalid_argument",
      /`headers` is a promise: `await` it/,
    ],
    "an object to be sent": [
      () => hook.sign({ id: "msg_1", body: JSON.parse(BODY) }),
      "body_not_raw",
      /`JSON\.stringify\(…\)` once, for `sign` and for the request/,
    ],
    "a message without its id": [
      () => hook.sign({ body: BODY }),
      "invalid_message",
      /the id of the event is needed: it is signed as header `webhook-id`/,
    ],
    "the URL that the server behind a proxy sees": [
      () => {
        const twilio = new Webhook("twilio", "secret");
        const signed = twilio.sign({ body: "a=1", url: "https://example.com/hooks" });
        return twilio.verify("a=1", signed, { url: "http://10.0.0.1:3000/hooks" });
      },
      "no_match",
      /the URL that is registered with the sender is signed, too/,
    ],
    "a body that was serialised again": [
      () => verify(JSON.stringify(JSON.parse(BODY))),
      "no_match",
      /not parsed and serialised/,
    ],
    "a body whose bytes were lost": [
      () => verify(Buffer.from(BODY).toString("latin1")),
      "no_match",
      /raw bytes as received/,
    ],
    "body and headers mixed up": [() => hook.verify(headers, BODY), "invalid_argument", /`headers` takes/],
    "the signature in place of the headers": [() => verify(BODY, signature), "invalid_argument", /`headers` takes/],
    "a Fetch request in place of its headers": [
      () => verify(BODY, new Request("https://example.com", { method: "POST", body: BODY, headers })),
      "invalid_argument",
      /pass `request\.headers`/,
    ],
    "a request of Node or of a function in place of its headers": [
      () => verify(BODY, { method: "POST", body: BODY, complete: true, headers }),
      "invalid_argument",
      /pass `request\.headers`/,
    ],
    "a request in place of its headers, to be explained": [
      () => explain("standard_webhooks", SECRET, BODY, { method: "POST", socket: {}, headers }),
      "invalid_argument",
      /pass `request\.headers`/,
    ],
    "no signature": [
      () => verify(BODY, unsigned),
      "missing_header",
      /`webhook-signature` is missing.*pass this header on/,
    ],
    "another header": [
      () => verify(BODY, { ...unsigned, "x-signature": signature }),
      "missing_header",
      /`webhook-signature`/,
    ],
    "another provider": [
      () => verify(BODY, new Webhook("github", "s").sign({ body: BODY })),
      "missing_header",
      /scheme is the sender's/,
    ],
    "half a signature": [
      () => verify(BODY, { ...headers, "webhook-signature": signature.slice(0, 20) }),
      "malformed_header",
      /17 characters that is not 44/,
    ],
    "a signature without its prefix": [
      () => verify(BODY, { ...headers, "webhook-signature": signature.slice(3) }),
      "malformed_header",
      /`v1,…`/,
    ],
    "a header that came twice": [
      () => verify(BODY, { ...headers, "webhook-id": ["a", "b"] }),
      "malformed_header",
      /`webhook-id` came more than once/,
    ],
    "an old request": [
      () => verify(BODY, hook.sign({ id: "m", body: BODY }, { now: Date.now() - 3_600_000 })),
      "timestamp_too_old",
      /tolerance is 300 s.*clock/,
    ],
    "another secret": [
      () => new Webhook("standard_webhooks", `whsec_${"A".repeat(32)}`).verify(BODY, headers),
      "no_match",
      /check the secret/,
    ],
    "a secret that is not set": [
      () => new Webhook("standard_webhooks", undefined),
      "invalid_argument",
      /environment variable/,
    ],
    "a secret that is not set, of one header": [
      () => verifyWebhookSignature(undefined, BODY, signature),
      "invalid_argument",
      /got undefined; .*environment variable/,
    ],
    "an option that is misspelt": [
      () => new Webhook("standard_webhooks", SECRET, { tolerence: 1 }),
      "invalid_argument",
      /`tolerence` is not an option: is it `tolerance`\?; the options here are `config`, `tolerance`/,
    ],
    "the tolerance where it is not read": [
      () => hook.verify(BODY, headers, { tolerance: 1 }),
      "invalid_argument",
      /pass `tolerance` to `new Webhook`/,
    ],
    "an option of something else": [
      () => new Webhook("standard_webhooks", SECRET, { limit: 1 }),
      "invalid_argument",
      /`limit` is not an option; the options here are `config`, `tolerance`/,
    ],
    "an option of claims that is misspelt": [
      () => new Idempotency(new MemoryStore(), { leaseMs: 1 }),
      "invalid_argument",
      /`leaseMs` is not an option: is it `leaseSeconds`\?/,
    ],
    "an empty secret": [() => new Webhook("standard_webhooks", ""), "invalid_secret", /variable that holds it is set/],
    "the key of the API in place of the secret": [
      () => new Webhook("standard_webhooks", "sk_live_abcdefghijklmnopqrstuvwx"),
      "invalid_secret",
      /neither `whsec_` and base64 nor base64 alone/,
    ],
    "a secret of another form": [
      () => new Webhook("standard_webhooks", "my secret"),
      "invalid_secret",
      /copy the secret again/,
    ],
    "no name of a scheme": [() => new Webhook(SECRET), "invalid_argument", /the name of the scheme and then/],
    "name and secret mixed up": [
      () => new Webhook(SECRET, "standard_webhooks"),
      "unknown_scheme",
      /is it the secret\?/,
    ],
    "a name that the catalogue has not": [() => new Webhook("whatsapp", "s"), "unknown_scheme", /is it `meta`\?/],
    "a name that is misspelt": [() => new Webhook("githib", "s"), "unknown_scheme", /is it `github`\?/],
  };
  for (const [name, [call, code, words]] of Object.entries(mistakes)) {
    test(`${name}: ${code}, and what to do`, () => {
      assert.throws(call, (error) => {
        assert.ok(error instanceof WebhookError, error.stack);
        assert.equal(error.code, code, error.message);
        assert.match(`${error.message}; ${error.hint}`, words);
        assert.ok(error.hint.length > 20 && !error.hint.includes("\n"), error.hint);
        assert.ok(!error.message.includes(SECRET) && !error.message.includes(SECRET.slice(6)), error.message);
        return true;
      });
    });
  }

  test("an array of one header, a secret without its prefix and white space in the JSON are no mistakes", () => {
    assert.equal(verify(BODY, { ...headers, "webhook-signature": [signature] }).id, "msg_1");
    assert.equal(new Webhook("standard_webhooks", SECRET.slice(6)).verify(BODY, headers).id, "msg_1");
    const spaced = JSON.stringify(JSON.parse(BODY), null, 2);
    assert.equal(verify(spaced, hook.sign({ id: "msg_2", body: spaced })).id, "msg_2");
  });

  test("explain names the cause", () => {
    const causeOf = (body, given) => explain("standard_webhooks", SECRET, body, given).findings[0]?.cause;
    assert.equal(causeOf(JSON.stringify(JSON.parse(BODY)), headers), "body_reserialized");
    assert.equal(causeOf(BODY, renamed("webhook", "svix")), "header_renamed");
    assert.equal(causeOf(BODY, unsigned), "header_missing");
    assert.equal(causeOf(BODY, { ...headers, "webhook-signature": signature.slice(3) }), "signature_altered");
    assert.equal(
      causeOf(BODY, { ...headers, "webhook-timestamp": `${headers["webhook-timestamp"]}000` }),
      "timestamp_unit",
    );
  });
}
