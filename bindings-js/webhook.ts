import {
  invalidArgument,
  isWellFormed,
  jsonOf,
  kindOf,
  millisOf,
  type Moment,
  optionalString,
  optionsOf,
  reading,
  stringOf,
  wholeNumberOf,
} from "./argument.js";
import { type Body, bytesOf } from "./body.js";
import { fromNative, WebhookError } from "./error.js";
import { type HeadersLike, headersOf } from "./headers.js";
import { type Handle, native } from "./native.js";
import type { SchemeDefinition, SchemeName } from "./scheme.js";
import { Verified } from "./verified.js";

export interface WebhookOptions {
  /** How far a timestamp may be off, in seconds, in both directions. Default: what the scheme says. */
  toleranceSeconds?: number | undefined;
}

export interface ClockOptions {
  /** The present, for tests and for requests that waited in a queue. Default: the clock. */
  now?: Moment | undefined;
}

/** What is to be sent. */
export interface Message {
  /** The id of the event, the same for each attempt. */
  id?: string | null | undefined;
  /** The type of the event. */
  type?: string | null | undefined;
  /** The raw body, exactly as it will be sent. */
  body: Body;
}

/** A scheme with its secrets, parsed once, to verify and to sign with. */
export class Webhook {
  /** The id of the scheme. */
  readonly scheme: string;
  readonly #handle: Handle;
  readonly #names: ReadonlySet<string>;

  /**
   * @param scheme the name of a built-in scheme, or one of your own
   * @param secret as the sender shows it; several while it is rotated, the newest first
   * @throws {WebhookError} `unknown_scheme`, `invalid_scheme`, `invalid_secret`, `invalid_argument`
   */
  constructor(
    // Any string is taken, also one that is known only at run time; editors offer the names.
    scheme: SchemeName | (string & {}) | SchemeDefinition,
    secret: string | readonly string[],
    options?: WebhookOptions,
  ) {
    const secrets = reading("secret", () => secretsOf(secret));
    const tolerance = reading("options", () => toleranceOf(optionsOf("options", options)));
    const json = typeof scheme === "string" ? undefined : jsonOf("scheme", "a name or an object", scheme);
    try {
      this.#handle =
        json === undefined
          ? native.webhookOfBuiltin(scheme as string, secrets, tolerance)
          : native.webhookOfJson(json, secrets, tolerance);
      this.scheme = native.schemeId(this.#handle);
      this.#names = new Set(native.headerNames(this.#handle));
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
  verify(body: Body, headers: HeadersLike, options?: ClockOptions): Verified {
    const pairs = headersOf(this.#names, headers);
    const now = nowOf(options);
    // Last: a getter in what was read before could take the buffer away.
    const bytes = bytesOf(body);
    try {
      return new Verified(native.verify(this.#handle, bytes, pairs, now), bytes);
    } catch (thrown) {
      throw fromNative(thrown);
    }
  }

  /**
   * The headers to send with a message, names in lower case: whatever `verify` reads.
   *
   * @throws {WebhookError} `invalid_message` when the message lacks what the scheme signs
   */
  sign(message: Message, options?: ClockOptions): Record<string, string> {
    const now = nowOf(options);
    const [bytes, id, type] = reading("message", () => {
      const { body, id, type } = optionsOf("message", message);
      return [bytesOf(body), optionalString("message.id", id), optionalString("message.type", type)] as const;
    });
    try {
      return recordOf(native.sign(this.#handle, bytes, id, type, now));
    } catch (thrown) {
      throw fromNative(thrown);
    }
  }

  /**
   * The body with its signature inside, for schemes that carry one there (nativemsg); others give it back as it is.
   * Sign the result with `sign` for the header.
   *
   * @throws {WebhookError} `invalid_message` when the body is not a JSON object or is signed already
   */
  signBody(body: Body): Uint8Array {
    const bytes = bytesOf(body);
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
  const key = secretOf("secret", secret);
  const header = onlyOne(signatureHeader);
  const bytes = bytesOf(rawBody);
  return typeof header === "string" && native.verifySignature(key, bytes, header);
}

/** A header as Node gives it: also an array. */
function onlyOne(header: unknown): unknown {
  try {
    return Array.isArray(header) && header.length === 1 ? header[0] : header;
  } catch {
    return undefined; // A proxy may throw whatever is asked of it.
  }
}

function recordOf(pairs: string[]): Record<string, string> {
  const entries: [string, string][] = [];
  for (let at = 0; at + 1 < pairs.length; at += 2) entries.push([pairs[at] as string, pairs[at + 1] as string]);
  return Object.fromEntries(entries);
}

function secretsOf(secret: unknown): string[] {
  if (typeof secret === "string") return [secretOf("secret", secret)];
  if (Array.isArray(secret)) return Array.from(secret, (one, index) => secretOf(`secret[${index}]`, one));
  throw invalidArgument(`\`secret\` takes a string or an array of strings, got ${kindOf(secret)}`);
}

function secretOf(what: string, value: unknown): string {
  const secret = stringOf(what, value);
  if (isWellFormed(secret)) return secret;
  throw new WebhookError("invalid_secret", `\`${what}\` holds a lone surrogate, which is no text`);
}

function toleranceOf({ toleranceSeconds }: WebhookOptions): number | undefined {
  if (toleranceSeconds === undefined || toleranceSeconds === null) return undefined;
  return wholeNumberOf("toleranceSeconds", toleranceSeconds, 0xffff_ffff);
}

function nowOf(options: ClockOptions | undefined): number {
  return options === undefined ? Date.now() : reading("now", () => millisOf("now", optionsOf("options", options).now));
}
