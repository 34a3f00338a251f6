import assert from "node:assert/strict";
import { Webhook } from "@hookseal/edge";
import { fakeServer } from "../../bindings-js/test/client/fake-server.mjs";
import { testReadme } from "../../bindings-js/test/readme.mjs";

const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

testReadme(new URL("../", import.meta.url), async ([{ default: simple }, { receive }, { default: worker }, { send }, , { receive: small }]) => {
  const github = new Webhook("github", "secret").sign({ id: "1", type: "push", body: "{}" });
  const push = (sent) => new Request("http://localhost/", { method: "POST", body: sent, headers: github });
  const env = { GITHUB_SECRET: "secret" };
  assert.equal((await simple.fetch(push("{}"), env)).status, 204);
  assert.equal((await simple.fetch(push("{ }"), env)).status, 401);
  assert.equal(await (await receive(push("{}"))).text(), "push");
  assert.equal((await receive(push("{}"))).headers.get("hookseal-duplicate"), "true");
  assert.equal((await small(push("{}"), "secret")).type, "push");
  await assert.rejects(small(push("{ }"), "secret"), { code: "no_match" });

  const api = await fakeServer({ body: { id: "evt_1", deliveries: [] } });
  try {
    const env = { HOOKSEAL_API_KEY: "hks_1", HOOKSEAL_URL: api.url };
    assert.equal(await send(env, { type: "a.b", data: {} }), "evt_1");
  } finally {
    await api.close();
  }

  const body = '{"type":"invoice.paid"}';
  const headers = new Webhook("standard_webhooks", SECRET).sign({ id: "msg_1", body });
  const post = async (sent, env = { WEBHOOK_SECRET: SECRET }) => {
    const request = new Request("http://localhost/", { method: "POST", body: sent, headers, duplex: "half" });
    const response = await worker.fetch(request, env);
    return [response.status, await response.text()];
  };
  const aborted = new ReadableStream({
    start: (controller) => controller.enqueue(new Uint8Array(3)),
    pull: (controller) => controller.error(new Error("the client went away")),
  });
  assert.deepEqual(await post(body, {}), [500, "invalid_secret"]);
  assert.deepEqual(await post(body), [204, ""]);
  assert.deepEqual(await post(`${body} `), [401, "no_match"]);
  assert.deepEqual(await post(undefined), [401, "no_match"]);
  assert.deepEqual(await post(new Uint8Array(1_000_001)), [500, ""]);
  assert.deepEqual(await post(aborted), [500, ""]);
  assert.deepEqual(await post(body), [204, ""]);
});
