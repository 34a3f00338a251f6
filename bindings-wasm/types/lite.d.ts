// Written by `npm run build` from the sources in TypeScript.
/**
 * A raw request body, as received: bytes, or text that is taken as UTF-8; at most 256 MiB. A parsed object is refused.
 */
type Body = ArrayBuffer | ArrayBufferView | string;
/**
 * The headers of a request, as frameworks hand them over: Fetch `Headers`, Node's `headers` and `rawHeaders`, a `Map`, or
 * pairs of name and value. Names may have any case.
 */
type HeadersLike = {
  get(name: string): string | null | undefined;
} | Iterable<readonly [name: string, value: string]> | readonly string[] | {
  readonly [name: string]: string | readonly string[] | null | undefined;
};
/** A stable name for each way to fail. Branch on it, never on the message. */
type ErrorCode = "body_not_raw" | "body_too_large" | "claim_mismatch" | "digest_mismatch" | "header_too_long" | "in_progress" | "invalid_argument" | "invalid_config" | "invalid_event" | "invalid_event_type" | "invalid_message" | "invalid_payload" | "invalid_retry_policy" | "invalid_scheme" | "invalid_secret" | "key_unavailable" | "malformed_body" | "malformed_header" | "malformed_timestamp" | "malformed_url" | "missing_config" | "missing_header" | "missing_url" | "missing_value" | "no_match" | "timestamp_too_new" | "timestamp_too_old" | "too_many_signatures" | "unknown_profile" | "unknown_scheme" | "unsupported_signature" | "untrusted_key_url";
/** The only error that this package throws: a stable `code`, a message for people and a hint that says what to do. */
declare class WebhookError extends Error {
  readonly name = "WebhookError";
  /** The stable code. */
  readonly code: ErrorCode;
  /** What to do about it. */
  readonly hint: string;
  /** The HTTP status to answer the sender with. */
  readonly status: number;
  /** @param hint where there is more to say than the table does */
  constructor(code: ErrorCode, message: string, hint?: string);
  /** Also holds for the errors of another copy: required and imported, of `hookseal` and of `@hookseal/edge`. */
  static [Symbol.hasInstance](value: unknown): value is WebhookError;
}
/** A moment: a `Date` or milliseconds since the epoch. */
type Moment = Date | number;
/** What a request is besides headers and body: also a Fetch `Request`, where its URL is the one that you registered. */
interface RequestOptions {
  /** In capitals. @default "POST" */
  method?: string | undefined;
  /**
   * The whole URL as it is registered with the sender, `"https://example.com/hooks?a=1"`: behind a proxy, not the one
   * that the server sees. Needed where the sender signs it or writes into its query.
   */
  url?: string | undefined;
}
interface ClockOptions {
  /** The present, for tests and for requests that waited in a queue. Default: the clock. */
  now?: Moment | undefined;
}
interface VerifyOptions extends RequestOptions, ClockOptions {}
/** A request whose signature was checked. */
declare class Verified<T = unknown> {
  #private;
  /**
   * The id of the event, where the scheme has one. The same id comes with every attempt: deduplicate on it.
   *
   * Not every sender signs it: naive, ainative, nativemsg and others that send it in a header of its own do not. There
   * it tells retries apart, but does not stop a replay, which may come with another id.
   */
  get id(): string | null;
  /**
   * The type of the event, where the scheme says where it is: `"invoice.paid"`. Where the sender puts it in a header of
   * its own, the signature does not cover it.
   */
  get type(): string | null;
  /** When the sender signed, where the scheme has a timestamp. */
  get timestamp(): Date | null;
  /** Which of the secrets matched, from 0: tells when an old one is no longer in use. */
  get keyIndex(): number;
  /** The raw body, now known to be the sender's. */
  get body(): Uint8Array;
  /**
   * What the sender says, parsed when it is first asked for: the body or, where that is a JSON Web Token, its claims.
   *
   * @throws {WebhookError} `invalid_payload` when it is not JSON.
   */
  get data(): T;
  /** As `data`, parsed anew. */
  json<U = T>(): U;
  /** What `JSON.stringify` writes, and with it the answers of frameworks: `response.json(event)`. */
  toJSON(): VerifiedJson<T>;
}
/** An event as JSON has it. */
interface VerifiedJson<T = unknown> {
  id: string | null;
  type: string | null;
  /** ISO 8601 in JSON. */
  timestamp: Date | null;
  keyIndex: number;
  /** `null` also where the body is not JSON. */
  data: T | null;
}
/** Values that only the user of a scheme knows, by name: `{ webhook_id: "8PT597110X687430LKGECATA" }`. */
type Config = Readonly<Record<string, string | undefined>>;
interface ConfigOptions {
  /** The settings of the scheme; `schemes()` says which it takes. */
  config?: Config | undefined;
}
interface WebhookOptions extends ConfigOptions {
  /** How far a timestamp may be off, in seconds, in both directions. Default: what the scheme says. */
  tolerance?: number | undefined;
}
declare const COMPILED: unique symbol;
/** A scheme that was compiled, with the core that reads it: what `@hookseal/edge/schemes/stripe` and the like export. */
interface CompiledScheme {
  readonly [COMPILED]: true;
}
/** A scheme with its secrets, parsed once, to verify with. */
declare class Webhook {
  #private;
  /** The id of the scheme. */
  readonly scheme: string;
  /**
   * @param scheme from `@hookseal/edge/schemes/…`
   * @param secret as the sender shows it; several while it is rotated, the newest first
   * @throws {WebhookError} `invalid_scheme` for a scheme of another version or one that only the whole core reads,
   *   `missing_config`, `invalid_config`, `invalid_secret`, `invalid_argument`
   */
  constructor(scheme: CompiledScheme, secret: string | readonly string[], options?: WebhookOptions);
  /**
   * Checks the signature of a request and the age of its timestamp.
   *
   * @param body the raw body as received, before any parser
   * @throws {WebhookError} its `code` says why, its `status` is the answer for the sender
   */
  verify<T = unknown>(body: Body, headers: HeadersLike, options?: VerifyOptions): Verified<T>;
  /**
   * As `verify`, with the platform's Web Crypto hashing large bodies, which it does faster; the core reads, compares and
   * decides as ever. The body is copied first: what is verified is what `body` of the result holds.
   *
   * @throws {WebhookError} in the promise, as `verify`
   */
  verifyAsync<T = unknown>(body: Body, headers: HeadersLike, options?: VerifyOptions): Promise<Verified<T>>;
}
export { Webhook, WebhookError };
export type { Body, CompiledScheme, ErrorCode, HeadersLike, Moment, Verified, VerifyOptions, WebhookOptions };
