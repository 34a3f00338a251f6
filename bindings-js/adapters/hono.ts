/** Webhooks for Hono, on every runtime that it runs on. */
import type { Context, MiddlewareHandler } from "hono";
import type { OutOfFile, PayloadOf, SchemeFile, SchemeLike, Verified } from "../index.js";
import { responseOf } from "./answer.js";
import { bodyOf } from "./fetch-body.js";
import type { ReceiverOptions, SecretSource } from "./options.js";
import { type ReadBody, Receiver, succeeded } from "./receiver.js";

export type { RawRequest, ReceiverOptions, Secret, SecretSource } from "./options.js";

/** What the middleware leaves for the handler: `c.var.event`. */
export interface WebhookEnv<T> {
  Variables: { event: Verified<T> };
}

/**
 * Makes a middleware: answers handshakes, verifies, and puts the event into `c.var.event` for the handler after it.
 *
 *     app.post("/hooks", webhook("github", (c) => c.env.GITHUB_SECRET), (c) => c.text(c.var.event.type ?? ""));
 *
 * @param secret the secret, or a function that takes it from the context
 * @throws {WebhookError} as `new Webhook`, where the secret is known
 */
export function webhook<const Scheme extends SchemeLike | SchemeFile, T = PayloadOf<Scheme>>(
  scheme: Scheme & OutOfFile<Scheme>,
  secret: SecretSource<Context>,
  options?: ReceiverOptions<Context>,
): MiddlewareHandler<WebhookEnv<T>> {
  const receiver = new Receiver<T, Context>("hono", scheme, secret, options);
  return async (context, next) => {
    const { raw } = context.req;
    const received = await receiver.receive(context, raw, bodyOfContext(context));
    if ("answer" in received) return responseOf(received.answer);
    const { event, settle } = received.delivery;
    context.set("event", event);
    let ok = false;
    try {
      await next();
      // What a handler throws becomes a response here.
      ok = !context.error && succeeded(context.res.status);
    } finally {
      await settle(ok);
    }
    return undefined;
  };
}

/** Also the body that was read before as bytes or as text, which Hono keeps; not one that was parsed. */
function bodyOfContext({ req }: Context): ReadBody {
  return async (limit) => {
    if (!req.raw.bodyUsed) return bodyOf(req.raw)(limit);
    // Promises, whatever the types say.
    const [bytes, text] = await Promise.all([req.bodyCache.arrayBuffer, req.bodyCache.text]);
    return bytes ? new Uint8Array(bytes) : text;
  };
}
