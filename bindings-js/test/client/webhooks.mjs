/** `create`, `list`, `test`, `remove`, `forUser`: over the native API, and in naive's dialect. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { refusal, withServer } from "./fake-server.mjs";

const URL = "https://app.example.com/hooks";

export function testWebhooks({ Hookseal, Naive, verifyWebhookSignature }) {
  const requestsOf = ({ requests }) => requests.map(({ method, url, body }) => [method, url, body]);

  test("webhooks are endpoints", () =>
    withServer([{ body: { id: "ep_1", tenant: "u 1", data: [7], next: null } }], async (server) => {
      const client = new Hookseal({ apiKey: "hks_1", baseUrl: server.url });
      await client.webhooks.create(URL, ["a.b"]);
      assert.deepEqual(await client.webhooks.list(), [7]);
      await client.webhooks.test("ep_1");
      await client.webhooks.remove("ep_1");
      const { webhooks } = client.forUser("u 1");
      await webhooks.create(URL, ["a.b"]);
      assert.deepEqual(await webhooks.list(), [7]);
      await webhooks.test("ep_1");
      await webhooks.remove("ep_1");
      assert.deepEqual(requestsOf(server), [
        ["POST", "/v1/endpoints", { url: URL, event_types: ["a.b"] }],
        ["GET", "/v1/endpoints", undefined],
        ["POST", "/v1/endpoints/ep_1/test?wait=true", {}],
        ["DELETE", "/v1/endpoints/ep_1", undefined],
        ["POST", "/v1/endpoints", { url: URL, event_types: ["a.b"], tenant: "u 1" }],
        ["GET", "/v1/endpoints?tenant=u+1", undefined],
        ["GET", "/v1/endpoints/ep_1", undefined],
        ["POST", "/v1/endpoints/ep_1/test?wait=true", {}],
        ["GET", "/v1/endpoints/ep_1", undefined],
        ["DELETE", "/v1/endpoints/ep_1", undefined],
      ]);
    }));

  test("a user has no webhooks of others", async () => {
    for (const tenant of [null, "u2"]) {
      await withServer([{ body: { id: "ep_1", tenant } }], async (server) => {
        const { webhooks } = new Hookseal({ apiKey: "hks_1", baseUrl: server.url }).forUser("u1");
        for (const call of ["test", "remove"]) {
          await assert.rejects(webhooks[call]("ep_1"), { name: "HooksealApiError", code: "not_found", status: 404 });
        }
        assert.ok(server.requests.every(({ method }) => method === "GET"));
      });
    }
  });

  test("naive's client calls naive's paths", () =>
    withServer([{ body: { id: "w", data: [7], next: null, eventTypes: ["email.received"] } }], async (server) => {
      const naive = new Naive({ apiKey: "nv_sk_live_1", baseUrl: server.url });
      for (const { webhooks } of [naive, naive.forUser("u/1")]) {
        await webhooks.create(URL, ["email.received", "approval.resolved"]);
        assert.deepEqual(await webhooks.list(), [7]);
        assert.deepEqual(await webhooks.eventTypes(), ["email.received"]);
        await webhooks.test("w/1");
        assert.equal(await webhooks.remove("w/1"), undefined);
      }
      const expected = ["/v1/webhooks", "/v1/users/u%2F1/webhooks"].flatMap((path) => [
        ["POST", path, { url: URL, eventTypes: ["email.received", "approval.resolved"] }],
        ["GET", path, undefined],
        ["GET", `${path}/event-types`, undefined],
        ["POST", `${path}/w%2F1/test`, undefined],
        ["DELETE", `${path}/w%2F1`, undefined],
      ]);
      assert.deepEqual(requestsOf(server), expected);
      assert.equal(server.requests[0].headers.authorization, "Bearer nv_sk_live_1");
    }));

  test("naive's client throws the same errors", () =>
    withServer([refusal(404, "not_found")], async (server) => {
      const naive = new Naive({ apiKey: "nv_sk_live_1", baseUrl: server.url });
      await assert.rejects(naive.webhooks.remove("w"), { name: "HooksealApiError", code: "not_found" });
    }));

  test("the boolean helper comes with the clients", () => {
    assert.equal(verifyWebhookSignature("whsec_1", "{}", "not a signature"), false);
  });
}
