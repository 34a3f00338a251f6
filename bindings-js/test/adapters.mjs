/** What every adapter decides, by the one for Fetch, which needs no framework. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const BODY = '{"type":"invoice.paid","timestamp":"2026-01-01T00:00:00Z","data":{"amount":250}}';
const HERE = "http://10.0.0.7:8080/hooks";

/** A notification of Amazon SNS out of the vectors; `sns` makes requests of it, also forged ones. */
function notification() {
  const vectors = JSON.parse(readFileSync(new URL("../../tests/vectors/providers.json", import.meta.url), "utf8"));
  const { secrets, config, tests } = vectors.testGroups.find(({ scheme }) => scheme === "aws_sns");
  const [{ body, headers, nowMs }] = tests;
  const sns = (url) => {
    const sent = url ? JSON.stringify({ ...JSON.parse(body), SigningCertURL: url, Message: "forged" }) : body;
    return new Request(HERE, { method: "POST", body: sent, headers });
  };
  sns.body = body;
  return { certificate: secrets[0], topic: { config }, sns, nowMs };
}

/** Runs `work` at that time. */
async function at(millis, work) {
  const { now } = Date;
  Date.now = () => millis;
  try {
    await work();
  } finally {
    Date.now = now;
  }
}

export function testAdapters(api, { webhook }, next) {
  const { Idempotency, MemoryStore, Webhook } = api;
  const standard = new Webhook("standard_webhooks", SECRET);
  const request = (init = {}, url = HERE) =>
    new Request(url, { method: "POST", body: BODY, headers: standard.sign({ id: "msg_1", body: BODY }), ...init });
  const errorOf = async (response) => [response.status, (await response.json()).error.code];

  test("a handler gets the event, and its response is the answer", async () => {
    const receive = webhook("standard_webhooks", SECRET, ({ id, type, data }) => Response.json([id, type, data]));
    assert.deepEqual(await (await receive(request())).json(), ["msg_1", "invoice.paid", JSON.parse(BODY)]);
    const silent = webhook("standard_webhooks", SECRET, () => {});
    assert.equal((await silent(request())).status, 204);
  });

  test("a secret that cannot be is known when the receiver is made", () => {
    assert.throws(() => webhook("standard_webhooks", "", () => {}), { code: "invalid_secret" });
    assert.throws(() => webhook("nobody", SECRET, () => {}), { code: "unknown_scheme" });
    assert.throws(() => webhook("standard_webhooks", SECRET, () => {}, { limit: -1 }), { code: "invalid_argument" });
    const misspelt = { code: "invalid_argument", message: /`onerror` is not an option: is it `onError`\?/ };
    assert.throws(() => webhook("standard_webhooks", SECRET, () => {}, { onerror: () => {} }), misspelt);
  });

  test("a secret may come from the environment, and change", async () => {
    const seen = [];
    const receive = webhook(
      "standard_webhooks",
      async (env, raw) => (seen.push([raw.method, raw.url]), env.secrets),
      () => {},
      { onError: () => {} },
    );
    const old = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
    assert.equal((await receive(request(), { secrets: SECRET })).status, 204);
    assert.deepEqual(await errorOf(await receive(request(), { secrets: old })), [401, "no_match"]);
    assert.equal((await receive(request(), { secrets: [old, SECRET] })).status, 204);
    assert.deepEqual(await errorOf(await receive(request(), { secrets: undefined })), [500, "invalid_secret"]);
    assert.deepEqual(seen[0], ["POST", HERE]);
  });

  test("a secret that is not set is told when the receiver is made", () => {
    for (const secret of [undefined, null, {}]) {
      assert.throws(() => webhook("standard_webhooks", secret, () => {}), { code: "invalid_argument" });
    }
  });

  test("tenants have secrets of their own, and so have two that are written alike", async () => {
    const [one, two] = [SECRET, "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"];
    const receive = webhook("standard_webhooks", (env) => env, () => {}, { onError: () => {} });
    for (const [secrets, status] of [[one, 204], [two, 401], [[two, one], 204], [[one], 204], [one, 204], [[two], 401]]) {
      assert.equal((await receive(request(), secrets)).status, status);
    }
  });

  const { certificate, topic, sns, nowMs } = notification();

  test("a published key is fetched when it is needed, and kept", async () => {
    const asked = [];
    const keys = new api.PublishedKeys({ fetch: async ({ url }) => (asked.push(url), `${certificate}\n`) });
    const errors = [];
    const onError = ({ code, cause }) => errors.push([code, cause?.message]);
    await at(nowMs, async () => {
      const receive = webhook("aws_sns", keys, () => {}, { ...topic, onError });
      for (let time = 0; time < 3; time += 1) assert.equal((await receive(sns())).status, 204);
      assert.deepEqual(asked, [JSON.parse(sns.body).SigningCertURL]);
      assert.equal((await receive(sns("https://sns.example.com/a.pem"))).status, 401);
      const host = "https://sns.us-west-2.amazonaws.com";
      for (let number = 0; number < 11; number += 1) await receive(sns(`${host}/${number}.pem`));
      assert.equal(asked.length, 10);
    });
    const codes = errors.map(([code]) => code);
    assert.deepEqual(codes.slice(-3), ["no_match", "key_unavailable", "key_unavailable"]);
    assert.equal(codes[0], "untrusted_key_url");
  });

  test("a key that cannot be had is asked for later", async () => {
    const answers = [new Error("away"), 7, certificate];
    const fetch = async () => {
      const answer = answers.shift();
      if (answer instanceof Error) throw answer;
      return answer;
    };
    const causes = [];
    const onError = ({ cause }) => causes.push(cause?.message);
    const receive = webhook("aws_sns", new api.PublishedKeys({ fetch }), () => {}, { ...topic, onError });
    const statuses = [];
    for (const later of [0, 59_000, 61_000, 125_000]) {
      await at(nowMs + later, async () => statuses.push((await receive(sns())).status));
    }
    assert.deepEqual(statuses, [503, 503, 503, 204]);
    assert.deepEqual(causes, ["away", undefined, "`fetch` gives no text"]);
  });

  test("requests that need a key at the same time wait for one fetch", async () => {
    const asked = [];
    const arrive = [];
    const fetch = ({ keyId }) => (asked.push(keyId), new Promise((resolve) => arrive.push(resolve)));
    const keys = new api.PublishedKeys({ fetch });
    const wanted = (keyId) => ({ url: null, keyId, format: "text" });
    const all = ["a", "a", "b", "a"].map((keyId) => keys.secretOf(wanted(keyId)));
    assert.deepEqual(asked, ["a"]);
    arrive.shift()(" the key\n");
    const first = await Promise.race([all[1], all[2]]);
    while (arrive.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    arrive.shift()("another");
    assert.deepEqual([first, await Promise.all(all)], ["the key", ["the key", "the key", "another", "the key"]]);
    assert.deepEqual(asked, ["a", "b"]);
  });

  test("an id that a key set lacks does not fetch it again", async () => {
    const x = api.generateKeyPair().publicKey.slice(5).replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");
    const set = JSON.stringify({ keys: [{ kty: "OKP", crv: "Ed25519", kid: "a", x }] });
    const asked = [];
    const keys = new api.PublishedKeys({ fetch: ({ keyId }) => (asked.push(keyId), set) });
    for (const keyId of ["a", "b", null]) {
      assert.equal(await keys.secretOf({ url: "https://sender.example/keys", keyId, format: "jwks" }), set);
    }
    assert.deepEqual(asked, ["a"]);
  });

  test("what is no key is not kept as one, and what is no request for one is refused", async () => {
    const wanted = { url: "https://sender.example/key", keyId: null, format: "pem" };
    const keys = new api.PublishedKeys({ fetch: () => "<html>" });
    for (const message of [/could not be had: expected/, /could not be had a moment ago/]) {
      await assert.rejects(keys.secretOf(wanted), { code: "key_unavailable", status: 503, message });
    }
    for (const wrong of [{ format: "der" }, { url: "http://sender.example/key" }]) {
      const refused = new api.PublishedKeys().secretOf({ ...wanted, ...wrong });
      await assert.rejects(refused, { code: "invalid_argument" });
    }
  });

  test("a key comes from its URL, and from nowhere else", async () => {
    const { fetch } = globalThis;
    const called = [];
    const answers = [new Response(certificate), new Response("", { status: 404 }), new Response("x".repeat(2 ** 18 + 1))];
    globalThis.fetch = async (url, { redirect, signal }) => (called.push([url, redirect, !!signal]), answers.shift());
    try {
      const wanted = { url: "https://sender.example/key", keyId: null, format: "pem" };
      assert.equal(await new api.PublishedKeys().secretOf(wanted), certificate.trim());
      for (let time = 0; time < 2; time += 1) {
        await assert.rejects(new api.PublishedKeys().secretOf(wanted), { code: "key_unavailable", status: 503 });
      }
      assert.deepEqual(called[0], [wanted.url, "manual", true]);
      await assert.rejects(new api.PublishedKeys().secretOf({ ...wanted, url: null }), { code: "invalid_argument" });
      const none = webhook("github", new api.PublishedKeys(), () => {}, { onError: () => {} });
      assert.equal((await none(request())).status, 500);
    } finally {
      globalThis.fetch = fetch;
    }
  });

  test("whatever is refused is reported, and answered with its status and a reason", async () => {
    const errors = [];
    const onError = (error, { url }) => errors.push([error.code, url]);
    let handled = 0;
    const receive = webhook("standard_webhooks", SECRET, () => void (handled += 1), { onError });
    assert.deepEqual(await errorOf(await receive(request({ body: `${BODY} ` }))), [401, "no_match"]);
    assert.deepEqual(await errorOf(await receive(request({ headers: {} }))), [401, "missing_header"]);
    const read = request();
    await read.text();
    const response = await receive(read);
    const { error } = await response.json();
    assert.deepEqual([response.status, error.code], [500, "body_not_raw"]);
    assert.match(error.hint, /request.clone/);
    assert.deepEqual(
      errors.map(([code]) => code),
      ["no_match", "missing_header", "body_not_raw"],
    );
    assert.equal(errors[0][1], HERE);
    assert.equal(handled, 0);
  });

  test("what is the receiver's own fault is on the console, what is the sender's is not", async () => {
    const { error: original } = console;
    const lines = [];
    console.error = (line) => lines.push(line);
    try {
      const receive = webhook(
        "standard_webhooks",
        () => null,
        () => {},
      );
      await receive(request());
      const strict = webhook("standard_webhooks", SECRET, () => {});
      await strict(request({ body: "{}" }));
    } finally {
      console.error = original;
    }
    assert.equal(lines.length, 1);
    assert.match(lines[0], /invalid_secret/);
  });

  test("a body is read up to the limit, whether it says its length or not", async () => {
    const receive = webhook("standard_webhooks", SECRET, () => {}, { limit: BODY.length, onError: () => {} });
    assert.equal((await receive(request())).status, 204);
    const streamed = (text) => request({ body: new Blob([text.slice(0, 9), text.slice(9)]).stream(), duplex: "half" });
    assert.equal((await receive(streamed(BODY))).status, 204);
    for (const large of [request({ body: `${BODY} ` }), streamed(`${BODY} `)]) {
      assert.deepEqual(await errorOf(await receive(large)), [413, "body_too_large"]);
    }
    const claimed = request({ headers: { "content-length": "1048577" } });
    const usual = webhook("standard_webhooks", SECRET, () => {}, { onError: () => {} });
    assert.equal((await usual(claimed)).status, 413);
  });

  test("a sender that goes away is no news for the console", async () => {
    const { error: original } = console;
    const lines = [];
    const seen = [];
    console.error = (line) => lines.push(line);
    const broken = () =>
      request({
        body: new ReadableStream({ pull: (controller) => controller.error(new Error("reset")) }),
        duplex: "half",
      });
    try {
      const receive = webhook("standard_webhooks", SECRET, () => {});
      await assert.rejects(receive(broken()), /the sender went away/);
      const reporting = webhook("standard_webhooks", SECRET, () => {}, { onError: (error) => seen.push(error) });
      await assert.rejects(reporting(broken()), /the sender went away/);
    } finally {
      console.error = original;
    }
    assert.deepEqual(lines, []);
    assert.equal(seen[0].cause.message, "reset");
  });

  test("the URL is the one that was registered, with the query of the request", async () => {
    const registered = "https://example.com/square";
    const square = new Webhook("square", "secret");
    const signed = (url) => ({ headers: square.sign({ body: BODY, url }) });
    const quiet = { onError: () => {} };
    const plain = webhook("square", "secret", () => {}, quiet);
    assert.equal((await plain(request(signed(HERE)))).status, 204);
    assert.equal((await plain(request(signed(registered)))).status, 401);
    const fixed = webhook("square", "secret", () => {}, { url: registered, ...quiet });
    assert.equal((await fixed(request(signed(registered)))).status, 204);
    assert.equal((await fixed(request(signed(`${registered}?a=1`), `${HERE}?a=1`))).status, 204);
    const withQuery = webhook("square", "secret", () => {}, { url: `${registered}?a=1`, ...quiet });
    assert.equal((await withQuery(request(signed(`${registered}?a=1`)))).status, 204);
    const named = webhook("square", "secret", () => {}, { url: ({ url }) => url.replace(HERE, registered), ...quiet });
    assert.equal((await named(request(signed(registered)))).status, 204);
  });

  test("a handshake is answered, also one that comes as a query", async () => {
    const config = { verify_token: "the token that you chose" };
    const { GET, POST } = next.webhook("meta", "app secret", () => {}, { config, onError: () => {} });
    const query = new URLSearchParams({
      "hub.mode": "subscribe",
      "hub.challenge": "1158201444",
      "hub.verify_token": config.verify_token,
    });
    const answer = await GET(new Request(`${HERE}?${query}`));
    assert.deepEqual([answer.status, await answer.text()], [200, "1158201444"]);
    assert.equal((await GET(new Request(HERE))).status, 401);
    const headers = new Webhook("meta", "app secret").sign({ body: BODY });
    assert.equal((await POST(request({ headers }))).status, 204);
  });

  test("a build of Next.js needs no secret, a request does", async () => {
    const errors = [];
    const { POST } = next.webhook("standard_webhooks", "", () => {}, { onError: (error) => errors.push(error.code) });
    assert.deepEqual(await errorOf(await POST(request())), [500, "invalid_secret"]);
    assert.deepEqual(errors, ["invalid_secret"]);
  });

  test("a secret that the sender hands over is given to whoever waits for it", async () => {
    let kept;
    const receive = webhook(
      "asana",
      () => kept,
      (event) => Response.json(event.data),
      { onHandshake: async ({ secret }) => void (kept = secret), onError: () => {} },
    );
    const events = '{"events":[]}';
    const deliver = () => {
      const headers = new Webhook("asana", "b537207f20cbfa02357cf448134da559").sign({ body: events });
      return receive(request({ body: events, headers }));
    };
    assert.equal((await deliver()).status, 500);
    const headers = { "x-hook-secret": "b537207f20cbfa02357cf448134da559" };
    const answer = await receive(request({ body: "", headers }));
    assert.deepEqual([answer.status, answer.headers.get("x-hook-secret")], [200, headers["x-hook-secret"]]);
    assert.deepEqual(await (await deliver()).json(), { events: [] });
  });

  test("the URL that a sender wants called is called, before its request is answered", async () => {
    const scheme = {
      id: "acme",
      signature: { from: "header:x-acme", encoding: "hex" },
      signed_content: "{body}",
      handshake: {
        match: { "json:/type": "confirm", "json:/url": {} },
        verify_first: true,
        respond: { status: 200 },
        fetch: { url: "json:/url", hosts: ["hooks.example.com"] },
      },
    };
    const errors = [];
    const receive = webhook(scheme, "secret", () => {}, {
      onError: (error) => errors.push(error.code ?? error.message),
    });
    const body = '{"type":"confirm","url":"https://hooks.example.com/confirm?token=a"}';
    const headers = new Webhook(scheme, "secret").sign({ body });
    const { fetch } = globalThis;
    const called = [];
    let status = 200;
    globalThis.fetch = async (url, { redirect }) => (called.push([url, redirect]), new Response("", { status }));
    try {
      assert.equal((await receive(request({ body, headers }))).status, 200);
      assert.equal((await receive(request({ body: `${body} `, headers }))).status, 401);
      status = 404;
      await assert.rejects(receive(request({ body, headers })), /answered its confirmation with 404/);
      status = 302;
      await assert.rejects(receive(request({ body, headers })), /answered its confirmation with 302/);
    } finally {
      globalThis.fetch = fetch;
    }
    assert.deepEqual(called, Array(3).fill(["https://hooks.example.com/confirm?token=a", "manual"]));
    assert.equal(errors[0], "no_match");
  });

  test("an event is handled once, and again when its handler failed", async () => {
    const idempotency = new Idempotency(new MemoryStore(), { leaseSeconds: 30 });
    let answer = () => new Response("first");
    let handled = 0;
    const receive = webhook("standard_webhooks", SECRET, () => ((handled += 1), answer()), { idempotency });
    answer = () => new Response("not now", { status: 503 });
    assert.equal((await receive(request())).status, 503);
    answer = () => {
      throw new Error("no");
    };
    await assert.rejects(receive(request()), /^Error: no$/);
    let release;
    answer = () => new Promise((resolve) => (release = () => resolve(new Response("done"))));
    const pending = receive(request());
    while (!release) await new Promise((resolve) => setImmediate(resolve));
    const busy = await receive(request());
    assert.deepEqual([busy.status, busy.headers.get("retry-after")], [409, "30"]);
    release();
    assert.equal(await (await pending).text(), "done");
    const again = await receive(request());
    assert.deepEqual([again.status, again.headers.get("hookseal-duplicate")], [200, "true"]);
    assert.equal(handled, 3);
    // Of another sender, the same id is another event.
    const svix = webhook("svix", SECRET, () => {}, { idempotency });
    const headers = new Webhook("svix", SECRET).sign({ id: "msg_1", body: BODY });
    assert.equal((await svix(request({ headers }))).status, 204);
  });

  test("a store that fails is reported; a delivery that was handled stays so", async () => {
    const errors = [];
    const down = () => Promise.reject(new Error("the store is down"));
    const options = (store) => ({
      idempotency: new Idempotency(store),
      onError: ({ message }) => errors.push(message),
    });
    const claiming = webhook(
      "standard_webhooks",
      SECRET,
      () => {},
      options({ claim: down, complete: down, release: down }),
    );
    await assert.rejects(claiming(request()), /the store is down/);
    const completing = webhook(
      "standard_webhooks",
      SECRET,
      () => {},
      options({ claim: async () => "claimed", complete: down, release: down }),
    );
    assert.equal((await completing(request())).status, 204);
    assert.deepEqual(errors, ["the store is down", "the store is down"]);
  });
}
