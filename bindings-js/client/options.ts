/**
 * What a client is made with. Whatever is passed, the only error is a `WebhookError`, and no message of it holds the key.
 */
import { RetryPolicy, type RetryPolicyDefinition, WebhookError } from "../index.js";

/** What `new Hookseal` and `new Naive` take. */
export interface ClientOptions {
  /** The API key: `hks_…`. Default: the environment variable `HOOKSEAL_API_KEY`. */
  apiKey?: string | undefined;
  /** Where the server is, with a path where a proxy has it under one. Default: the environment variable `HOOKSEAL_URL`. */
  baseUrl?: string | URL | undefined;
  /** How long one attempt may take, in milliseconds, its answer included. @default 30000 */
  timeoutMs?: number | undefined;
  /** How long a call may take with all its attempts and the waits between them, in milliseconds. @default 120000 */
  deadlineMs?: number | undefined;
  /** How often a call is tried again. @default 4 */
  maxRetries?: number | undefined;
  /** Instead of the platform's `fetch`. */
  fetch?: typeof globalThis.fetch | undefined;
}

/** What every call takes as its last argument. */
export interface CallOptions {
  /** Ends the call, also while it waits to try again; it rejects with the signal's reason. */
  signal?: AbortSignal | undefined;
  /** Instead of that of the client. */
  timeoutMs?: number | undefined;
  /** Instead of that of the client. */
  deadlineMs?: number | undefined;
  /** Instead of that of the client. */
  maxRetries?: number | undefined;
  /**
   * What makes repeats of a `POST` one request. Default: a random one for each call, the same for all its attempts. Pass
   * your own where the caller may crash and start again.
   */
  idempotencyKey?: string | undefined;
}

/** How often, how long and when a call is tried. */
export interface Limits {
  readonly timeoutMs: number;
  readonly policy: RetryPolicy;
}

/** The limits of a client, or of one call where that has its own. */
export function limitsOf(given: ClientOptions | CallOptions, base?: Limits): Limits {
  const { timeoutMs, deadlineMs, maxRetries } = given;
  if (base && timeoutMs === undefined && deadlineMs === undefined && maxRetries === undefined) return base;
  return {
    timeoutMs: timeoutMs === undefined ? (base?.timeoutMs ?? 30_000) : millisecondsOf("timeoutMs", timeoutMs),
    policy: policyOf(base?.policy ?? RetryPolicy.preset("api_client"), deadlineMs, maxRetries),
  };
}

/** The schedule is the core's; of it, the age and the number of attempts are the caller's to choose. */
function policyOf(policy: RetryPolicy, deadlineMs?: number, maxRetries?: number): RetryPolicy {
  if (deadlineMs === undefined && maxRetries === undefined) return policy;
  const definition = policy.toJSON() as RetryPolicyDefinition & { schedule: { exponential: object } };
  const { exponential } = definition.schedule;
  return RetryPolicy.from({
    ...definition,
    ...(deadlineMs !== undefined && { max_age_seconds: millisecondsOf("deadlineMs", deadlineMs) / 1000 }),
    ...(maxRetries !== undefined && {
      schedule: { exponential: { ...exponential, max_attempts: retriesOf(maxRetries) + 1 } },
    }),
  } as RetryPolicyDefinition);
}

/** The key, which goes into a header: what that cannot hold is refused here, where no message repeats it. */
export function apiKeyOf(given: unknown): string {
  const key = given ?? environment("HOOKSEAL_API_KEY");
  if (typeof key === "string" && /^[\x21-\x7e]+$/.test(key)) return key;
  const missing = key === undefined || key === null || key === "";
  throw invalid(
    missing ? "`apiKey` is missing" : "`apiKey` is not the text of a key: it has to be visible ASCII without spaces",
    "pass the API key as `apiKey`, or set the environment variable HOOKSEAL_API_KEY; the first start of the server printed one",
  );
}

/** The URL without a slash at its end, so that paths can be put after it. */
export function baseUrlOf(given: unknown): string {
  const text = given ?? environment("HOOKSEAL_URL");
  const hint = "pass the address of the server as `baseUrl`, such as `https://hooks.example.com`, or set HOOKSEAL_URL";
  if (text === undefined || text === null || text === "") throw invalid("`baseUrl` is missing", hint);
  let url: URL;
  try {
    url = new URL(text as string);
  } catch {
    throw invalid("`baseUrl` is not a URL", hint);
  }
  if (url.protocol !== "https:" && url.protocol !== "http:") throw invalid("`baseUrl` is not an http(s) URL", hint);
  // Fetch refuses them, and repeats them in its message.
  if (url.username || url.password) throw invalid("`baseUrl` has a user or a password in it, expected neither", hint);
  if (url.search || url.hash) throw invalid("`baseUrl` has a query or a fragment, expected neither", hint);
  return url.href.replace(/\/+$/, "");
}

/** The function to call; the platform's is looked up for each call, so that what replaces it later is used. */
export function fetchOf(given: unknown): typeof globalThis.fetch {
  if (typeof given === "function") return given as typeof globalThis.fetch;
  if (given === undefined || given === null) return (input, init) => globalThis.fetch(input, init);
  throw invalid(`\`fetch\` takes a function, got a value of type \`${typeof given}\``);
}

export function invalid(message: string, hint?: string): WebhookError {
  return new WebhookError("invalid_argument", message, hint);
}

function millisecondsOf(what: string, value: unknown): number {
  // Timers count in 32 bits.
  if (typeof value === "number" && value > 0 && value < 2 ** 31) return value;
  throw invalid(`\`${what}\` takes milliseconds, more than 0 and less than 2147483648`);
}

function retriesOf(value: unknown): number {
  if (Number.isInteger(value) && (value as number) >= 0 && (value as number) < 1000) return value as number;
  throw invalid("`maxRetries` takes a whole number from 0 to 999");
}

/** A variable, where there are any: workers and browsers have none, and Deno throws where it is not allowed to look. */
function environment(name: string): string | undefined {
  const { process } = globalThis as { process?: { env?: Record<string, string | undefined> } };
  try {
    return process?.env?.[name];
  } catch {
    return undefined;
  }
}
