import assert from "node:assert/strict";
import { once } from "node:events";
import { Webhook } from "hookseal";
import { testReadme } from "../../bindings-js/test/readme.mjs";

testReadme(new URL("../", import.meta.url), async ([{ server }]) => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const body = '{"type":"invoice.paid"}';
  const headers = new Webhook("standard_webhooks", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").sign({
    id: "msg_1",
    body,
  });
  const post = async (sent) => {
    const response = await fetch(`http://127.0.0.1:${server.address().port}/`, { method: "POST", body: sent, headers });
    return [response.status, await response.text()];
  };
  try {
    assert.deepEqual(await post(body), [204, ""]);
    assert.deepEqual(await post(`${body} `), [401, "no_match"]);
  } finally {
    server.closeAllConnections();
    server.close();
  }
});
