import { bytesOf } from "./body.js";
import { WebhookError } from "./error.js";
import type { NativeVerified } from "./native.js";

// Bytes that are not UTF-8 are not JSON; replaced, they would pass for what was never signed. Neither is a byte order
// mark (RFC 8259 §8.1): `ignoreBOM` leaves it there for the parser to refuse.
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** A request whose signature was checked. */
export class Verified<T = unknown> {
  readonly #facts: Facts;
  #body: Uint8Array | undefined;
  /** The body as it was passed: a view may say of itself what is untrue. */
  readonly #given: Uint8Array;
  #data: { readonly value: T } | undefined;

  /** @internal */
  constructor(facts: Facts, given: Uint8Array) {
    this.#facts = facts;
    this.#given = given;
  }

  /**
   * The id of the event, where the scheme has one. The same id comes with every attempt: deduplicate on it.
   *
   * Not every sender signs it: naive, ainative, nativemsg and others that send it in a header of its own do not. There
   * it tells retries apart, but does not stop a replay, which may come with another id.
   */
  get id(): string | null {
    return this.#facts.id;
  }

  /**
   * The type of the event, where the scheme says where it is: `"invoice.paid"`. Where the sender puts it in a header of
   * its own, the signature does not cover it.
   */
  get type(): string | null {
    return this.#facts.type;
  }

  /** When the sender signed, where the scheme has a timestamp. */
  get timestamp(): Date | null {
    return this.#facts.timestamp;
  }

  /** Which of the secrets matched, from 0: tells when an old one is no longer in use. */
  get keyIndex(): number {
    return this.#facts.keyIndex;
  }

  /** The raw body, now known to be the sender's. */
  get body(): Uint8Array {
    this.#body ??= bytesOf(this.#given);
    return this.#body;
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
    const json = this.#facts.payload ?? this.body;
    try {
      return JSON.parse(decoder.decode(json)) as U;
    } catch {
      throw new WebhookError("invalid_payload", "the body is not JSON: read `event.body`, a form as `URLSearchParams`");
    }
  }

  /** What `JSON.stringify` writes, and with it the answers of frameworks: `response.json(event)`. */
  toJSON(): VerifiedJson<T> {
    const { id, type, timestamp, keyIndex } = this;
    let data: T | null = null;
    try {
      data = this.data;
    } catch {
      // The body is not JSON.
    }
    return { id, type, timestamp, keyIndex, data };
  }

  /** What `console.log` shows in Node and Deno. @internal */
  [Symbol.for("nodejs.util.inspect.custom")](): object {
    return this.toJSON();
  }
}

/** An event as JSON has it. */
export interface VerifiedJson<T = unknown> {
  id: string | null;
  type: string | null;
  /** ISO 8601 in JSON. */
  timestamp: Date | null;
  keyIndex: number;
  /** `null` also where the body is not JSON. */
  data: T | null;
}

/** What the core found. */
export interface Facts {
  readonly id: string | null;
  readonly type: string | null;
  readonly timestamp: Date | null;
  readonly keyIndex: number;
  /** The JSON of what the sender says where it is not the body: the claims of a JSON Web Token. */
  readonly payload?: Uint8Array | undefined;
}

export function factsOf({ id, eventType, timestampMs, keyIndex, payload }: NativeVerified): Facts {
  const timestamp = typeof timestampMs === "number" ? new Date(timestampMs) : null;
  return { id: id ?? null, type: eventType ?? null, timestamp, keyIndex, payload };
}
