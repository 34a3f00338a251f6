/** What is tried again, when, and what is not. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { refusal, withServer } from "./fake-server.mjs";

const EVENT = { type: "a.b", data: {} };
const OK = { body: { id: "evt_1" } };
const BUSY = refusal(503, "overloaded");
const reset = (request) => request.socket.destroy();
/** The head of an answer, and then nothing. */
const hang = (_, response) => response.writeHead(200).flushHeaders();

export function testRetries({ Hookseal, RetryPolicy }) {
  const clientOf = (server, options) => new Hookseal({ apiKey: "hks_1", baseUrl: server.url, ...options });

  for (const [name, first] of Object.entries({
    408: refusal(408, "request_timeout"),
    429: refusal(429, "rate_limited"),
    500: refusal(500, "internal"),
    "502 of a proxy": { status: 502, headers: { "content-type": "text/html" }, body: "<html>" },
    503: BUSY,
    "a connection that is reset": reset,
  })) {
    test(`an event is sent again after ${name}, under the same key`, () =>
      withServer([first, OK], async (server) => {
        assert.deepEqual(await clientOf(server).events.send(EVENT), { id: "evt_1" });
        const keys = server.requests.map(({ headers }) => headers["idempotency-key"]);
        assert.equal(keys.length, 2);
        assert.match(keys[0], /^[0-9a-f-]{36}$/);
        assert.equal(keys[1], keys[0]);
        assert.deepEqual(server.requests[1].body, EVENT);
      }));
  }

  test("each call has a key of its own, or the caller's", () =>
    withServer([OK], async (server) => {
      const { events } = clientOf(server);
      await events.send(EVENT);
      await events.send(EVENT);
      await events.sendBatch([EVENT], { idempotencyKey: "order-7" });
      const [first, second, third] = server.requests.map(({ headers }) => headers["idempotency-key"]);
      assert.notEqual(first, second);
      assert.equal(third, "order-7");
      for (const idempotencyKey of ["", "ä", 7, "a b", "a\n"]) {
        await assert.rejects(events.send(EVENT, { idempotencyKey }), { code: "invalid_argument" });
      }
    }));

  test("what is refused is not sent again", async () => {
    for (const status of [301, 400, 401, 403, 404, 409, 410, 422]) {
      await withServer([refusal(status, "no"), OK], async (server) => {
        await assert.rejects(clientOf(server).events.send(EVENT), { status, code: "no" });
        assert.equal(server.requests.length, 1, `${status}`);
      });
    }
  });

  test("the number of attempts is that of the core's policy, or the caller's", async () => {
    const attempts = RetryPolicy.preset("api_client").maxAttempts;
    for (const [made, client, call] of [
      [attempts, {}, {}],
      [1, { maxRetries: 0 }, {}],
      [3, { maxRetries: 0 }, { maxRetries: 2 }],
      [8, { maxRetries: 7 }, {}],
    ]) {
      await withServer([BUSY], async (server) => {
        await assert.rejects(clientOf(server, client).events.get("evt_1", call), { code: "overloaded", status: 503 });
        assert.equal(server.requests.length, made);
      });
    }
  });

  test("the server says how long to wait", () =>
    withServer([refusal(429, "rate_limited", {}, { "retry-after": "1" }), OK], async (server) => {
      const before = performance.now();
      await clientOf(server).events.get("evt_1");
      assert.ok(performance.now() - before >= 990);
    }));

  test("a wait that is too long is not begun", async () => {
    for (const [seconds, options] of [
      ["61", {}],
      ["5", { deadlineMs: 2000 }],
    ]) {
      await withServer([refusal(429, "rate_limited", {}, { "retry-after": seconds }), OK], async (server) => {
        await assert.rejects(clientOf(server).events.get("evt_1", options), { code: "rate_limited" });
        assert.equal(server.requests.length, 1);
      });
    }
  });

  test("what could be done twice is sent again only where it was not done", async () => {
    const endpoint = { url: "https://example.com/", event_types: ["*"] };
    const once = (client) => client.endpoints.create(endpoint);
    for (const [made, first] of [
      [2, BUSY],
      [2, refusal(429, "rate_limited")],
      [2, refusal(500, "internal")],
      [1, { status: 502, body: "" }],
      [1, { status: 504, body: "" }],
      [1, reset],
    ]) {
      await withServer([first, OK], async (server) => {
        const answer = once(clientOf(server));
        if (made === 1) await assert.rejects(answer, { name: "HooksealApiError" });
        else await answer;
        assert.equal(server.requests.length, made);
      });
    }
    // Each schema that is sent is another version.
    for (const [made, change] of [
      [1, { schema: {} }],
      [2, { archived: true }],
    ]) {
      await withServer([reset, OK], async (server) => {
        await clientOf(server).eventTypes.update("a.b", change).catch(() => {});
        assert.equal(server.requests.length, made);
      });
    }
    // Twice paused is paused.
    await withServer([reset, OK], async (server) => {
      await clientOf(server).endpoints.pause("ep_1");
      assert.equal(server.requests.length, 2);
    });
  });

  test("what was deleted by an attempt without an answer is deleted", async () => {
    const gone = refusal(404, "not_found");
    await withServer([reset, gone], async (server) => {
      assert.equal(await clientOf(server).endpoints.delete("ep_1"), undefined);
    });
    for (const answers of [[gone], [BUSY, gone]]) {
      await withServer(answers, (server) =>
        assert.rejects(clientOf(server).endpoints.delete("ep_1"), { code: "not_found", status: 404 }),
      );
    }
  });

  test("an attempt has a time limit, and so has the call", async () => {
    for (const slow of [() => {}, hang]) {
      await withServer([slow, OK], async (server) => {
        assert.deepEqual(await clientOf(server, { timeoutMs: 100 }).events.send(EVENT), { id: "evt_1" });
        assert.equal(server.requests.length, 2);
      });
    }
    await withServer([hang], async (server) => {
      const call = clientOf(server, { deadlineMs: 200 }).events.get("evt_1");
      await assert.rejects(call, { code: "timeout", status: undefined, message: /^GET \/v1\/events\/evt_1 had no answer/ });
      assert.equal(server.requests.length, 1);
    });
  });

  test("a signal ends a call, whatever it waits for", async () => {
    const reason = new Error("the user went away");
    const ended = (server, options = {}) => {
      const controller = new AbortController();
      setTimeout(() => controller.abort(reason), 50);
      return assert.rejects(clientOf(server).events.send(EVENT, { signal: controller.signal, ...options }), reason);
    };
    await withServer([hang], (server) => ended(server));
    await withServer([refusal(503, "overloaded", {}, { "retry-after": "30" })], (server) => ended(server));
    await withServer([OK], async (server) => {
      await assert.rejects(clientOf(server).events.send(EVENT, { signal: AbortSignal.abort(reason) }), reason);
      assert.equal(server.requests.length, 0);
    });
  });
}
