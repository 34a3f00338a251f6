// A receiver in the workers runtime: a Fetch handler, the raw body, and one call.

import { Webhook, WebhookError } from "@hookseal/edge";

const seen = new Map();
let webhooks;

export default {
  async fetch(request, env) {
    const { secrets, busy } = env.DEMO;
    webhooks ??= Object.fromEntries(
      Object.entries(secrets).map(([profile, secret]) => [profile, new Webhook(profile, secret)]),
    );
    const profile = new URL(request.url).pathname.slice(1);
    if (!webhooks[profile]) return Response.json({ verified: false, code: "not_found" }, { status: 404 });
    try {
      const event = webhooks[profile].verify(await request.arrayBuffer(), request.headers);
      const id = request.headers.get("webhook-id");
      seen.set(id, (seen.get(id) ?? 0) + 1);
      const status = seen.get(id) <= (busy[profile] ?? 0) ? 503 : 200;
      return Response.json({ verified: true, type: event.type }, { status });
    } catch (error) {
      if (!(error instanceof WebhookError)) throw error;
      return Response.json({ verified: false, code: error.code, message: error.message }, { status: error.status });
    }
  },
};
