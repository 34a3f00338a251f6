/** What senders send, and what a receiver has to answer. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { Webhook } from "../../bindings-node/dist/index.js";
import { SLACK_SECRET, WEBHOOK_SECRET } from "./server.mjs";

const standard = new Webhook("standard_webhooks", WEBHOOK_SECRET);
const slack = new Webhook("slack", SLACK_SECRET);

/** `duplicates` where they are known, `echo` where another route parses JSON. */
export async function judge(url, { duplicates = true, echo = true, slackPath = "/slack", path = "/hooks" } = {}) {
  const hooks = url + path;
  const body = paid(250);
  const signed = standard.sign({ id: "msg_1", body });

  const first = await post(hooks, body, signed);
  assert.deepEqual([first.status < 300, JSON.parse(first.text)], [true, { received: "invoice.paid", amount: 250 }]);

  if (duplicates) {
    const again = await post(hooks, body, standard.sign({ id: "msg_1", body }));
    assert.deepEqual([again.status, again.headers.get("hookseal-duplicate"), again.text], [200, "true", ""]);
  }

  await refuses(hooks, `${body} `, signed, "no_match");
  await refuses(hooks, paid(251), signed, "no_match");
  await refuses(hooks, body, standard.sign({ id: "msg_1", body: "{}" }), "no_match");
  await refuses(hooks, body, {}, "missing_header");
  await refuses(hooks, "", signed, "no_match");

  // It throws, and so it may come again.
  const unknown = JSON.stringify({ type: "invoice.lost", timestamp: "2026-01-01T00:00:00Z", data: {} });
  for (const _ of [1, 2]) {
    assert.equal((await post(hooks, unknown, standard.sign({ id: "msg_2", body: unknown }))).status, 500);
  }

  const large = JSON.stringify({ type: "invoice.paid", data: { padding: "x".repeat(2 ** 20) } });
  const refused = await post(hooks, large, standard.sign({ id: "msg_3", body: large }));
  assert.deepEqual([refused.status, JSON.parse(refused.text).error.code], [413, "body_too_large"]);
  const taken = JSON.stringify({ type: "invoice.paid", data: { amount: 5, padding: "x".repeat(150_000) } });
  const given = await post(hooks, taken, standard.sign({ id: "msg_5", body: taken }));
  assert.deepEqual(JSON.parse(given.text), { received: "invoice.paid", amount: 5 });

  await abort(hooks);
  const later = paid(7);
  assert.equal(JSON.parse((await post(hooks, later, standard.sign({ id: "msg_4", body: later }))).text).amount, 7);

  const challenge =
    '{"type":"url_verification","token":"a","challenge":"3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P"}';
  const answer = await post(url + slackPath, challenge, slack.sign({ body: challenge }));
  assert.equal(answer.status, 200);
  assert.match(answer.text, /3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P/);
  const event = '{"type":"event_callback","event":{"type":"app_mention"}}';
  assert.equal((await post(url + slackPath, event, slack.sign({ body: event }))).status, 204);
  await refuses(url + slackPath, event, slack.sign({ body: challenge }), "no_match");

  if (echo) {
    const echoed = await post(`${url}/echo`, '{"a":1}', {});
    assert.deepEqual([echoed.status < 300, JSON.parse(echoed.text)], [true, { a: 1 }]);
  }
}

/** Posts a good delivery. */
export function deliver(url) {
  const body = paid(1);
  return post(url, body, standard.sign({ id: `msg_${crypto.randomUUID()}`, body }));
}

function paid(amount) {
  return JSON.stringify({ type: "invoice.paid", timestamp: "2026-01-01T00:00:00Z", data: { amount } });
}

async function post(url, body, headers) {
  const response = await fetch(url, {
    method: "POST",
    body,
    headers: { "content-type": "application/json", ...headers },
    signal: AbortSignal.timeout(60_000),
  });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

/** Goes away in the middle of a body: nothing that follows may suffer from it. */
async function abort(url) {
  const { hostname, pathname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  await once(socket, "connect");
  socket.write(`POST ${pathname} HTTP/1.1\r\nHost: ${hostname}\r\nContent-Length: 100\r\n\r\nabc`);
  socket.destroy();
  await once(socket, "close");
}

async function refuses(url, body, headers, code) {
  const { status, text } = await post(url, body, headers);
  assert.equal(status, 401, text);
  const { error } = JSON.parse(text);
  assert.equal(error.code, code);
  assert.ok(error.message && error.hint);
}
