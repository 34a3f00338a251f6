import { WebhookError } from "./error.js";
import { get } from "./get.js";
import type { KeyRequest } from "./key-request.js";

export interface PublishedKeysOptions {
  /**
   * Gives the text of a key, where it is not to be fetched from its URL: from the API of a sender that gives keys only to
   * its customers, or with a client of your own. The URL was checked to be one of the sender's: follow no redirects.
   */
  fetch?: ((key: KeyRequest) => Promise<string> | string) | undefined;
}

/**
 * The published keys of senders, fetched when a request needs one: for an adapter, in the place of a secret. A key is kept
 * for an hour, and that one could not be had for a minute. Requests of strangers cause few fetches: ten, and then one
 * in six seconds.
 *
 *     app.post("/hooks", webhook("aws_sns", new PublishedKeys(), { config: { topic_arn: "arn:…" } }), handler);
 */
export class PublishedKeys {
  readonly #fetch: NonNullable<PublishedKeysOptions["fetch"]>;
  readonly #known = new Map<string, Known>();
  /** A bucket, as the time when it will be full again. */
  #fullAt = 0;

  constructor(options?: PublishedKeysOptions) {
    this.#fetch = options?.fetch ?? textOf;
  }

  /**
   * The key that a request needs (`keyRequest`), as a secret for `Webhook`.
   *
   * @throws {WebhookError} `key_unavailable`, also where strangers ask for too many
   */
  async secretOf(wanted: KeyRequest): Promise<string> {
    const place = JSON.stringify([wanted.url, wanted.keyId]);
    const known = this.#known.get(place);
    if (known && Date.now() < known.ends) {
      if (known.key === undefined) throw unavailable("it could not be had a moment ago");
      return known.key;
    }
    const now = Date.now();
    const fullAt = Math.max(this.#fullAt, now) + EVERY;
    if (fullAt - now > EVERY * BURST) throw unavailable("too many were asked for at the same time");
    this.#fullAt = fullAt;
    try {
      const key = await this.#fetch(wanted);
      if (typeof key !== "string") throw new TypeError("`fetch` gives no text");
      this.#remember(place, key.trim());
      return key.trim();
    } catch (cause) {
      this.#remember(place, undefined);
      throw cause instanceof WebhookError ? cause : unavailable(cause instanceof Error ? cause.message : "", cause);
    }
  }

  #remember(place: string, key: string | undefined): void {
    if (this.#known.size >= MOST_KNOWN) {
      // Those without a key first: strangers name them.
      for (const [place, known] of this.#known) if (known.key === undefined) this.#known.delete(place);
    }
    if (this.#known.size >= MOST_KNOWN) this.#known.clear();
    this.#known.set(place, { key, ends: Date.now() + (key === undefined ? FRESH_WITHOUT : FRESH) });
  }
}

interface Known {
  /** None where there was no key. */
  readonly key: string | undefined;
  /** In milliseconds since the epoch. */
  readonly ends: number;
}

async function textOf({ url }: KeyRequest): Promise<string> {
  if (url === null) {
    const message = "the sender gives its keys out by its API only: pass `PublishedKeys` a `fetch`";
    throw new WebhookError("invalid_argument", message);
  }
  const response = await get(url);
  if (!response.ok) throw new Error(`the answer has the status ${response.status}`);
  const text = await response.text();
  if (text.length > MOST_LENGTH) throw new Error(`the answer has more than ${MOST_LENGTH} characters`);
  return text;
}

function unavailable(why: string, cause?: unknown): WebhookError {
  const error = new WebhookError("key_unavailable", `the key of the sender could not be had: ${why}`);
  if (cause !== undefined) error.cause = cause;
  return error;
}

const FRESH = 3_600_000;
const FRESH_WITHOUT = 60_000;
const EVERY = 6_000;
const BURST = 10;
const MOST_KNOWN = 32;
const MOST_LENGTH = 262_144;
