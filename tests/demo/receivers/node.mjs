// A receiver on Node's own http server: the raw body, the headers as they came, and one call.

import { createServer } from "node:http";
import { Webhook, WebhookError } from "hookseal";

const { port, secrets, busy } = JSON.parse(process.env.DEMO);
const webhooks = Object.fromEntries(
  Object.entries(secrets).map(([profile, secret]) => [profile, new Webhook(profile, secret)]),
);
const seen = new Map();

createServer(async (request, response) => {
  const profile = request.url.slice(1);
  const answer = (status, body) => {
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify(body));
  };
  if (!webhooks[profile]) return answer(404, { verified: false, code: "not_found" });
  try {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const event = webhooks[profile].verify(Buffer.concat(chunks), request.headers);
    const id = request.headers["webhook-id"];
    seen.set(id, (seen.get(id) ?? 0) + 1);
    answer(seen.get(id) <= (busy[profile] ?? 0) ? 503 : 200, { verified: true, type: event.type });
  } catch (error) {
    // The sender hung up half-way.
    if (!(error instanceof WebhookError)) return response.destroy();
    answer(error.status, { verified: false, code: error.code, message: error.message });
  }
}).listen(port, "127.0.0.1", () => console.log("ready"));
