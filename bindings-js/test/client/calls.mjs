/** Every call of the server's API is one of the client, and is written as the server reads it. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { digest, document } from "../../openapi/document.mjs";
import { withServer } from "./fake-server.mjs";

const ID = "evt/1 ä";
const IN_PATH = "evt%2F1%20%C3%A4";

/** For each operation of the document: how it is called. */
const CALLS = {
  changeSource: (client) => client.sources.update(ID, { state: "paused" }),
  createAccount: (client) => client.accounts.create({ name: "a" }),
  createApiKey: (client) => client.apiKeys.create({ scope: "send", tenant: "t" }),
  createEndpoint: (client) => client.endpoints.create({ url: "https://example.com/", event_types: ["*"] }),
  createEventType: (client) => client.eventTypes.create({ name: "a.b", schema: { type: "object" } }),
  createSource: (client) => client.sources.create({ name: "stripe", scheme: "stripe", secrets: ["whsec_1"] }),
  deleteApiKey: (client) => client.apiKeys.delete(ID),
  deleteEndpoint: (client) => client.endpoints.delete(ID),
  deleteEventType: (client) => client.eventTypes.delete(ID),
  deleteSource: (client) => client.sources.delete(ID),
  disableEndpoint: (client) => client.endpoints.disable(ID),
  enableEndpoint: (client) => client.endpoints.enable(ID),
  eraseTenant: (client) => client.tenants.erase(ID),
  getAccount: (client) => client.account.get(),
  getAccountById: (client) => client.accounts.get(ID),
  getApiKey: (client) => client.apiKeys.get(ID),
  getDelivery: (client) => client.deliveries.get(ID),
  getEndpoint: (client) => client.endpoints.get(ID),
  getEvent: (client) => client.events.get(ID),
  getEventType: (client) => client.eventTypes.get(ID, { version: 2 }),
  getHandedOverSecret: (client) => client.sources.handedOverSecret(ID),
  getRefusal: (client) => client.sources.refusal(ID, ID),
  getSource: (client) => client.sources.get(ID),
  listAccounts: (client) => client.accounts.list({ limit: 3 }),
  listApiKeys: (client) => client.apiKeys.list({ after: "key_1", limit: 3 }),
  listAttempts: (client) => client.deliveries.attempts(ID),
  listDeliveries: (client) =>
    client.deliveries.list({ state: ["failed", "cancelled"], since: new Date(0), before: "dlv_1", limit: 1 }),
  listEndpoints: (client) => client.endpoints.list({ tenant: "a&b", after: undefined }),
  listEventDeliveries: (client) => client.events.deliveries(ID, { after: "dlv_1", limit: 1 }),
  listEventTypes: (client) => client.eventTypes.list({ profile: "naive" }),
  listEvents: (client) => client.events.list({ type: "a.b", limit: 2 }),
  listRefusals: (client) => client.sources.refusals(ID),
  listSources: (client) => client.sources.list({ tenant: "a&b", limit: 2 }),
  pauseEndpoint: (client) => client.endpoints.pause(ID),
  replayDelivery: (client) => client.deliveries.replay(ID),
  replayEvent: (client) => client.events.replay(ID),
  replayFailed: (client) => client.endpoints.replayFailed(ID, { since: new Date(0) }),
  resumeEndpoint: (client) => client.endpoints.resume(ID),
  rotateSecret: (client) => client.endpoints.rotateSecret(ID, { overlap_seconds: 0 }),
  sendEvent: (client) => client.events.send({ type: "a.b", data: { n: 1 } }),
  sendEvents: (client) => client.events.sendBatch([{ type: "a.b", data: {} }]),
  testEndpoint: (client) => client.endpoints.test(ID, { type: "a.b", wait: true }),
  updateAccount: (client) => client.account.update({ validate_events: "known" }),
  updateAccountById: (client) => client.accounts.update(ID, { suspended: true }),
  updateEndpoint: (client) => client.endpoints.update(ID, { description: null }),
  updateEventType: (client) => client.eventTypes.update(ID, { archived: true }),
};

/** What stands behind the path, and in the body, where there is something to see. */
const QUERIES = {
  getEventType: "?version=2",
  listAccounts: "?limit=3",
  listApiKeys: "?after=key_1&limit=3",
  listDeliveries: "?state=failed%2Ccancelled&since=1970-01-01T00%3A00%3A00.000Z&before=dlv_1&limit=1",
  listEndpoints: "?tenant=a%26b",
  listEventDeliveries: "?after=dlv_1&limit=1",
  listEventTypes: "?profile=naive",
  listEvents: "?type=a.b&limit=2",
  listSources: "?tenant=a%26b&limit=2",
  testEndpoint: "?wait=true",
};
const BODIES = {
  changeSource: { state: "paused" },
  createAccount: { name: "a" },
  createApiKey: { scope: "send", tenant: "t" },
  createEndpoint: { url: "https://example.com/", event_types: ["*"] },
  createEventType: { name: "a.b", schema: { type: "object" } },
  createSource: { name: "stripe", scheme: "stripe", secrets: ["whsec_1"] },
  replayFailed: { since: "1970-01-01T00:00:00.000Z" },
  rotateSecret: { overlap_seconds: 0 },
  sendEvent: { type: "a.b", data: { n: 1 } },
  sendEvents: { events: [{ type: "a.b", data: {} }] },
  testEndpoint: { type: "a.b" },
  updateAccount: { validate_events: "known" },
  updateAccountById: { suspended: true },
  updateEndpoint: { description: null },
  updateEventType: { archived: true },
};

export function testCalls({ Hookseal }) {
  const file = new URL("../../../docs/openapi.json", import.meta.url);
  const { paths } = JSON.parse(readFileSync(file, "utf8"));
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ ...operation, method: method.toUpperCase(), path })),
  );

  test("every call of the server is one of the client", async () => {
    assert.deepEqual(
      operations.map(({ operationId }) => operationId).sort(),
      Object.keys(CALLS).sort(),
    );
    for (const { operationId, method, path, parameters = [] } of operations) {
      await withServer([{ body: { id: 1 } }], async ({ url, requests }) => {
        assert.deepEqual(await CALLS[operationId](new Hookseal({ apiKey: "hks_1", baseUrl: url })), { id: 1 });
        const [request] = requests;
        const expected = path.replaceAll(/\{\w+\}/g, IN_PATH) + (QUERIES[operationId] ?? "");
        assert.deepEqual([request.method, request.url], [method, expected]);
        assert.deepEqual(request.body, BODIES[operationId], operationId);
        assert.equal(request.headers.authorization, "Bearer hks_1");
        assert.equal(request.headers["content-type"], request.body && "application/json");
        assert.match(request.headers["user-agent"], /^hookseal-(node|edge)\/\d+\.\d+\.\d+$/);
        assert.equal(request.headers["idempotency-key"] !== undefined, method === "POST");
        // Whether the client may send it again is what the server says.
        const keyed = parameters.some(({ name }) => name === "Idempotency-Key");
        assert.equal(keyed, operationId.startsWith("send"), operationId);
      });
    }
  });

  test("the types are those of the server's OpenAPI document", () => {
    const python = "../../../bindings-python/python/hookseal/client/types.py";
    const [source, ofPython] = ["../../client/openapi.ts", python].map((file) =>
      readFileSync(new URL(file, import.meta.url), "utf8"),
    );
    for (const types of [source, ofPython]) {
      assert.ok(types.includes(digest()), "they are of an older one: run `make client-types`");
    }
    assert.ok(Object.keys(document().components.schemas).every((name) => source.includes(` ${name}: `)));
  });

  test("no id leads to another path", () => {
    const client = new Hookseal({ apiKey: "hks_1", baseUrl: "http://127.0.0.1:9" });
    for (const id of ["", ".", "..", 7, undefined, null]) {
      assert.throws(() => client.endpoints.delete(id), { name: "WebhookError", code: "invalid_argument" });
    }
  });
}
