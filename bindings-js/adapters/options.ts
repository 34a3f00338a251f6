import type { HandshakeResponse, HeadersLike, Idempotency, PublishedKeys, WebhookOptions } from "../index.js";

/** What a request is to the core. The URL is the one that was registered with the sender. */
export interface RawRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: HeadersLike;
  readonly body: Uint8Array | string;
}

/** One secret, or several while it is rotated; none as long as the sender has not handed it over. */
export type Secret = string | readonly string[] | null | undefined;

/**
 * The secret, or a function that knows it: from the environment that a worker is given, or for the tenant of a URL. For
 * senders that publish their keys: `new PublishedKeys()`.
 */
export type SecretSource<Context> =
  string | readonly string[] | PublishedKeys | ((context: Context, request: RawRequest) => Secret | Promise<Secret>);

/** What a receiver does besides verifying. `Context` is what the framework calls a request. */
export interface ReceiverOptions<Context> extends WebhookOptions {
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
