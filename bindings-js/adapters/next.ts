/** Webhooks for the app router of Next.js, in its Node and its edge runtime. */
import type { OutOfFile, PayloadOf, SchemeFile, SchemeLike } from "../index.js";
import { type FetchHandler, type FetchOptions, type FetchWebhook, receiving } from "./fetch.js";
import type { SecretSource } from "./options.js";
import { isPublished } from "./receiver.js";

export type { FetchHandler, FetchOptions } from "./fetch.js";
export type { RawRequest, ReceiverOptions, Secret, SecretSource } from "./options.js";

/** What a `route.ts` exports. `GET` is for the handshakes that come as a query. */
export interface RouteHandlers<Segment> {
  GET: (request: Request, segment: Segment) => Promise<Response>;
  POST: (request: Request, segment: Segment) => Promise<Response>;
}

/**
 * Makes the handlers of a route: they answer handshakes, verify, and give the event to `handler`. The secret is looked
 * at when the first request comes, because a build runs without it.
 *
 *     export const { GET, POST } = webhook("github", () => process.env.SECRET, (event) => console.log(event.type));
 *
 * @param secret the secret, or a function that takes the second argument of a route, with its `params`
 */
export function webhook<const Scheme extends SchemeLike | SchemeFile, T = PayloadOf<Scheme>, Segment = unknown>(
  scheme: Scheme & OutOfFile<Scheme>,
  secret: SecretSource<Segment>,
  handler: FetchHandler<T, Segment, unknown>,
  options?: FetchOptions,
): RouteHandlers<Segment> {
  const late: SecretSource<Segment> = typeof secret === "function" || isPublished(secret) ? secret : () => secret;
  const receive: FetchWebhook<Segment, unknown> = receiving("next", scheme, late, handler, options);
  const route = (request: Request, segment: Segment) => receive(request, segment);
  return { GET: route, POST: route };
}
