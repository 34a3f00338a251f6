import { wholeNumberOf } from "../argument.js";
import type { ClaimState, IdempotencyStore } from "./idempotency.js";

/** Keeps claims in this process, at most `maxKeys`: for one process, and for tests. */
export class MemoryStore implements IdempotencyStore {
  /** In the order in which they were written: the oldest first. */
  readonly #entries = new Map<string, { token: string; done: boolean; expiresAt: number }>();
  readonly #maxKeys: number;

  constructor(maxKeys = 100_000) {
    this.#maxKeys = wholeNumberOf("maxKeys", maxKeys, 2 ** 24);
  }

  claim(key: string, token: string, leaseMs: number): ClaimState {
    const held = this.#entries.get(key);
    if (held && held.expiresAt > Date.now()) return held.done ? "done" : "in_progress";
    this.#write(key, token, false, leaseMs);
    return "claimed";
  }

  complete(key: string, token: string, ttlMs: number): void {
    this.#write(key, token, true, ttlMs);
  }

  release(key: string, token: string): void {
    const held = this.#entries.get(key);
    if (held?.token === token && !held.done) this.#entries.delete(key);
  }

  #write(key: string, token: string, done: boolean, forMs: number): void {
    this.#entries.delete(key);
    this.#entries.set(key, { token, done, expiresAt: Date.now() + forMs });
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= this.#maxKeys) break;
      this.#entries.delete(oldest);
    }
  }
}
