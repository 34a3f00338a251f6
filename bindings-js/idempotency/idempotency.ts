/**
 * Handling an event once, however often it comes.
 *
 * A key is free, claimed or done. A claim is a lease: when a process dies, another may handle the event once it ends.
 */
import { invalidArgument, knownOptionsOf, numberOrKind, stringOf } from "../argument.js";
import { type Body, bytesOf } from "../body.js";
import { native } from "../native.js";

/**
 * What became of a claim: `claimed`: it is yours, handle the event; `in_progress`: somebody else does; `done`: it has
 * been handled.
 */
export type ClaimState = "claimed" | "done" | "in_progress";

/** Where claims are kept. Every method is atomic, also between processes. */
export interface IdempotencyStore {
  /** Takes the key for `leaseMs` unless it is taken or done. `token` is unique to this claim. */
  claim(key: string, token: string, leaseMs: number): ClaimState | Promise<ClaimState>;
  /** Marks the key as done for `ttlMs`, whoever holds it. */
  complete(key: string, token: string, ttlMs: number): unknown;
  /** Frees the key, if this token still holds it. */
  release(key: string, token: string): unknown;
}

export interface IdempotencyOptions {
  /** How long a key stays done, in seconds: longer than the sender tries again. @default 604800 (7 days) */
  ttlSeconds?: number | undefined;
  /** How long a claim holds, in seconds: longer than an event takes to handle. @default 60 */
  leaseSeconds?: number | undefined;
}

/** One claim. It is settled once: what comes later does nothing. */
export interface Claim {
  readonly state: ClaimState;
  /** The event was handled: the key is done. */
  complete(): Promise<void>;
  /** It was not: the next attempt may claim the key. */
  release(): Promise<void>;
}

/** Handles an event once: claims its key, and marks it as done when it was handled. */
export class Idempotency {
  /** How long a key stays done, in seconds. */
  readonly ttlSeconds: number;
  /** How long a claim holds, in seconds. */
  readonly leaseSeconds: number;
  readonly #store: IdempotencyStore;
  /** The token of the claims that are settled by their key. */
  readonly #token = newToken();

  /** @throws {WebhookError} `invalid_argument` */
  constructor(store: IdempotencyStore, options?: IdempotencyOptions) {
    if (typeof store?.claim !== "function") {
      throw invalidArgument("`store` takes a MemoryStore, RedisStore, SqlStore or one of your own with `claim`");
    }
    const { ttlSeconds = 604_800, leaseSeconds = 60 } = knownOptionsOf(options, ["ttlSeconds", "leaseSeconds"]);
    this.#store = store;
    this.ttlSeconds = secondsOf("ttlSeconds", ttlSeconds);
    this.leaseSeconds = secondsOf("leaseSeconds", leaseSeconds);
  }

  /** Claims a key; settle it with `complete` or `release`. */
  async claim(key: string): Promise<ClaimState> {
    return await this.#store.claim(stringOf("key", key), this.#token, this.leaseSeconds * 1000);
  }

  /** Marks a key as done. */
  async complete(key: string): Promise<void> {
    await this.#store.complete(stringOf("key", key), this.#token, this.ttlSeconds * 1000);
  }

  /** Frees a key that this object claimed, so that the next attempt is handled. */
  async release(key: string): Promise<void> {
    await this.#store.release(stringOf("key", key), this.#token);
  }

  /** Claims a key with a token of its own, so that a claim whose lease has ended frees none but itself. */
  async begin(key: string): Promise<Claim> {
    const token = newToken();
    const state = await this.#store.claim(stringOf("key", key), token, this.leaseSeconds * 1000);
    let settled = state !== "claimed";
    const once = async (settle: () => unknown) => {
      if (settled) return;
      settled = true;
      await settle();
    };
    return {
      state,
      complete: () => once(() => this.#store.complete(key, token, this.ttlSeconds * 1000)),
      release: () => once(() => this.#store.release(key, token)),
    };
  }

  /**
   * Calls `handler` if the key is free: done once it returns, free again when it throws. Gives the state of the key
   * and, where it was claimed, what the handler returned.
   */
  async run<T>(
    key: string,
    handler: () => T | Promise<T>,
  ): Promise<{ state: "claimed"; value: T } | { state: "done" | "in_progress" }> {
    const claim = await this.begin(key);
    if (claim.state !== "claimed") return { state: claim.state };
    let value: T;
    try {
      value = await handler();
    } catch (thrown) {
      await claim.release();
      throw thrown;
    }
    await claim.complete();
    return { state: "claimed", value };
  }
}

/**
 * The key of an event: its id or, where the sender gives none, the hash of its body. Two senders may use the same ids:
 * put the scheme before it.
 *
 * @throws {WebhookError} `body_not_raw`, `invalid_argument`
 */
export function idempotencyKey(id: string | null | undefined, body: Body): string {
  const text = id === null || id === undefined ? undefined : stringOf("id", id);
  return native.idempotencyKey(text, bytesOf(body));
}

function newToken(): string {
  return crypto.randomUUID();
}

function secondsOf(what: string, value: unknown): number {
  if (typeof value === "number" && value > 0 && value <= MAX_SECONDS) return value;
  throw invalidArgument(
    `\`${what}\` takes seconds, more than 0 and at most ${MAX_SECONDS}, got ${numberOrKind(value)}`,
  );
}

/** Ten years, so that milliseconds fit whatever a store counts with. */
const MAX_SECONDS = 315_360_000;
