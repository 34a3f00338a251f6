import { invalidArgument, stringOf } from "../argument.js";
import type { ClaimState, IdempotencyStore } from "./idempotency.js";

/** A client of Redis: of `redis` (node-redis) or of `ioredis`, also of a cluster, or of `@upstash/redis`. */
export type RedisClient =
  | { eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>; EVAL: unknown }
  | { eval(script: string, keys: number, ...args: string[]): Promise<unknown>; defineCommand: unknown }
  | { eval(script: string, keys: string[], args: string[]): Promise<unknown>; createScript: unknown };

/** Runs a script of one key. */
type Run = (script: string, key: string, args: string[]) => Promise<unknown>;

// The value of a key is the token of whoever holds it, or `done`. Plain texts: bundlers leave out what is not used.
const CLAIM = `
if redis.call("set", KEYS[1], ARGV[1], "NX", "PX", ARGV[2]) then return "claimed" end
if redis.call("get", KEYS[1]) == "done" then return "done" end
return "in_progress"`;

const COMPLETE = 'return redis.call("set", KEYS[1], "done", "PX", ARGV[1])';

const RELEASE = `
if redis.call("get", KEYS[1]) == ARGV[1] then return redis.call("del", KEYS[1]) end
return 0`;

/** Keeps claims in Redis, for as many processes as there are. Each method is one script, which Redis runs as a whole. */
export class RedisStore implements IdempotencyStore {
  readonly #eval: Run;
  readonly #prefix: string;

  /** @param prefix what the names of its keys begin with */
  constructor(client: RedisClient, prefix = "hookseal:") {
    this.#eval = runOf(client);
    this.#prefix = stringOf("prefix", prefix);
  }

  async claim(key: string, token: string, leaseMs: number): Promise<ClaimState> {
    return `${await this.#run(CLAIM, key, token, millis(leaseMs))}` as ClaimState;
  }

  async complete(key: string, _token: string, ttlMs: number): Promise<void> {
    await this.#run(COMPLETE, key, millis(ttlMs));
  }

  async release(key: string, token: string): Promise<void> {
    await this.#run(RELEASE, key, token);
  }

  #run(script: string, key: string, ...args: string[]): Promise<unknown> {
    return this.#eval(script, this.#prefix + key, args);
  }
}

/** Each client has its own way to call `eval`, and a method that only it has. */
function runOf(client: RedisClient): Run {
  const { EVAL, createScript, defineCommand } = (client ?? {}) as unknown as Record<string, unknown>;
  if (typeof defineCommand === "function") {
    const ioredis = client as Extract<RedisClient, { defineCommand: unknown }>;
    return (script, key, args) => ioredis.eval(script, 1, key, ...args);
  }
  if (typeof createScript === "function") {
    const upstash = client as Extract<RedisClient, { createScript: unknown }>;
    return (script, key, args) => upstash.eval(script, [key], args);
  }
  if (typeof EVAL === "function") {
    const redis = client as Extract<RedisClient, { EVAL: unknown }>;
    return (script, key, args) => redis.eval(script, { keys: [key], arguments: args });
  }
  throw invalidArgument("`client` takes a client of `redis` (4 or newer), `ioredis` or `@upstash/redis`");
}

function millis(value: number): string {
  return `${Math.ceil(value)}`;
}
