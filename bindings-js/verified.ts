import { WebhookError } from "./error.js";
import type { NativeVerified } from "./native.js";

// Bytes that are not UTF-8 are not JSON; replaced, they would pass for what was never signed. Neither is a byte order
// mark (RFC 8259 §8.1): `ignoreBOM` leaves it there for the parser to refuse.
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** A request whose signature was checked. */
export class Verified<T = unknown> {
  /**
   * The id of the event, where the scheme has one. The same id comes with every attempt: deduplicate on it.
   *
   * Not every sender signs it: naive, ainative, nativemsg and others that send it in a header of its own do not. There
   * it tells retries apart, but does not stop a replay, which may come with another id.
   */
  readonly id: string | null;
  /**
   * The type of the event, where the scheme says where it is: `"invoice.paid"`. Where the sender puts it in a header of
   * its own, the signature does not cover it.
   */
  readonly type: string | null;
  /** When the sender signed, where the scheme has a timestamp. */
  readonly timestamp: Date | null;
  /** Which of the secrets matched, from 0: tells when an old one is no longer in use. */
  readonly keyIndex: number;
  /** The raw body, now known to be the sender's. */
  readonly body: Uint8Array;
  /** The JSON of what the sender says: the body or, where that is a JSON Web Token, its claims. */
  readonly #payload: Uint8Array;
  #data: { readonly value: T } | undefined;

  /** @internal */
  constructor(native: NativeVerified, body: Uint8Array) {
    this.id = native.id ?? null;
    this.type = native.eventType ?? null;
    this.timestamp = native.timestampMs == null ? null : new Date(native.timestampMs);
    this.keyIndex = native.keyIndex;
    this.body = body;
    this.#payload = native.payload ?? body;
  }

  /**
   * What the sender says, parsed when it is first asked for: the body or, where that is a JSON Web Token, its claims.
   *
   * @throws {WebhookError} `invalid_payload` when it is not JSON.
   */
  get data(): T {
    this.#data ??= { value: this.json() };
    return this.#data.value;
  }

  /** As `data`, parsed anew. */
  json<U = T>(): U {
    try {
      return JSON.parse(decoder.decode(this.#payload)) as U;
    } catch {
      throw new WebhookError("invalid_payload", "the body is not JSON");
    }
  }
}
