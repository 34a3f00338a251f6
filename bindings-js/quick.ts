/** The usual request, verified in one crossing where the core has that. */
import { fromNative } from "./error.js";
import type { HeaderNames, Values } from "./headers.js";
import { type Handle, native, type Verifier } from "./native.js";
import type { Facts } from "./verified.js";

export class Quick {
  readonly #webhook: Handle;
  /** The headers whose values are passed, in their order. */
  readonly names: readonly string[];
  readonly #verify: Verifier;

  /** None where the core or the scheme has no such way. */
  static of(webhook: Handle, names: HeaderNames): Quick | undefined {
    const verify = native.verifierOf?.(webhook);
    return verify && names ? new Quick(webhook, [...names], verify) : undefined;
  }

  constructor(webhook: Handle, names: readonly string[], verify: Verifier) {
    this.#webhook = webhook;
    this.names = names;
    this.#verify = verify;
  }

  /** None where the general way is to be taken. */
  verify(body: Uint8Array, now: number, values: Values): Facts | undefined {
    const packed = this.#packed(body, now, values);
    return packed === undefined ? undefined : new PackedFacts(packed, this.#webhook, values, body);
  }

  #packed(body: Uint8Array, now: number, values: Values): number | undefined {
    try {
      return this.#verify(body, now, values[0], values[1], values[2], values[3]);
    } catch (thrown) {
      throw fromNative(thrown);
    }
  }
}

/** What the number of a `Verifier` says, and what stands where it says. */
class PackedFacts implements Facts {
  readonly #packed: number;
  readonly #webhook: Handle;
  readonly #values: Values;
  readonly #body: Uint8Array;
  #id: string | null | undefined;
  #type: string | null | undefined;

  constructor(packed: number, webhook: Handle, values: Values, body: Uint8Array) {
    this.#packed = packed;
    this.#webhook = webhook;
    this.#values = values;
    this.#body = body;
  }

  get id(): string | null {
    if (this.#id === undefined) this.#id = this.#at(this.#part(PLACES, PLACES), native.eventIdIn);
    return this.#id;
  }

  get type(): string | null {
    if (this.#type === undefined) this.#type = this.#at(this.#part(1, PLACES), native.eventTypeIn);
    return this.#type;
  }

  get timestamp(): Date | null {
    const time = Math.floor(this.#packed / TIME);
    return time === 0 ? null : new Date(time - 1);
  }

  get keyIndex(): number {
    return this.#part(PLACES * PLACES, KEYS);
  }

  get payload(): undefined {
    return undefined;
  }

  /** The part of so many values above `unit`. */
  #part(unit: number, values: number): number {
    return Math.floor(this.#packed / unit) % values;
  }

  #at(place: number, read: typeof native.eventIdIn): string | null {
    return (place === IN_BODY ? read?.(this.#webhook, this.#body) : this.#values[place]) ?? null;
  }
}

/** How many values the parts of the number have: where the type stands, where the id does, the index of the key. */
const PLACES = 8;
const KEYS = 16;
const TIME = PLACES * PLACES * KEYS;
/** The place that is no header; the one before it is nowhere. */
const IN_BODY = 5;
