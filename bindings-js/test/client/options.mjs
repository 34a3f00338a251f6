/** What a client is made with. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { withServer } from "./fake-server.mjs";

const GOOD = { apiKey: "hks_1", baseUrl: "https://hooks.example.com" };

export function testOptions({ Hookseal, Naive, WebhookError }) {
  for (const Client of [Hookseal, Naive]) {
    test(`${Client.name} says which option is wrong`, () => {
      for (const [message, options] of [
        [/^`apiKey` is missing$/, { apiKey: undefined }],
        [/^`apiKey` is missing$/, { apiKey: "" }],
        [/^`apiKey` is not the text of a key/, { apiKey: "secret key" }],
        [/^`apiKey` is not the text of a key/, { apiKey: "secret\n" }],
        [/^`apiKey` is not the text of a key/, { apiKey: { secret: 1 } }],
        [/^`baseUrl` is missing$/, { baseUrl: undefined }],
        [/^`baseUrl` is not a URL$/, { baseUrl: "hooks.example.com" }],
        [/^`baseUrl` is not an http\(s\) URL$/, { baseUrl: "ftp://hooks.example.com" }],
        [/^`baseUrl` has a user or a password/, { baseUrl: "https://user:secret@hooks.example.com" }],
        [/^`baseUrl` has a query/, { baseUrl: "https://hooks.example.com/?secret" }],
        [/^`timeoutMs` takes milliseconds/, { timeoutMs: 0 }],
        [/^`timeoutMs` takes milliseconds/, { timeoutMs: "1" }],
        [/^`deadlineMs` takes milliseconds/, { deadlineMs: NaN }],
        [/^`maxRetries` takes a whole number/, { maxRetries: -1 }],
        [/^`maxRetries` takes a whole number/, { maxRetries: 1.5 }],
        [/^`fetch` takes a function/, { fetch: 7 }],
      ]) {
        assert.throws(
          () => new Client({ ...GOOD, ...options }),
          (error) => {
            assert.ok(error instanceof WebhookError);
            assert.equal(error.code, "invalid_argument");
            assert.match(error.message, message);
            assert.notEqual(error.hint, "");
            assert.ok(!inspect(error).includes("secret "));
            return true;
          },
        );
      }
      for (const options of [null, 7, undefined]) assert.throws(() => new Client(options), { code: "invalid_argument" });
      for (const id of ["", 7, undefined]) assert.throws(() => new Client(GOOD).forUser(id), { code: "invalid_argument" });
    });
  }

  test("the environment says what the options do not", () =>
    withServer([{ body: { id: 1 } }], async ({ url, requests }) => {
      process.env.HOOKSEAL_API_KEY = "hks_environment";
      process.env.HOOKSEAL_URL = url;
      try {
        await new Hookseal().events.get("1");
        await new Hookseal({ apiKey: "hks_option" }).events.get("1");
      } finally {
        delete process.env.HOOKSEAL_API_KEY;
        delete process.env.HOOKSEAL_URL;
      }
      const keys = requests.map(({ headers }) => headers.authorization);
      assert.deepEqual(keys, ["Bearer hks_environment", "Bearer hks_option"]);
    }));

  test("the base may have a path, and a slash at its end", () =>
    withServer([{ body: {} }], async ({ url, requests }) => {
      for (const base of [url, `${url}/`, `${url}/hooks`, `${url}/hooks//`, new URL(`${url}/hooks/`)]) {
        await new Hookseal({ apiKey: "hks_1", baseUrl: base }).events.get("1");
      }
      assert.deepEqual(
        requests.map(({ url }) => url),
        ["", "", "/hooks", "/hooks", "/hooks"].map((path) => `${path}/v1/events/1`),
      );
    }));

  test("another `fetch` is used as a function", async () => {
    const asked = [];
    const fetch = async function (url, init) {
      asked.push([this, url, init.method]);
      return Response.json({ id: 1 });
    };
    await new Hookseal({ ...GOOD, fetch }).events.get("1");
    assert.deepEqual(asked, [[undefined, "https://hooks.example.com/v1/events/1", "GET"]]);
  });
}
