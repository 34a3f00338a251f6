import { fromNative, WebhookError } from "./error.js";
import { get } from "./get.js";
import type { KeyRequest } from "./key-request.js";
import { type Handle, native, type NativeKeyRequest } from "./native.js";

export interface PublishedKeysOptions {
  /**
   * Gives the text of a key, where it is not to be fetched from its URL: from the API of a sender that gives keys only to
   * its customers, or with a client of your own. The URL was checked to be one of the sender's: follow no redirects.
   */
  fetch?: ((key: KeyRequest) => Promise<string> | string) | undefined;
}

/**
 * The published keys of senders, fetched when a request needs one: for an adapter, in the place of a secret. A key is kept
 * for an hour, and that one could not be had for a minute. Requests of strangers cause few fetches: one at a time, ten, and
 * then one in six seconds.
 *
 *     app.post("/hooks", webhook("aws_sns", new PublishedKeys(), { config: { topic_arn: "arn:…" } }), handler);
 */
export class PublishedKeys {
  readonly #fetch: PublishedKeysOptions["fetch"];
  /** Made late: where the core is still being loaded, there is none yet. */
  #known: Handle | undefined;
  /** Until when others wait for a fetch, in milliseconds since the epoch. */
  #fetchingUntil = 0;

  constructor(options?: PublishedKeysOptions) {
    this.#fetch = options?.fetch;
  }

  /**
   * The key that a request needs (`keyRequest`), as a secret for `Webhook`.
   *
   * @throws {WebhookError} `key_unavailable`, also where strangers ask for too many
   */
  async secretOf(wanted: KeyRequest): Promise<string> {
    const { url, keyId, format } = wanted;
    const asked: NativeKeyRequest = { url: url ?? undefined, keyId: keyId ?? undefined, format };
    const known = call(() => native.recallKey(this.#keys(), asked, Date.now()));
    if (known != null) return known;
    const at = this.#fetch ? undefined : call(() => native.publicKeyUrl(asked));
    // Not by a promise: a Cloudflare worker must not wait for that of another request, which may have gone away.
    while (Date.now() < this.#fetchingUntil) await new Promise((resolve) => setTimeout(resolve, 20));
    const fetched = call(() => native.askForKey(this.#keys(), asked, Date.now()));
    return fetched ?? (await this.#fetched(asked, () => (at === undefined ? this.#fetch?.(wanted) : textAt(at))));
  }

  async #fetched(asked: NativeKeyRequest, fetch: () => unknown): Promise<string> {
    const until = Date.now() + WITHIN;
    this.#fetchingUntil = until;
    let text: string;
    try {
      const found = await fetch();
      if (typeof found !== "string") throw new TypeError("`fetch` gives no text");
      text = found;
    } catch (cause) {
      return this.#failed(asked, cause);
    } finally {
      if (this.#fetchingUntil === until) this.#fetchingUntil = 0;
    }
    return call(() => native.keyArrived(this.#keys(), asked, text, Date.now()));
  }

  #keys(): Handle {
    return (this.#known ??= native.publishedKeys());
  }

  #failed(asked: NativeKeyRequest, cause: unknown): string {
    const why = cause instanceof Error ? cause.message : "";
    try {
      return call(() => native.keyFailed(this.#keys(), asked, why, Date.now()));
    } catch (error) {
      if (cause instanceof WebhookError) throw cause;
      if (error instanceof WebhookError) error.cause = cause;
      throw error;
    }
  }
}

function call<T>(native: () => T): T {
  try {
    return native();
  } catch (thrown) {
    throw fromNative(thrown);
  }
}

async function textAt(url: string): Promise<string> {
  const response = await get(url);
  if (!response.ok) throw new Error(`the answer has the status ${response.status}`);
  return await response.text();
}

/** A fetch of its own takes no longer. */
const WITHIN = 10_000;
