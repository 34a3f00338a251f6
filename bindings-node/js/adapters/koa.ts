/** Webhooks for Koa. */
import type { IncomingMessage } from "node:http";
import type { ReceiverOptions, SecretSource } from "../../../bindings-js/adapters/options.js";
import { Receiver, succeeded } from "../../../bindings-js/adapters/receiver.js";
import type { OutOfFile, PayloadOf, SchemeFile, SchemeLike, Verified } from "../../../bindings-js/index.js";
import { bodyOf, headOf, type ParsedRequest } from "./node-request.js";

export type { RawRequest, ReceiverOptions, Secret, SecretSource } from "../../../bindings-js/adapters/options.js";

/** What this package uses of Koa's context. */
export interface KoaContext {
  readonly req: IncomingMessage;
  readonly request: ParsedRequest;
  readonly originalUrl: string;
  readonly origin: string;
  status: number;
  body: unknown;
  set(headers: Record<string, string>): void;
}

/** What the middleware leaves for those after it: `context.state.event`. */
export interface WebhookState<T> {
  event: Verified<T>;
}

/** A middleware that Koa and its routers take. */
export type WebhookMiddleware<T> = (
  context: KoaContext & { state: WebhookState<T> },
  next: () => Promise<unknown>,
) => Promise<void>;

/**
 * Makes a middleware: answers handshakes, verifies, and puts the event into `context.state.event` for those after it. It
 * reads the body itself: put it before a body parser.
 *
 *     router.post("/hooks", webhook("github", secret), (context) => {
 *       console.log(context.state.event.type);
 *       context.status = 204;
 *     });
 *
 * @param secret the secret, or a function that takes it from the context
 * @throws {WebhookError} as `new Webhook`, where the secret is known
 */
export function webhook<const Scheme extends SchemeLike | SchemeFile, T = PayloadOf<Scheme>>(
  scheme: Scheme & OutOfFile<Scheme>,
  secret: SecretSource<KoaContext>,
  options?: ReceiverOptions<KoaContext>,
): WebhookMiddleware<T> {
  const receiver = new Receiver<T, KoaContext>("koa", scheme, secret, options);
  return async (context, next) => {
    const head = headOf(context.req, context.originalUrl, context.origin);
    const received = await receiver.receive(context, head, bodyOf(context.req, context.request));
    if ("answer" in received) {
      const { status, headers, body } = received.answer;
      context.status = status;
      context.set(headers);
      // A body of `null` would make the status 204.
      context.body = body ?? "";
      return;
    }
    const { event, settle } = received.delivery;
    context.state.event = event;
    let ok = false;
    try {
      await next();
      ok = succeeded(context.status);
    } finally {
      await settle(ok);
    }
  };
}
