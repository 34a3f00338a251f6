import { knownOptionsOf, optionalString, optionsOf, reading, wholeNumberOf } from "./argument.js";
import { type Body, bytesOf, rawOf } from "./body.js";
import { fromNative, WebhookError } from "./error.js";
import { type HandshakeResponse, responseOf } from "./handshake.js";
import { type HeaderNames, headersOf, type HeadersLike, plainValuesOf, recordOf, valuesOf } from "./headers.js";
import { type Handle, native } from "./native.js";
import type { PayloadOf } from "./payload.js";
import { Quick } from "./quick.js";
import {
  type ClockOptions,
  nowOf,
  type RequestOptions,
  requestOf,
  type VerifyOptions,
  verifyOptionsOf,
} from "./request.js";
import { type ConfigOptions, configOf, loadScheme, type OutOfFile, type SchemeFile, type SchemeLike } from "./scheme.js";
import { onlySecretOf, secretsOf } from "./secret.js";
import { factsOf, Verified } from "./verified.js";

export interface WebhookOptions extends ConfigOptions {
  /** How far a timestamp may be off, in seconds, in both directions. Default: what the scheme says. */
  tolerance?: number | undefined;
}

/** What is to be sent. */
export interface Message extends RequestOptions {
  /** The id of the event, the same for each attempt. */
  id?: string | null | undefined;
  /** The type of the event. */
  type?: string | null | undefined;
  /** The raw body, exactly as it will be sent. */
  body: Body;
  /** Other headers that go with it, for schemes that sign them. */
  headers?: HeadersLike | undefined;
}

/** What became of a request: an event, or the reason why it is none. */
export type VerifyResult<T = unknown> =
  { readonly ok: true; readonly event: Verified<T> } | { readonly ok: false; readonly error: WebhookError };

/**
 * A scheme with its secrets, parsed once, to verify and to sign with. Of a scheme whose sender publishes its payloads
 * (`Payloads`), events have the type of these.
 */
export class Webhook<Scheme extends SchemeLike | SchemeFile = SchemeLike> {
  /** The id of the scheme. */
  readonly scheme: string;
  /** Whether verifying looks at the method or the URL of a request: with most senders it does not. */
  readonly readsTarget: boolean;
  /** Whether the sender has handshakes: if not, `handshake` has no answer to any request. */
  readonly hasHandshake: boolean;
  readonly #handle: Handle;
  readonly #names: HeaderNames;
  readonly #quick: Quick | undefined;

  /**
   * @param scheme the name of a built-in scheme, or one of your own
   * @param secret as the sender shows it: a shared secret, a public key (PEM, JWK, JWKS, `whpk_…`) or, to sign, a
   *   private one; several while it is rotated, the newest first
   * @throws {WebhookError} `unknown_scheme`, `invalid_scheme`, `missing_config`, `invalid_config`, `invalid_secret`,
   *   `invalid_argument`
   */
  constructor(scheme: Scheme & SchemeLike, secret: string | readonly string[], options?: WebhookOptions);
  /** With a scheme out of a file: `import acme from "./acme.json"`. */
  constructor(scheme: Scheme & OutOfFile<Scheme>, secret: string | readonly string[], options?: WebhookOptions);
  constructor(scheme: SchemeLike, secret: string | readonly string[], options?: WebhookOptions) {
    const secrets = reading("secret", () => secretsOf(secret));
    const [config, tolerance] = reading("options", () => {
      const { config, tolerance } = knownOptionsOf(options, ["config", "tolerance"]);
      return [configOf(config), toleranceOf(tolerance)];
    });
    const { handle, id, names } = loadScheme(scheme, config);
    this.scheme = id;
    this.#names = names;
    try {
      this.readsTarget = native.readsTarget(handle);
      this.hasHandshake = native.hasHandshake(handle);
      this.#handle = native.webhookOf(handle, secrets, tolerance);
      this.#quick = Quick.of(this.#handle, names);
    } catch (thrown) {
      throw fromNative(thrown);
    }
  }

  /**
   * Checks the signature of a request and the age of its timestamp.
   *
   * @param body the raw body as received, before any parser
   * @throws {WebhookError} its `code` says why, its `status` is the answer for the sender
   */
  verify<T = PayloadOf<Scheme>>(body: Body, headers: HeadersLike, options?: VerifyOptions): Verified<T> {
    const quick = this.#quick;
    let values = quick && plainValuesOf(quick.names, headers);
    const pairs = values ? undefined : headersOf(this.#names, headers);
    const { method, url, now } = verifyOptionsOf(options);
    // Last: a getter in what was read before could take the buffer away.
    const raw = quick ? rawOf(body) : bytesOf(body);
    if (quick && (!this.readsTarget || (method === undefined && url === undefined))) {
      if (pairs) values = valuesOf(quick.names, pairs);
      const facts = values && quick.verify(raw, now, values);
      if (facts) return new Verified<T>(facts, raw);
    }
    const found = pairs ?? headersOf(this.#names, quick?.names.map((name, at) => [name, values?.[at]]));
    const bytes = bytesOf(raw);
    try {
      return new Verified<T>(factsOf(native.verify(this.#handle, bytes, found, now, method, url)), bytes);
    } catch (thrown) {
      throw fromNative(thrown);
    }
  }

  /**
   * As `verify`, with what that throws as a value: `{ ok: true, event }` or `{ ok: false, error }`.
   */
  verifyResult<T = PayloadOf<Scheme>>(body: Body, headers: HeadersLike, options?: VerifyOptions): VerifyResult<T> {
    try {
      return { ok: true, event: this.verify<T>(body, headers, options) };
    } catch (error) {
      if (error instanceof WebhookError) return { ok: false, error };
      throw error;
    }
  }

  /**
   * The answer to a request by which the sender makes sure that you want its webhooks; `null` for a delivery, which is
   * to be verified. Ask this first, for every request: some senders repeat their handshake, and most of these requests
   * are not signed. Where the sender signs it, this verifies it.
   *
   * Takes the request's method and, for handshakes that come as a query, its URL, or the path and query of it.
   *
   * @throws {WebhookError} `missing_config` for a setting that the answer needs; `malformed_body` when a URL to call is
   *   not the sender's; for a handshake that is signed, those of `verify`
   */
  handshake(body: Body, headers: HeadersLike, options?: VerifyOptions): HandshakeResponse | null {
    const pairs = headersOf(this.#names, headers);
    const { method, url, now } = verifyOptionsOf(options);
    const bytes = bytesOf(body);
    try {
      return responseOf(native.handshake(this.#handle, bytes, pairs, now, method, url));
    } catch (thrown) {
      throw fromNative(thrown);
    }
  }

  /**
   * The headers to send with a message, names in lower case: whatever `verify` reads.
   *
   * @throws {WebhookError} `invalid_message` when the message lacks what the scheme signs; `invalid_secret` when a public
   *   key is all that there is
   */
  sign(message: Message, options?: ClockOptions): Record<string, string> {
    const now = nowOf(options);
    const { bytes, id, type, headers, method, url } = reading("message", () => {
      const { body, id, type, headers, method, url } = optionsOf("message", message);
      return {
        id: optionalString("message.id", id),
        type: optionalString("message.type", type),
        headers: headers === undefined || headers === null ? undefined : headersOf(this.#names, headers),
        ...requestOf(method, url),
        bytes: bytesOf(body, SENT_HINT),
      };
    });
    try {
      return recordOf(native.sign(this.#handle, bytes, now, id, type, headers, method, url));
    } catch (thrown) {
      throw fromNative(thrown);
    }
  }

  /**
   * The body with its signature inside, for schemes that carry one there; others give it back as it is. Where the
   * signature is the value of a member (mailgun), the member must be there, with any string; nativemsg's is added; a
   * body that is a JSON Web Token (wix) is made of its claims. Sign the result with `sign` for the headers.
   *
   * @throws {WebhookError} `invalid_message` when the body does not have the form that the scheme signs, or is signed
   *   already
   */
  signBody(body: Body): Uint8Array {
    const bytes = bytesOf(body, SENT_HINT);
    try {
      return native.signBody(this.#handle, bytes);
    } catch (thrown) {
      throw fromNative(thrown);
    }
  }
}

/**
 * Whether `signatureHeader`, the value of `X-Naive-Signature`, is the hex HMAC-SHA256 of the raw body. Never throws on
 * a bad header: whatever is not a valid signature is `false`, and so is a header that came several times.
 *
 * @throws {WebhookError} `body_not_raw` for a parsed body, `invalid_argument` and `invalid_secret` for a secret that is
 *   no text
 */
export function verifyWebhookSignature(
  secret: string,
  rawBody: Body,
  signatureHeader: string | readonly string[] | null | undefined,
): boolean {
  const key = onlySecretOf(secret);
  const header = onlyOne(signatureHeader);
  const bytes = bytesOf(rawBody);
  return typeof header === "string" && native.verifySignature(key, bytes, header);
}

const SENT_HINT = "pass the text or bytes that you send: `JSON.stringify(…)` once, for `sign` and for the request";

/** A header as Node gives it: also an array. */
function onlyOne(header: unknown): unknown {
  try {
    return Array.isArray(header) && header.length === 1 ? header[0] : header;
  } catch {
    return undefined; // A proxy may throw whatever is asked of it.
  }
}

export function toleranceOf(tolerance: unknown): number | undefined {
  if (tolerance === undefined || tolerance === null) return undefined;
  return wholeNumberOf("tolerance", tolerance, 0xffff_ffff);
}
