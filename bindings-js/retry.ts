import {
  invalidArgument,
  jsonOf,
  kindOf,
  millisOf,
  type Moment,
  numberOrKind,
  optionsOf,
  reading,
  stringOf,
  wholeNumberOf,
} from "./argument.js";
import { fromNative } from "./error.js";
import { type Handle, native, type NativeDecision } from "./native.js";

/** What the constructor asks for, so that only this module can call it. */
const HERE = Symbol("made by RetryPolicy");

/** A system whose rules are built in. */
export type ProfileName = "standard_webhooks" | "naive" | "ainative" | "yativo" | "nativemsg";

/** A retry policy of your own; delays in seconds. */
export interface RetryPolicyDefinition {
  schedule:
    | { list: number[] }
    | { exponential: { initial_seconds: number; factor: number; max_seconds: number; max_attempts: number } };
  /** How a delay is spread. @default "none" */
  jitter?: "equal" | "full" | "none" | { plus_minus: number };
  /** Give up when the next attempt would be later than this after the first. */
  max_age_seconds?: number | null;
  /** Statuses after which trying again is of no use. */
  final_statuses?: number[];
  /** Statuses with which the receiver says that it wants nothing more. @default [410] */
  disable_statuses?: number[];
}

/** What came of an attempt. */
export interface Attempt {
  /** The number of the attempt just made, from 1. */
  attempt: number;
  /** The HTTP status of the answer; absent when there was none. */
  status?: number | null | undefined;
  /** The `Retry-After` header of the answer, or its whole number of seconds. */
  retryAfter?: string | number | null | undefined;
  /** When the first attempt was made. Default: now. */
  firstAttemptAt?: Moment | undefined;
  /** When this attempt ended. Default: the clock. */
  now?: Moment | undefined;
  /** A number from 0 to 1 for jitter. Default: `Math.random()`. */
  random?: number | undefined;
}

/** What to do next. */
export type RetryDecision =
  | { action: "delivered" }
  | { action: "retry"; at: Date; delayMs: number }
  | { action: "give_up"; reason: GiveUpReason }
  | { action: "disable" };

/** Why a delivery failed for good. */
export type GiveUpReason = "attempts_exhausted" | "final_status" | "too_old";

/** When a failed delivery is tried again, and when no more. */
export class RetryPolicy {
  /** How many attempts there are in all. */
  readonly maxAttempts: number;
  readonly #handle: Handle;

  private constructor(handle: Handle, from: symbol) {
    if (from !== HERE) {
      throw invalidArgument("`new` makes no policy: use RetryPolicy.profile(name) or RetryPolicy.from(definition)");
    }
    this.#handle = handle;
    this.maxAttempts = native.maxAttempts(handle);
  }

  /**
   * The schedule of a system.
   *
   * @throws {WebhookError} `unknown_profile`
   */
  static profile(name: ProfileName): RetryPolicy {
    const id = stringOf("name", name);
    return RetryPolicy.#make(() => native.policyOfProfile(id));
  }

  /**
   * A policy of your own.
   *
   * @throws {WebhookError} `invalid_retry_policy`, with the field and what it takes
   */
  static from(definition: RetryPolicyDefinition): RetryPolicy {
    const json = jsonOf("definition", "an object", definition);
    return RetryPolicy.#make(() => native.policyOfJson(json));
  }

  static #make(handle: () => Handle): RetryPolicy {
    try {
      return new RetryPolicy(handle(), HERE);
    } catch (thrown) {
      throw fromNative(thrown);
    }
  }

  /**
   * What to do after an attempt. Without `now` and `random` it reads the clock and draws a number.
   *
   * @throws {WebhookError} `invalid_argument`, with the argument and what it takes
   */
  next(attempt: Attempt): RetryDecision {
    const outcome = reading("attempt", () => outcomeOf(optionsOf("attempt", attempt)));
    const handle = this.#handle;
    try {
      return decisionOf(
        native.nextAttempt(
          handle,
          outcome.attempt,
          outcome.status,
          outcome.retryAfter,
          outcome.firstAttemptAt,
          outcome.now,
          outcome.random,
        ),
      );
    } catch (thrown) {
      throw fromNative(thrown);
    }
  }

  /** The definition, with its defaults filled in. */
  toJSON(): RetryPolicyDefinition {
    return JSON.parse(native.policyToJson(this.#handle)) as RetryPolicyDefinition;
  }
}

function outcomeOf({ attempt, status, retryAfter, firstAttemptAt, now, random }: Partial<Attempt>) {
  const nowMs = millisOf("now", now);
  return {
    attempt: wholeNumberOf("attempt", attempt, 0xffff_ffff),
    status: status === undefined || status === null ? undefined : wholeNumberOf("status", status, 0xffff),
    retryAfter: retryAfterOf(retryAfter),
    firstAttemptAt: firstAttemptAt === undefined ? nowMs : millisOf("firstAttemptAt", firstAttemptAt),
    now: nowMs,
    random: random === undefined ? Math.random() : numberOf("random", random),
  };
}

function retryAfterOf(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === "string") return value;
  if (Number.isSafeInteger(value) && (value as number) >= 0) return `${value as number}`;
  const takes = `a string or a whole number from 0 to ${Number.MAX_SAFE_INTEGER}`;
  throw invalidArgument(`\`retryAfter\` takes ${takes}, got ${numberOrKind(value)}`);
}

function numberOf(what: string, value: unknown): number {
  if (typeof value === "number") return value;
  throw invalidArgument(`\`${what}\` takes a number, got ${kindOf(value)}`);
}

function decisionOf({ action, atMs, delayMs, reason }: NativeDecision): RetryDecision {
  switch (action) {
    case "retry":
      return { action, at: new Date(atMs as number), delayMs: delayMs as number };
    case "give_up":
      return { action, reason: reason as GiveUpReason };
    default:
      return { action: action as "delivered" | "disable" };
  }
}
