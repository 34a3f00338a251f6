// Compiled, never run, and without the types of Node: the face itself is checked in the Node package.
import { type RetryDecision, RetryPolicy, type Verified, Webhook, WebhookError } from "@hookseal/edge";
import { Hookseal, HooksealApiError, Naive, verifyWebhookSignature } from "@hookseal/edge/client";
import { init, initSync, Webhook as SlimWebhook } from "@hookseal/edge/slim";

export default {
  async fetch(request: Request): Promise<Response> {
    try {
      const hook = new Webhook("square", "secret");
      const body = await request.arrayBuffer();
      const answer = hook.handshake(body, request.headers, request);
      if (answer) return new Response(answer.body, answer);
      const verified: Verified = hook.verify(body, request.headers, request);
      return Response.json(verified.type);
    } catch (error) {
      if (error instanceof WebhookError) return new Response(error.code, { status: error.status });
      throw error;
    }
  },
};

// @ts-expect-error: a parsed body
new Webhook("naive", "secret").verify({}, new Headers());

export const decision: RetryDecision = RetryPolicy.profile("naive").next({ attempt: 1 });

await init("/hookseal.wasm");
initSync(new Uint8Array());
new SlimWebhook("naive", "secret");

export async function calls(): Promise<number | undefined> {
  const client = new Hookseal({ apiKey: "hks_1", baseUrl: "https://hooks.example.com" });
  for await (const { id, state } of client.deliveries.list({ state: "failed" })) if (state === "failed") return id.length;
  const failure: unknown = await new Naive({ apiKey: "nv_1" }).webhooks.list().catch((error: unknown) => error);
  const valid: boolean = verifyWebhookSignature("whsec_1", "{}", null);
  return failure instanceof HooksealApiError && valid ? failure.status : undefined;
}
