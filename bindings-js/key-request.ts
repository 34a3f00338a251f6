import { type Body, bytesOf } from "./body.js";
import { fromNative } from "./error.js";
import { type HeadersLike, headersOf } from "./headers.js";
import { native } from "./native.js";
import type { RequestOptions } from "./request.js";
import { type ConfigOptions, loadScheme, type OutOfFile, type SchemeFile, type SchemeLike, schemeOptionsOf } from "./scheme.js";

/**
 * A published key that verifying needs: fetch its URL without following redirects, and give the text of the answer to
 * `Webhook` as a secret. Keep it for as long as the answer's `Cache-Control` allows, but at most a day. `PublishedKeys` does.
 */
export interface KeyRequest {
  /**
   * Where to fetch it; its host was checked. `null` where the sender gives it out only to its customers: ask its API,
   * with your credentials, for the key of `keyId`.
   */
  url: string | null;
  /** Which of the sender's keys made the signature, where it says so. */
  keyId: string | null;
  /** A JSON Web Key Set; a public key in PEM, or JSON that holds one; a certificate in PEM; the secret itself. */
  format: "jwks" | "pem" | "text" | "x509";
}

/**
 * Which published key a request needs, for senders that have such (paypal, aws_sns, plaid); `null` for the others.
 * Nothing of the request is trusted yet: the URL is one of the sender's hosts, or this throws.
 *
 * @throws {WebhookError} `untrusted_key_url`; those of `Webhook.verify` for what is absent or not well-formed
 */
export function keyRequest<Scheme extends SchemeLike | SchemeFile>(
  scheme: Scheme & OutOfFile<Scheme>,
  body: Body,
  headers: HeadersLike,
  options?: RequestOptions & ConfigOptions,
): KeyRequest | null {
  const { method, url, config } = schemeOptionsOf(options);
  const { handle, names } = loadScheme(scheme, config);
  const pairs = headersOf(names, headers);
  const bytes = bytesOf(body);
  try {
    const request = native.keyRequest(handle, bytes, pairs, method, url);
    if (!request) return null;
    return {
      url: request.url ?? null,
      keyId: request.keyId ?? null,
      format: request.format as KeyRequest["format"],
    };
  } catch (thrown) {
    throw fromNative(thrown);
  }
}
