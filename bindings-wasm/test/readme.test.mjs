import assert from "node:assert/strict";
import { Webhook } from "@hookseal/edge";
import { testReadme } from "../../bindings-js/test/readme.mjs";

testReadme(new URL("../", import.meta.url), async ([{ default: worker }]) => {
  const body = '{"type":"invoice.paid"}';
  const headers = new Webhook("standard_webhooks", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").sign({
    id: "msg_1",
    body,
  });
  const post = async (sent) => {
    const response = await worker.fetch(new Request("http://localhost/", { method: "POST", body: sent, headers }));
    return [response.status, await response.text()];
  };
  assert.deepEqual(await post(body), [204, ""]);
  assert.deepEqual(await post(`${body} `), [401, "no_match"]);
});
