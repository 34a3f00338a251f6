import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { after } from "node:test";
import { Webhook } from "hookseal";
import { fakeServer } from "../../bindings-js/test/client/fake-server.mjs";
import { testReadme } from "../../bindings-js/test/readme.mjs";

const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
process.env.WEBHOOK_SECRET = SECRET;
process.env.GITHUB_SECRET = "github secret";
const api = await fakeServer({ body: { id: "ep_1", secret: SECRET, data: [{ id: "dlv_1" }], next: null } });
process.env.HOOKSEAL_API_KEY = "hks_1";
process.env.HOOKSEAL_URL = api.url;
after(() => api.close());

testReadme(
  new URL("../", import.meta.url),
  async ([{ app }, { handle }, { server }, { receive: answer }, , { receive: verify }, , , client]) => {
    await receivesInExpress(app);
    await handlesOnce(handle);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address();
    const body = '{"type":"invoice.paid"}';
    const headers = new Webhook("standard_webhooks", SECRET).sign({ id: "msg_1", body });
    const post = async (sent) => {
      const init = { method: "POST", body: sent, headers, signal: AbortSignal.timeout(10_000) };
      const response = await fetch(`http://127.0.0.1:${port}/`, init);
      return [response.status, await response.text()];
    };
    // Resolves when the server has seen that the client went away.
    const abort = async () => {
      const seen = new Promise((resolve) => server.once("connection", (socket) => socket.once("close", resolve)));
      const start = "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nabc";
      const client = connect(port, "127.0.0.1", () => client.write(start, () => client.destroy()));
      await seen;
    };
    try {
      assert.deepEqual(await post(body), [204, ""]);
      assert.deepEqual(await post(`${body} `), [401, "no_match"]);
      // What the handler throws would be an unhandled rejection, which fails this test as it ends a process.
      await abort();
      assert.deepEqual(await post("x".repeat(1_000_001)), [500, ""]);
      assert.deepEqual(await post(body), [204, ""]);
    } finally {
      server.closeAllConnections();
      server.close();
    }
    answersHandshakes(answer);
    await asksForKeys(verify);
    await callsTheServer(client);
  },
);

async function receivesInExpress(app) {
  const server = app.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${server.address().port}/hooks`;
  const headers = new Webhook("github", "github secret").sign({ id: "1", type: "push", body: "{}" });
  const post = (body) => fetch(url, { method: "POST", body, headers, signal: AbortSignal.timeout(10_000) });
  try {
    assert.equal((await post("{}")).status, 204);
    const refused = await post("{ }");
    assert.deepEqual([refused.status, (await refused.json()).error.code], [401, "no_match"]);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

async function handlesOnce(handle) {
  const event = { id: "1", type: "push", body: "{}" };
  assert.deepEqual([await handle(event), await handle(event)], ["handled push", "done"]);
}

function answersHandshakes(receive) {
  const token = encodeURIComponent("the token that you chose");
  const query = `hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=${token}`;
  const answerTo = (request, body = "") => {
    const answer = [];
    const response = { writeHead: (status) => (answer.push(status), response), end: (text) => answer.push(text) };
    receive({ headers: {}, ...request }, body, response);
    return answer;
  };
  assert.deepEqual(answerTo({ method: "GET", url: `/?${query}` }), [200, "1158201444"]);
  assert.deepEqual(answerTo({ method: "GET", url: `/?${query}x` }), [403, null]);
  const headers = new Webhook("meta", "app secret").sign({ body: "{}" });
  assert.deepEqual(answerTo({ method: "POST", url: "/", headers }, "{}"), [204, undefined]);
}

async function asksForKeys(receive) {
  const cert = "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-0.pem";
  const body = (url) => JSON.stringify({ SignatureVersion: "1", Signature: "AA==", SigningCertURL: url });
  const { fetch } = globalThis;
  const asked = [];
  globalThis.fetch = async (url) => {
    asked.push(url);
    return new Response("not a key");
  };
  try {
    await assert.rejects(receive(body(cert), {}), { code: "key_unavailable" });
    await assert.rejects(receive(body("https://example.com/a.pem"), {}), { code: "untrusted_key_url" });
    assert.deepEqual(asked, [cert]);
  } finally {
    globalThis.fetch = fetch;
  }
}

async function callsTheServer({ subscribe, paid, undelivered }) {
  assert.deepEqual(await subscribe("user_1", "https://example.com/hooks"), { id: "ep_1", secret: SECRET });
  await paid("user_1", { id: "in_42" });
  assert.deepEqual(await undelivered("2026-04-25T00:00:00Z"), ["dlv_1"]);
  assert.deepEqual(
    api.requests.map(({ method, url, body }) => [method, url, body?.id ?? body?.tenant]),
    [
      ["POST", "/v1/endpoints", "user_1"],
      ["POST", "/v1/events", "in_42-paid"],
      ["GET", "/v1/deliveries?state=failed&since=2026-04-25T00%3A00%3A00Z", undefined],
    ],
  );
}
