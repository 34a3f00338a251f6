import {
  invalidArgument,
  jsonOf,
  kindOf,
  millisOf,
  type Moment,
  numberOrKind,
  optionalString,
  optionsOf,
  reading,
  stringOf,
  wholeNumberOf,
} from "./argument.js";
import { fromNative } from "./error.js";
import { type Handle, native, type NativeAttempt, type NativeDecision, type NativeScheduleRow } from "./native.js";

/** What the constructor asks for, so that only this module can call it. */
const HERE = Symbol("made by RetryPolicy");

/** A system whose rules are built in. */
export type ProfileName = "standard_webhooks" | "naive" | "ainative" | "yativo" | "nativemsg";

/** A schedule that has a name: that of a system whose rules are built in, of another sender, or of our own client. */
export type PresetName = ProfileName | "svix" | "stripe" | "convoy" | "outpost" | "api_client";

/** A retry policy of your own; delays in seconds. */
export interface RetryPolicyDefinition {
  schedule:
    | { list: number[] }
    | { exponential: { initial_seconds: number; factor: number; max_seconds: number; max_attempts: number } };
  /** How a delay is spread; `"decorrelated"` goes with an exponential schedule. @default "none" */
  jitter?: "decorrelated" | "equal" | "full" | "none" | { plus_minus: number };
  /** Give up when the next attempt would be later than this after the first. */
  max_age_seconds?: number | null;
  /** Give up when `Retry-After` asks for more: an attempt earlier than asked is never made. @default 604800, a week */
  max_retry_after_seconds?: number;
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
  /** The `webhook-delivery` header of the answer, with which a receiver says `disable` or `abort-message`. */
  delivery?: string | null | undefined;
  /** How many milliseconds were waited before this attempt; only `"decorrelated"` jitter grows from it. */
  previousDelayMs?: number | null | undefined;
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
  /** Taken, but send nothing more to this endpoint. */
  | { action: "delivered_and_disable" }
  | { action: "retry"; at: Date; delayMs: number }
  | { action: "give_up"; reason: GiveUpReason }
  /** Failed for good, and send nothing more to this endpoint. */
  | { action: "disable" };

/** Why a delivery failed for good. */
export type GiveUpReason = "aborted" | "attempts_exhausted" | "final_status" | "retry_after_too_long" | "too_old";

/** One attempt of a schedule: the least and the longest wait before it, and time since the first, in milliseconds. */
export type ScheduleRow = NativeScheduleRow;

/** When a failed delivery is tried again, and when no more. */
export class RetryPolicy {
  /** How many attempts there are in all. */
  readonly maxAttempts: number;
  readonly #handle: Handle;

  private constructor(handle: Handle, from: symbol) {
    if (from !== HERE) {
      throw invalidArgument("`new` makes no policy: use RetryPolicy.preset(name) or RetryPolicy.from(definition)");
    }
    this.#handle = handle;
    this.maxAttempts = native.maxAttempts(handle);
  }

  /** The names of the presets; the first is the default. */
  static presets(): PresetName[] {
    return native.presets() as PresetName[];
  }

  /**
   * A schedule by its name.
   *
   * @throws {WebhookError} `invalid_argument`, with the names that there are
   */
  static preset(name: PresetName): RetryPolicy {
    const known = stringOf("name", name);
    return RetryPolicy.#make(() => native.policyOfPreset(known));
  }

  /**
   * The schedule of a system whose rules are built in, which is the preset of that name.
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
    const made = reading("attempt", () => attemptOf(optionsOf("attempt", attempt)));
    const handle = this.#handle;
    try {
      return decisionOf(native.nextAttempt(handle, made));
    } catch (thrown) {
      throw fromNative(thrown);
    }
  }

  /** Every attempt there can be if all fail, with its bounds. */
  schedule(): ScheduleRow[] {
    return native.scheduleRows(this.#handle);
  }

  /** The schedule as a table for people. */
  table(): string {
    return native.scheduleTable(this.#handle);
  }

  /** The definition, with its defaults filled in. */
  toJSON(): RetryPolicyDefinition {
    return JSON.parse(native.policyToJson(this.#handle)) as RetryPolicyDefinition;
  }
}

function attemptOf(given: Partial<Attempt>): NativeAttempt {
  const { attempt, status, retryAfter, delivery, previousDelayMs, firstAttemptAt, now, random } = given;
  const nowMs = millisOf("now", now);
  return {
    attempt: wholeNumberOf("attempt", attempt, 0xffff_ffff),
    status: status === undefined || status === null ? undefined : wholeNumberOf("status", status, 0xffff),
    retryAfter: retryAfterOf(retryAfter),
    delivery: optionalString("delivery", delivery),
    previousDelayMs: durationOf("previousDelayMs", previousDelayMs),
    firstAttemptMs: firstAttemptAt === undefined ? nowMs : millisOf("firstAttemptAt", firstAttemptAt),
    nowMs,
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

function durationOf(what: string, value: unknown): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === "number" && value >= 0 && value < Infinity) return value;
  throw invalidArgument(`\`${what}\` takes milliseconds, 0 or more, got ${numberOrKind(value)}`);
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
      return { action: action as "delivered" | "delivered_and_disable" | "disable" };
  }
}
