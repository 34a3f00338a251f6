import { bytesOf } from "./body.js";
import { WebhookError } from "./error.js";
import type { NativeVerified } from "./native.js";

// Bytes that are not UTF-8 are not JSON; replaced, they would pass for what was never signed. Neither is a byte order
// mark (RFC 8259 §8.1): `ignoreBOM` leaves it there for the parser to refuse.
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** A request whose signature was checked. */
export class Verified<T = unknown> {
  // Most handlers read few of these, so they are made when they are asked for.
  #said: Said | string;
  #body: Uint8Array | undefined;
  /** The body as it was passed: a view may say of itself what is untrue. */
  readonly #given: Uint8Array;
  #data: { readonly value: T } | undefined;

  /**
   * @internal
   * @param said what the core found, or the text of a `Verifier`
   */
  constructor(said: NativeVerified | string, given: Uint8Array) {
    this.#said = typeof said === "string" ? said : saidOf(said);
    this.#given = given;
  }

  /**
   * The id of the event, where the scheme has one. The same id comes with every attempt: deduplicate on it.
   *
   * Not every sender signs it: naive, ainative, nativemsg and others that send it in a header of its own do not. There
   * it tells retries apart, but does not stop a replay, which may come with another id.
   */
  get id(): string | null {
    return this.#read().id;
  }

  /**
   * The type of the event, where the scheme says where it is: `"invoice.paid"`. Where the sender puts it in a header of
   * its own, the signature does not cover it.
   */
  get type(): string | null {
    return this.#read().type;
  }

  /** When the sender signed, where the scheme has a timestamp. */
  get timestamp(): Date | null {
    return this.#read().timestamp;
  }

  /** Which of the secrets matched, from 0: tells when an old one is no longer in use. */
  get keyIndex(): number {
    return this.#read().keyIndex;
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
    try {
      const payload = typeof this.#said === "string" ? undefined : this.#said.payload;
      return JSON.parse(decoder.decode(payload ?? this.body)) as U;
    } catch {
      throw new WebhookError("invalid_payload", "the body is not JSON");
    }
  }

  /** What `console.log` shows in Node and Deno. @internal */
  [Symbol.for("nodejs.util.inspect.custom")](): object {
    const { id, type, timestamp, keyIndex, body } = this;
    return { id, type, timestamp, keyIndex, body };
  }

  #read(): Said {
    if (typeof this.#said === "string") {
      const [id, type, timestampMs, keyIndex] = this.#said.split("\n") as [string, string, string, string];
      const timestamp = timestampMs === ABSENT ? null : new Date(Number(timestampMs));
      this.#said = {
        id: id === ABSENT ? null : id,
        type: type === ABSENT ? null : type,
        timestamp,
        keyIndex: Number(keyIndex),
        payload: undefined,
      };
    }
    return this.#said;
  }
}

interface Said {
  id: string | null;
  type: string | null;
  timestamp: Date | null;
  keyIndex: number;
  /** The JSON of what the sender says where it is not the body: the claims of a JSON Web Token. */
  payload: Uint8Array | undefined;
}

function saidOf({ id, eventType, timestampMs, keyIndex, payload }: NativeVerified): Said {
  const timestamp = typeof timestampMs === "number" ? new Date(timestampMs) : null;
  return { id: id ?? null, type: eventType ?? null, timestamp, keyIndex, payload };
}

/** In the lines of a `Verifier`. */
const ABSENT = "\t";
