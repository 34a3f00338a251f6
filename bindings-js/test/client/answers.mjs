/** What a call comes to: pages, and errors whatever answers. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { fakeServer, refusal, withServer } from "./fake-server.mjs";

const KEY = "hks_live_do_not_show_this";

export function testAnswers({ Hookseal, HooksealApiError }) {
  const clientOf = (server, options) => new Hookseal({ apiKey: KEY, baseUrl: server.url, maxRetries: 0, ...options });

  async function failureOf(answer, call = (client) => client.events.get("evt_1")) {
    let failure;
    await withServer([answer], async (server) => {
      failure = await call(clientOf(server)).then(() => assert.fail("it did not fail"), (error) => error);
    });
    assert.ok(failure instanceof HooksealApiError);
    assert.ok(failure instanceof Error);
    assert.ok(!inspect(failure, { depth: 9, showHidden: true }).includes(KEY));
    return failure;
  }

  const partsOf = ({ code, status, message, hint, field, requestId }) => ({ code, status, message, hint, field, requestId });

  test("an error of the server has its parts", async () => {
    const told = { message: "rate_limit is 0", hint: "send more", field: "settings/rate_limit" };
    const failure = await failureOf(refusal(422, "invalid_argument", told, { "x-request-id": "req_7" }));
    assert.deepEqual(partsOf(failure), { code: "invalid_argument", status: 422, ...told, requestId: "req_7" });
    const bare = await failureOf({ status: 400, body: { error: { code: "a", message: "b" } } });
    assert.deepEqual(partsOf(bare), { code: "a", status: 400, message: "b", hint: "", field: undefined, requestId: undefined });
  });

  test("an answer that is not the server's is an error, too", async () => {
    for (const [status, body, headers] of [
      [502, "<html><h1>Bad Gateway</h1></html>", { "content-type": "text/html" }],
      [404, "", {}],
      [500, '{"error":"internal"}', {}],
      [500, '{"error":{"code":7,"message":null}}', {}],
      [403, "null", {}],
      [200, "<html>sign in", { "content-type": "text/html" }],
      [200, "", {}],
      [302, "", { location: "https://elsewhere.example/" }],
    ]) {
      const failure = await failureOf({ status, body, headers });
      assert.equal(failure.code, "unexpected_answer", `${status} ${body}`);
      assert.equal(failure.status, status);
      assert.match(failure.message, new RegExp(`^the answer is ${status}`));
      assert.match(failure.hint, /baseUrl/);
      assert.ok(!failure.message.includes("html"));
    }
  });

  test("the key is sent to no other server", async () => {
    const other = await fakeServer({ body: {} });
    try {
      await failureOf({ status: 307, headers: { location: other.url } });
      assert.equal(other.requests.length, 0);
    } finally {
      await other.close();
    }
  });

  test("where nothing answers, the error says what happened", async () => {
    const server = await fakeServer({});
    await server.close();
    const client = clientOf(server);
    await assert.rejects(client.events.get("evt_1"), (failure) => {
      assert.deepEqual([failure.code, failure.status, failure.name], ["connection_failed", undefined, "HooksealApiError"]);
      assert.match(failure.message, /^GET \/v1\/events\/evt_1 had no answer/);
      assert.ok(failure.cause instanceof Error);
      assert.ok(!inspect(failure, { depth: 9, showHidden: true }).includes(KEY));
      return true;
    });
    const broken = await failureOf((request) => request.socket.destroy());
    assert.equal(broken.code, "connection_failed");
  });

  test("nothing shows the key", () => {
    const client = new Hookseal({ apiKey: KEY, baseUrl: "https://hooks.example.com" });
    assert.ok(!inspect(client, { depth: 9, showHidden: true }).includes(KEY));
    assert.ok(!JSON.stringify(client).includes(KEY));
  });

  test("an answer without a body is nothing", () =>
    withServer([{ status: 204 }], async (server) => {
      assert.equal(await clientOf(server).tenants.erase("t"), undefined);
    }));

  const pages = [
    { body: { data: [1, 2], next: "b" } },
    { body: { data: [], next: "c" } },
    { body: { data: [3], next: null } },
  ];
  const urls = ["/v1/endpoints?tenant=t", "/v1/endpoints?tenant=t&after=b", "/v1/endpoints?tenant=t&after=c"];

  test("a list is gone through page by page", () =>
    withServer([...pages], async (server) => {
      const rows = [];
      for await (const row of clientOf(server).endpoints.list({ tenant: "t" })) rows.push(row);
      assert.deepEqual(rows, [1, 2, 3]);
      assert.deepEqual(server.requests.map(({ url }) => url), urls);
    }));

  test("a list is its first page, its pages, or all of its rows", async () => {
    await withServer([...pages], async (server) => {
      const list = clientOf(server).endpoints.list({ tenant: "t" });
      assert.equal(server.requests.length, 0);
      assert.deepEqual(await list, pages[0].body);
      assert.deepEqual(await clientOf(server).endpoints.list({ tenant: "t", after: "b" }), pages[1].body);
      assert.deepEqual(server.requests.map(({ url }) => url), urls.slice(0, 2));
    });
    await withServer([...pages], async (server) => {
      const sizes = [];
      for await (const { data } of clientOf(server).endpoints.list().pages()) sizes.push(data.length);
      assert.deepEqual(sizes, [2, 0, 1]);
    });
    await withServer([...pages], async (server) => {
      assert.deepEqual(await clientOf(server).endpoints.list().all(), [1, 2, 3]);
    });
    await withServer([{ body: { data: [1], next: "b" } }, refusal(503, "overloaded")], async (server) => {
      const rows = [];
      const read = async () => {
        for await (const row of clientOf(server).endpoints.list()) rows.push(row);
      };
      await assert.rejects(read(), { code: "overloaded" });
      assert.deepEqual(rows, [1]);
    });
    await withServer([refusal(401, "unauthorized")], async (server) => {
      let ended = 0;
      const list = clientOf(server).endpoints.list().finally(() => (ended += 1));
      assert.equal(await list.catch(({ code }) => code), "unauthorized");
      assert.equal(await clientOf(server).endpoints.list().catch(({ code }) => code), "unauthorized");
      assert.equal(ended, 1);
    });
  });
}
