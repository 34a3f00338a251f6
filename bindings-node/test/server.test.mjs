// The clients with the real server, and deliveries of it that are verified.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Hookseal, HooksealApiError, Naive, verifyWebhookSignature, Webhook } from "hookseal";
import { eventually, realServer, receiver } from "../../bindings-js/test/client/real-server.mjs";

let server;
let client;
before(async () => {
  server = await realServer();
  client = new Hookseal({ apiKey: server.apiKey, baseUrl: server.url });
});
after(() => server?.close());

test("an event goes out, signed with the secret that `create` gave", async () => {
  const got = [];
  let secret;
  const target = await receiver((body, headers) => {
    got.push(new Webhook("standard_webhooks", secret).verify(body, headers));
    return 204;
  });
  try {
    const endpoint = await client.endpoints.create({ url: target.url, event_types: ["invoice.paid"] });
    ({ secret } = endpoint);
    assert.match(secret, /^whsec_/);
    assert.equal(endpoint.state, "active");
    const sent = await client.events.send({ type: "invoice.paid", data: { amount: 5 } });
    const event = await eventually(async () => {
      const shown = await client.events.get(sent.id);
      return shown.deliveries[0].state === "delivered" ? shown : undefined;
    });
    assert.deepEqual(event.data, { amount: 5 });
    assert.equal(got[0].id, sent.id);
    assert.equal(got[0].type, "invoice.paid");
    const [{ id }] = sent.deliveries;
    assert.equal((await client.deliveries.get(id)).attempts[0].status, 204);

    // A repeat is the first, and makes no further delivery.
    const options = { idempotencyKey: "order-7" };
    const first = await client.events.send({ type: "invoice.paid", data: { amount: 7 } }, options);
    assert.deepEqual(await client.events.send({ type: "invoice.paid", data: { amount: 7 } }, options), first);
    await assert.rejects(client.events.send({ type: "invoice.paid", data: { amount: 8 } }, options), {
      code: "idempotency_conflict",
      status: 409,
    });
    await eventually(async () => (got.length === 2 ? true : undefined));
    await client.deliveries.replay(id);
    assert.deepEqual(await client.events.replay(first.id), { deliveries: 1 });
    await eventually(async () => (got.length === 4 ? true : undefined));
    await client.endpoints.delete(endpoint.id);
  } finally {
    await target.close();
  }
});

test("an endpoint is changed, paused, resumed, tested, given a new secret and deleted", async () => {
  const target = await receiver(() => 204);
  try {
    const { id, secret } = await client.endpoints.create({ url: target.url, event_types: ["a.b"], tenant: "t" });
    const changed = await client.endpoints.update(id, { description: "mine", settings: { rate_limit: 10 } });
    assert.deepEqual([changed.description, changed.settings.rate_limit], ["mine", 10]);
    assert.equal((await client.endpoints.pause(id)).state, "paused");
    assert.equal((await client.endpoints.resume(id)).state, "active");
    assert.equal((await client.endpoints.enable(id)).state, "active");
    const rotated = await client.endpoints.rotateSecret(id, { overlap_seconds: 0 });
    assert.notEqual(rotated.secret, secret);
    const tested = await client.endpoints.test(id, { type: "a.b", data: { n: 1 } });
    assert.equal(tested.endpoint_id, id);
    await eventually(async () => ((await client.deliveries.get(tested.id)).state === "delivered" ? true : undefined));
    assert.deepEqual(await client.endpoints.replayFailed(id, { since: new Date(0) }), { deliveries: 0 });
    assert.equal((await client.endpoints.get(id)).tenant, "t");
    await client.endpoints.delete(id);
    await assert.rejects(client.endpoints.get(id), (error) => {
      assert.ok(error instanceof HooksealApiError);
      assert.deepEqual([error.code, error.status, error.field], ["not_found", 404, undefined]);
      assert.notEqual(error.hint, "");
      return true;
    });
  } finally {
    await target.close();
  }
});

test("lists are gone through, whatever the size of a page", async () => {
  const made = [];
  for (let n = 0; n < 5; n += 1) {
    const { id } = await client.endpoints.create({ url: `http://127.0.0.1:4000/${n}`, event_types: ["c.d"], tenant: "pages" });
    made.push(id);
  }
  const listed = [];
  for await (const { id } of client.endpoints.list({ tenant: "pages", limit: 2 })) listed.push(id);
  assert.deepEqual(listed, made);
  const page = await client.endpoints.list({ tenant: "pages", limit: 2 });
  assert.equal(page.data.length, 2);
  const next = await client.endpoints.list({ tenant: "pages", limit: 2, after: page.next });
  assert.deepEqual(next.data.map(({ id }) => id), made.slice(2, 4));

  const batch = Array.from({ length: 5 }, (_, n) => ({ type: "e.f", data: { n }, tenant: "pages" }));
  await client.events.send({ id: "taken", type: "e.f", data: { n: 0 } });
  const { events } = await client.events.sendBatch([...batch, { id: "taken", type: "e.f", data: { n: 1 } }]);
  assert.equal(events.filter((event) => "id" in event).length, 5);
  assert.equal(events[5].error.code, "idempotency_conflict");
  const newestFirst = (await client.events.list({ tenant: "pages", limit: 2 }).all()).map(({ id }) => id);
  assert.deepEqual(newestFirst, events.slice(0, 5).map(({ id }) => id).reverse());
  const failed = client.deliveries.list({ state: ["failed", "cancelled"], tenant: "pages", since: new Date(0) });
  assert.deepEqual(await failed.all(), []);
  await client.tenants.erase("pages");
  assert.deepEqual(await client.endpoints.list({ tenant: "pages" }).all(), []);
});

test("a key does what its scope says", async () => {
  const { id, key } = await client.apiKeys.create({ scope: "read", name: "looks" });
  const reader = new Hookseal({ apiKey: key, baseUrl: server.url });
  assert.ok(Array.isArray((await reader.endpoints.list()).data));
  await assert.rejects(reader.events.send({ type: "a.b", data: {} }), { code: "forbidden", status: 403 });
  assert.ok((await client.apiKeys.list().all()).some((known) => known.id === id));
  await client.apiKeys.delete(id);
  await assert.rejects(reader.endpoints.list(), { code: "unauthorized", status: 401 });
});

test("what is wrong in a request is named", async () => {
  const endpoint = { url: "http://127.0.0.1:4000/", event_types: ["a.b"], settings: { rate_limit: 0 } };
  await assert.rejects(client.endpoints.create(endpoint), { code: "invalid_argument", status: 422, field: "settings/rate_limit" });
});

test("keys are listed by pages", async () => {
  const made = [];
  for (let n = 0; n < 3; n += 1) made.push((await client.apiKeys.create({ scope: "read" })).id);
  const pages = [];
  for await (const { data } of client.apiKeys.list({ limit: 2 }).pages()) pages.push(data.map(({ id }) => id));
  assert.ok(pages.length > 1 && pages.every((page) => page.length <= 2));
  assert.deepEqual(pages.flat().filter((id) => made.includes(id)), made);
  const [, second] = await client.apiKeys.list({ after: made[0] }).all();
  assert.equal(second.id, made[2]);
  for (const id of made) await client.apiKeys.delete(id);
});

test("a source takes what its sender signs, and explains what it refuses", async () => {
  const [old, secret] = ["whsec_b2xkIHNlY3JldCBvZiBTdHJpcGU=", "whsec_bmV3IHNlY3JldCBvZiBTdHJpcGU="];
  const source = await client.sources.create({
    name: "shop",
    scheme: "stripe",
    secrets: [old],
    settings: { id_from: "/id" },
    tenant: "inbound",
  });
  const body = JSON.stringify({ id: "evt_1", type: "invoice.paid", amount: 5 });
  const headers = new Webhook("stripe", secret).sign({ id: "evt_1", type: "invoice.paid", body });
  const send = () => fetch(new URL(source.url, server.url), { method: "POST", body, headers });

  assert.equal((await send()).status, 401);
  const [refused] = await eventually(async () => {
    const rows = await client.sources.refusals(source.id).all();
    return rows.length === 1 ? rows : undefined;
  });
  assert.equal(refused.code, "no_match");
  const refusal = await client.sources.refusal(source.id, refused.id);
  assert.deepEqual(refusal.body, { text: body });
  assert.deepEqual([refusal.explanation.verified, refusal.explanation.error.code], [false, "no_match"]);

  assert.equal((await client.sources.update(source.id, { secrets: [secret, old] })).secrets, 2);
  assert.equal((await client.sources.refusal(source.id, refused.id)).explanation.verified, true);
  const taken = await send();
  assert.equal(taken.status, 200);
  const event = await client.events.get(taken.headers.get("hookseal-event-id"));
  assert.deepEqual([event.type, event.data], ["shop.invoice.paid", JSON.parse(body)]);
  assert.deepEqual((await client.sources.list({ tenant: "inbound", limit: 1 }).all()).map(({ id }) => id), [source.id]);
  const counted = await eventually(async () => {
    const { counts } = await client.sources.get(source.id);
    return counts.accepted === 1 && counts.refused.no_match === 1 ? counts : undefined;
  });
  assert.equal(counted.duplicates, 0);
  await client.sources.delete(source.id);
  await assert.rejects(client.sources.get(source.id), { code: "not_found" });
});

test("the secret that a sender hands over is shown", async () => {
  const { id, url } = await client.sources.create({ name: "tasks", scheme: "asana" });
  await assert.rejects(client.sources.handedOverSecret(id), { code: "not_found" });
  const headers = { "x-hook-secret": "b537207f20cbfa02357cf448134da559" };
  const answer = await fetch(new URL(url, server.url), { method: "POST", body: "{}", headers });
  assert.equal(answer.headers.get("x-hook-secret"), headers["x-hook-secret"]);
  assert.deepEqual(await client.sources.handedOverSecret(id), { secret: headers["x-hook-secret"] });
  await client.sources.delete(id);
});

test("webhooks in four words, of all and of one user", async () => {
  const target = await receiver(() => 204);
  try {
    const { webhooks } = client.forUser("u1");
    const mine = await webhooks.create(target.url, ["g.h"]);
    const all = await client.webhooks.create(target.url, ["g.h"]);
    assert.match(mine.secret, /^whsec_/);
    assert.deepEqual((await webhooks.list()).map(({ id }) => id), [mine.id]);
    assert.equal("secret" in (await webhooks.list())[0], false);
    assert.equal((await webhooks.test(mine.id)).endpoint_id, mine.id);
    await assert.rejects(webhooks.remove(all.id), { code: "not_found" });
    await webhooks.remove(mine.id);
    await client.webhooks.remove(all.id);
    assert.deepEqual(await webhooks.list(), []);
  } finally {
    await target.close();
  }
});

test("the code of naive's page does what the page says", async () => {
  // As a backend has it: a route that verifies.
  const env = {};
  const events = [];
  async function POST(req) {
    const raw = await req.text();
    const sig = req.headers.get("x-naive-signature") ?? "";
    if (!verifyWebhookSignature(env.NAIVE_WEBHOOK_SECRET, raw, sig)) return new Response("bad signature", { status: 401 });
    const { event, data } = JSON.parse(raw);
    events.push([event, data.tenant_user_id, req.headers.get("x-naive-event")]);
    return new Response("ok");
  }
  const statuses = [];
  const target = await receiver(async (body, headers) => {
    const { status } = await POST(new Request("http://localhost/", { method: "POST", body, headers }));
    statuses.push(status);
    return status;
  });
  try {
    const naive = new Naive({ apiKey: server.apiKey, baseUrl: server.url });
    const sub = await naive.webhooks.create(target.url, ["email.received", "approval.resolved"]);
    assert.deepEqual(Object.keys(sub).sort(), ["active", "eventTypes", "id", "secret", "tenant_user_id", "url"]);
    assert.deepEqual([sub.tenant_user_id, sub.active], [null, true]);
    env.NAIVE_WEBHOOK_SECRET = sub.secret;
    const { secret, ...listed } = sub;
    assert.match(secret, /^whsec_/);
    assert.deepEqual(await naive.webhooks.list(), [listed]);
    assert.deepEqual((await naive.webhooks.eventTypes()).sort(), ["approval.resolved", "email.received"]);
    const tested = await naive.webhooks.test(sub.id);
    assert.deepEqual([tested.delivered, tested.status, tested.id], [true, 200, sub.id]);
    assert.deepEqual(events.splice(0), [[tested.event, null, tested.event]]);

    // A forged one is refused, and what the tenants' events say is passed on.
    await client.events.send({ type: "approval.resolved", tenant: "u1", data: { status: "approved" } });
    assert.deepEqual(await eventually(() => (events.length === 1 ? events.splice(0) : undefined)), [
      ["approval.resolved", "u1", "approval.resolved"],
    ]);
    env.NAIVE_WEBHOOK_SECRET = "whsec_another";
    assert.equal((await naive.webhooks.test(sub.id)).status, 401);

    const user = naive.forUser("u1");
    const own = await user.webhooks.create(target.url, ["email.received"]);
    assert.equal(own.tenant_user_id, "u1");
    assert.deepEqual((await user.webhooks.list()).map(({ id }) => id), [own.id]);
    await assert.rejects(naive.forUser("u2").webhooks.test(own.id), { code: "not_found", status: 404 });
    await assert.rejects(naive.forUser("u2").webhooks.remove(own.id), { code: "not_found", status: 404 });
    await user.webhooks.remove(own.id);
    await naive.webhooks.remove(sub.id);
    assert.deepEqual(await naive.webhooks.list(), []);
  } finally {
    await target.close();
  }
});

test("types of events have schemas, and the account says that they count", async () => {
  const schema = { type: "object", required: ["amount"], properties: { amount: { type: "number" } } };
  const made = await client.eventTypes.create({ name: "typed/paid", schema });
  assert.deepEqual([made.name, made.version, made.schema], ["typed/paid", 1, schema]);
  const changed = await client.eventTypes.update("typed/paid", { schema: { ...schema, required: [] } });
  assert.equal(changed.version, 2);
  assert.deepEqual((await client.eventTypes.get("typed/paid", { version: 1 })).schema, schema);
  assert.ok((await client.eventTypes.list().all()).some(({ name }) => name === "typed/paid"));
  assert.ok((await client.eventTypes.list({ profile: "naive" }).all()).some(({ name }) => name === "email.received"));
  assert.equal((await client.account.update({ validate_events: "known" })).validate_events, "known");
  await assert.rejects(client.events.send({ type: "typed/paid", data: { amount: "5" } }), { name: "HooksealApiError", status: 422 });
  assert.equal((await client.account.update({ validate_events: "off" })).validate_events, (await client.account.get()).validate_events);
  await client.eventTypes.delete("typed/paid");
  await assert.rejects(client.eventTypes.get("typed/paid"), { code: "not_found" });
});
