import { type Body, bytesOf } from "./body.js";
import { fromNative } from "./error.js";
import { type HeadersLike, headersOf, recordOf } from "./headers.js";
import { type Maybe, native, type NativeHandshake } from "./native.js";
import type { RequestOptions } from "./request.js";
import { type ConfigOptions, loadScheme, type OutOfFile, type SchemeFile, type SchemeLike, schemeOptionsOf } from "./scheme.js";

/** What to answer to a handshake: `new Response(answer.body, answer)`. */
export interface HandshakeResponse {
  /** The HTTP status. */
  status: number;
  /** Names in lower case; without `content-length`, which the server knows to write. */
  headers: Record<string, string>;
  /** The body; `null` where there is none. */
  body: string | null;
  /**
   * The secret that the sender hands over, to make a `Webhook` with. **Nobody has vouched for it**: keep it only while
   * you wait for it (between asking for a webhook and the answer), and never put it in the place of one that is in use.
   */
  secret?: string;
  /**
   * The URL to call with `GET` so that deliveries begin. It came with a signature that verified, is `https` and has a
   * host of the sender. Call it as it is, and follow no redirects.
   */
  fetch?: string;
}

/**
 * As `Webhook.handshake`, while there is no secret yet: some senders (asana, notion) hand it over in their first
 * request.
 *
 * @throws {WebhookError} also `invalid_secret`, for a handshake that takes a secret to answer
 */
export function handshake<Scheme extends SchemeLike | SchemeFile>(
  scheme: Scheme & OutOfFile<Scheme>,
  body: Body,
  headers: HeadersLike,
  options?: RequestOptions & ConfigOptions,
): HandshakeResponse | null {
  const { method, url, config } = schemeOptionsOf(options);
  const { handle, names } = loadScheme(scheme, config);
  const pairs = headersOf(names, headers);
  const bytes = bytesOf(body);
  try {
    return responseOf(native.firstHandshake(handle, bytes, pairs, method, url));
  } catch (thrown) {
    throw fromNative(thrown);
  }
}

export function responseOf(native: Maybe<NativeHandshake>): HandshakeResponse | null {
  if (!native) return null;
  const { status, headers, body, secret, fetch } = native;
  const response: HandshakeResponse = { status, headers: recordOf(headers), body: body === "" ? null : body };
  if (typeof secret === "string") response.secret = secret;
  if (typeof fetch === "string") response.fetch = fetch;
  return response;
}
