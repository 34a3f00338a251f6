/** Webhooks for Express 4 and 5. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { ReceiverOptions, SecretSource } from "../../../bindings-js/adapters/options.js";
import { Receiver, succeeded } from "../../../bindings-js/adapters/receiver.js";
import type { OutOfFile, PayloadOf, SchemeFile, SchemeLike, Verified } from "../../../bindings-js/index.js";
import { bodyOf, headOf, onEnd, type ParsedRequest, send } from "./node-request.js";

export type { RawRequest, ReceiverOptions, Secret, SecretSource } from "../../../bindings-js/adapters/options.js";

/** What this package reads of an Express request. */
export interface ExpressRequest extends IncomingMessage, ParsedRequest {
  originalUrl: string;
  protocol: string;
}

/** What the middleware leaves for the handler: `response.locals.event`. */
export interface WebhookLocals<T> {
  event: Verified<T>;
}

/** A middleware that Express takes; the handlers after it know the type of the event. */
export type WebhookMiddleware<T> = (
  request: ExpressRequest,
  response: ServerResponse & { locals: WebhookLocals<T> },
  next: (error?: unknown) => void,
) => void;

/**
 * Makes a middleware: answers handshakes, verifies, and puts the event into `response.locals.event` for the handler after
 * it. It reads the body itself: put it before `express.json()`.
 *
 *     app.post("/hooks", webhook("github", secret), (request, response) => {
 *       console.log(response.locals.event.type);
 *       response.sendStatus(204);
 *     });
 *
 * With `idempotency`, an event is done once the response is ended with a status below 400.
 *
 * @param secret the secret, or a function that takes it from the request
 * @throws {WebhookError} as `new Webhook`, where the secret is known
 */
export function webhook<const Scheme extends SchemeLike | SchemeFile, T = PayloadOf<Scheme>>(
  scheme: Scheme & OutOfFile<Scheme>,
  secret: SecretSource<ExpressRequest>,
  options?: ReceiverOptions<ExpressRequest>,
): WebhookMiddleware<T> {
  const receiver = new Receiver<T, ExpressRequest>("express", scheme, secret, options);
  return (request, response, next) => {
    const { host } = request.headers;
    // Unlike that of the socket, `protocol` knows of proxies that the application trusts.
    const head = headOf(request, request.originalUrl, `${request.protocol}://${host ?? "localhost"}`);
    receiver
      .receive(request, head, bodyOf(request, request))
      .then((received) => {
        if ("answer" in received) return send(response, received.answer);
        const { event, settle } = received.delivery;
        response.locals.event = event;
        onEnd(response, (status) => void settle(succeeded(status)));
        next();
      })
      .catch(next);
  };
}
