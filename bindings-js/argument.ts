/**
 * Reading what callers pass. Whatever it is, even a getter or a proxy that throws, the only error is a `WebhookError`.
 */
import { WebhookError } from "./error.js";
import { unknownOption } from "./option-name.js";

/** A moment: a `Date` or milliseconds since the epoch. */
export type Moment = Date | number;

export function invalidArgument(message: string): WebhookError {
  return new WebhookError("invalid_argument", message);
}

/** Runs `read`, which touches a caller's object. */
export function reading<T>(what: string, read: () => T): T {
  try {
    return read();
  } catch (thrown) {
    if (thrown instanceof WebhookError) throw thrown;
    throw invalidArgument(`\`${what}\` cannot be read: it throws when accessed`);
  }
}

/** For messages: the type of a value, never the value. */
export function kindOf(value: unknown): string {
  return value === null || value === undefined ? `${value}` : `a value of type \`${typeof value}\``;
}

/** The kind of an object, whichever realm it comes from: `"Date"`, `"Map"`. */
export function tagOf(value: unknown): string {
  return Object.prototype.toString.call(value).slice(8, -1);
}

export function stringOf(what: string, value: unknown): string {
  if (typeof value === "string") return value;
  throw invalidArgument(`\`${what}\` takes a string, got ${kindOf(value)}`);
}

export function optionalString(what: string, value: unknown): string | undefined {
  return value === undefined || value === null ? undefined : stringOf(what, value);
}

/** A whole number that the core's type can hold. */
export function wholeNumberOf(what: string, value: unknown, max: number): number {
  if (Number.isInteger(value) && (value as number) >= 0 && (value as number) <= max) return value as number;
  throw invalidArgument(`\`${what}\` takes a whole number from 0 to ${max}, got ${numberOrKind(value)}`);
}

/** Whole milliseconds since the epoch; `undefined` is the present. */
export function millisOf(what: string, value: unknown): number {
  if (value === undefined) return Date.now();
  const millis = tagOf(value) === "Date" ? (value as Date).getTime() : value;
  if (typeof millis === "number" && Number.isFinite(millis)) return Math.floor(millis);
  throw invalidArgument(`\`${what}\` takes a valid Date or milliseconds since the epoch, got ${numberOrKind(millis)}`);
}

/** An object of named arguments; `undefined` is an empty one. */
export function optionsOf<T extends object>(what: string, value: T | undefined): Partial<T> {
  if (value === undefined) return {};
  if (typeof value === "object" && value !== null) return value;
  throw invalidArgument(`\`${what}\` takes an object, got ${kindOf(value)}`);
}

/** Options that have these names, and no others. */
export function knownOptionsOf<T extends object>(value: T | undefined, names: readonly (keyof T & string)[]): Partial<T> {
  const options = optionsOf("options", value);
  const unknown = unknownOption(options, names);
  if (unknown) throw new WebhookError("invalid_argument", ...unknown);
  return options;
}

/** The JSON of a definition; `takes` says in a message what belongs there. */
export function jsonOf(what: string, takes: string, value: unknown): string {
  if (typeof value !== "object" || value === null) {
    throw invalidArgument(`\`${what}\` takes ${takes}, got ${kindOf(value)}`);
  }
  let json: string | undefined;
  try {
    json = JSON.stringify(value, refuseWhatJsonDrops);
  } catch {
    // A cycle, a BigInt, a getter that throws: falls through to the one message.
  }
  if (json?.startsWith("{")) return json;
  throw invalidArgument(`\`${what}\` takes ${takes} that JSON can hold: no array, cycle, function, NaN or Infinity`);
}

/** JSON writes `null` for a number it does not have, and leaves functions out: a rule would be gone without a word. */
function refuseWhatJsonDrops(_key: string, value: unknown): unknown {
  const dropped = typeof value === "number" ? !Number.isFinite(value) : DROPPED.has(typeof value);
  if (dropped) throw new TypeError("not JSON");
  return value;
}

const DROPPED: ReadonlySet<string> = new Set(["function", "symbol"]);

/** Whether text is without lone surrogates. UTF-8 has none: each would become U+FFFD, as any other of them would. */
export function isWellFormed(text: string): boolean {
  const { isWellFormed } = text as { isWellFormed?: () => boolean };
  return isWellFormed ? isWellFormed.call(text) : !LONE_SURROGATE.test(text);
}

const LONE_SURROGATE = /\p{Surrogate}/u;

/** For messages: a number, or the type of another value. */
export function numberOrKind(value: unknown): string {
  return typeof value === "number" ? `${value}` : kindOf(value);
}
