// Written by `npm run build` from the sources in TypeScript.
import { FastifyPluginAsync, FastifyReply, FastifyRequest } from "fastify";
import { HandshakeResponse, HeadersLike, Idempotency, OutOfFile, PayloadOf, PublishedKeys, SchemeFile, SchemeLike, Verified, WebhookOptions } from "hookseal";

/** What a request is to the core. The URL is the one that was registered with the sender. */
interface RawRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: HeadersLike;
  readonly body: Uint8Array | string;
}
/** One secret, or several while it is rotated; none as long as the sender has not handed it over. */
type Secret = string | readonly string[] | null | undefined;
/**
 * The secret, or a function that knows it: from the environment that a worker is given, or for the tenant of a URL. For
 * senders that publish their keys: `new PublishedKeys()`.
 */
type SecretSource<Context> = string | readonly string[] | PublishedKeys | ((context: Context, request: RawRequest) => Secret | Promise<Secret>);
/** What a receiver does besides verifying. `Context` is what the framework calls a request. */
interface ReceiverOptions<Context> extends WebhookOptions {
  /**
   * The URL as you registered it with the sender, for schemes that sign it: behind a proxy the server sees another one.
   * The query is taken from the request, unless a function says all of it. Default: the URL that the framework sees.
   */
  url?: string | ((context: Context) => string) | undefined;
  /** The most bytes that a body may have; a larger one is answered with 413. @default 1048576 */
  limit?: number | undefined;
  /** Handles each event once: a duplicate is answered with 200 and the header `Hookseal-Duplicate`, unhandled. */
  idempotency?: Idempotency | undefined;
  /**
   * Called with whatever is refused, for your log: a `WebhookError`, or what a store or a function of yours threw.
   * Default: those that are the receiver's own fault go to `console.error`.
   */
  onError?: ((error: unknown, context: Context) => void) | undefined;
  /** Called before a handshake is answered: some hand over the secret (`answer.secret`). */
  onHandshake?: ((answer: HandshakeResponse, context: Context) => unknown) | undefined;
}
/** Handles an event. What it returns is sent; where that is nothing, the answer is 204. */
type FastifyHandler<T> = (event: Verified<T>, request: FastifyRequest, reply: FastifyReply) => unknown;
/**
 * Makes a plugin with one route, which answers handshakes, verifies, and gives the event to `handler`. The plugin reads
 * raw bodies; the routes outside of it parse theirs as before.
 *
 *     app.register(webhook("github", secret, (event) => console.log(event.type)), { prefix: "/hooks" });
 *
 * @param secret the secret, or a function that takes it from the request
 * @throws {WebhookError} as `new Webhook`, where the secret is known
 */
declare function webhook<const Scheme extends SchemeLike | SchemeFile, T = PayloadOf<Scheme>>(scheme: Scheme & OutOfFile<Scheme>, secret: SecretSource<FastifyRequest>, handler: FastifyHandler<T>, options?: ReceiverOptions<FastifyRequest>): FastifyPluginAsync;
export { webhook };
export type { FastifyHandler, RawRequest, ReceiverOptions, Secret, SecretSource };
