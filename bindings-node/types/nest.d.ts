// Written by `npm run build` from the sources in TypeScript.
import { IncomingMessage } from "node:http";
import { NestInterceptor } from "@nestjs/common";
import { HandshakeResponse, HeadersLike, Idempotency, OutOfFile, PublishedKeys, SchemeFile, SchemeLike, WebhookOptions } from "hookseal";

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
/** What body parsers leave on a request. */
interface ParsedRequest {
  /** The bytes as received, where the platform keeps them: NestJS with `rawBody`, cloud functions. */
  rawBody?: unknown;
  body?: unknown;
}
/** What this package uses of the platform's request. */
interface NestRequest extends ParsedRequest {
  readonly originalUrl: string;
  readonly protocol: string;
  readonly headers: {
    host?: string | undefined;
  };
  /** Node's request, on Fastify. */
  readonly raw?: IncomingMessage;
}
/**
 * Makes an interceptor: answers handshakes, verifies, and has the event ready for a parameter with `@WebhookEvent()`.
 * Needs the raw body: `NestFactory.create(AppModule, { rawBody: true })`. On Express, Nest itself refuses bodies of more
 * than 100 KB, before this sees them: `app.useBodyParser("json", { limit: "2mb" })`.
 *
 *     @Post("hooks")
 *     @UseInterceptors(webhook("github", secret))
 *     receive(@WebhookEvent() event: Verified<Push>) { console.log(event.type); }
 *
 * @param secret the secret, or a function that takes it from the request
 * @throws {WebhookError} as `new Webhook`, where the secret is known
 */
declare function webhook<const Scheme extends SchemeLike | SchemeFile>(scheme: Scheme & OutOfFile<Scheme>, secret: SecretSource<NestRequest>, options?: ReceiverOptions<NestRequest>): NestInterceptor;
/** The event that the interceptor verified, as a parameter of the handler. */
declare const WebhookEvent: () => ParameterDecorator;
export { WebhookEvent, webhook };
export type { NestRequest, RawRequest, ReceiverOptions, Secret, SecretSource };
