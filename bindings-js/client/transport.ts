/** Sends calls: the only part that talks to the network, waits and tries again. */
import { type Call, queryOf } from "./call.js";
import { errorOf, HooksealApiError, unexpected } from "./api-error.js";
import { List } from "./list.js";
import { apiKeyOf, baseUrlOf, type CallOptions, type ClientOptions, fetchOf, invalid, type Limits, limitsOf } from "./options.js";

/** The package and its version: `hookseal-node/1.2.3`; the build puts it here. */
declare const HOOKSEAL_CLIENT: string;

/** What came of an attempt. */
type Outcome =
  | { readonly value: unknown }
  | {
      readonly error: HooksealApiError;
      /** Of the answer, for the policy; `undefined` without one. */
      readonly status?: number;
      readonly retryAfter?: string | null;
      /** Whether it is sure that the server did nothing. */
      readonly undone: boolean;
    };

export class Transport {
  readonly #baseUrl: string;
  readonly #apiKey: string;
  readonly #fetch: typeof globalThis.fetch;
  readonly #limits: Limits;

  /** @throws {WebhookError} `invalid_argument`, with the option and what it takes */
  constructor(options: ClientOptions = {}) {
    if (typeof options !== "object" || options === null) throw invalid("a client takes an object of options");
    this.#apiKey = apiKeyOf(options.apiKey);
    this.#baseUrl = baseUrlOf(options.baseUrl);
    this.#fetch = fetchOf(options.fetch);
    this.#limits = limitsOf(options);
  }

  /**
   * Sends a call until it has its answer, the policy gives up, or it would not be sure to be done once.
   *
   * @throws {HooksealApiError} what the last attempt came to
   * @throws {WebhookError} `invalid_argument`
   * @throws the reason of `signal`
   */
  async send<T>(call: Call, options: CallOptions = {}): Promise<T> {
    const { timeoutMs, policy } = limitsOf(options, this.#limits);
    const { signal } = options;
    const request = this.#request(call, options);
    const firstAttemptAt = Date.now();
    const deadline = firstAttemptAt + deadlineOf(policy.toJSON().max_age_seconds);
    let uncertain = false;
    for (let attempt = 1; ; attempt += 1) {
      const leftMs = deadline - Date.now();
      const outcome = await this.#attempt(call, request, Math.max(1, Math.min(timeoutMs, leftMs)), signal);
      if ("value" in outcome) return outcome.value as T;
      const { error, status, retryAfter, undone } = outcome;
      if (error.code === "timeout" && leftMs <= timeoutMs) throw error;
      // An attempt of before deleted it, and its answer was lost.
      if (uncertain && call.method === "DELETE" && error.code === "not_found") return undefined as T;
      uncertain ||= !undone;
      if (!undone && !(call.repeatable ?? call.method !== "POST")) throw error;
      const decision = policy.next({ attempt, status, retryAfter, firstAttemptAt });
      if (decision.action !== "retry") throw error;
      await sleep(decision.delayMs, signal);
    }
  }

  /** A list of pages, of which `cursor` asks for the one that follows. */
  list<T>(path: string, cursor: "after" | "before", filter: object = {}, options?: CallOptions): List<T> {
    return new List((next) => this.send({ method: "GET", path, query: next ? { ...filter, [cursor]: next } : filter }, options));
  }

  #request({ method, path, query, body }: Call, { idempotencyKey }: CallOptions): { url: string; init: RequestInit } {
    const headers: Record<string, string> = {
      accept: "application/json",
      authorization: `Bearer ${this.#apiKey}`,
      "user-agent": HOOKSEAL_CLIENT,
    };
    if (method === "POST") headers["idempotency-key"] = keyOf(idempotencyKey);
    if (body !== undefined) headers["content-type"] = "application/json";
    // The key goes to the server that was named, and to no other.
    const init: RequestInit = { method, headers, redirect: "manual" };
    if (body !== undefined) init.body = jsonOf(body);
    return { url: this.#baseUrl + path + queryOf(query), init };
  }

  async #attempt(
    { method, path }: Call,
    { url, init }: { url: string; init: RequestInit },
    limitMs: number,
    signal: AbortSignal | undefined,
  ): Promise<Outcome> {
    signal?.throwIfAborted();
    const controller = new AbortController();
    const abort = (): void => controller.abort(signal?.reason);
    signal?.addEventListener("abort", abort);
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      controller.abort();
    }, limitMs);
    const send = this.#fetch;
    try {
      const response = await send(url, { ...init, signal: controller.signal });
      return outcomeOf(response, await response.text());
    } catch (cause) {
      signal?.throwIfAborted();
      return { error: failureOf(`${method} ${path}`, late ? limitMs : undefined, cause), undone: !late && isUnsent(cause) };
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
    }
  }
}

function outcomeOf(response: Response, body: string): Outcome {
  const { status } = response;
  if (!response.ok) {
    const error = errorOf(response, body);
    // The server answers these before it has done anything, and 500 where it could not.
    const undone = status < 500 || status === 503 || (status === 500 && error.code === "internal");
    return { error, status: codeOf(status), retryAfter: response.headers.get("retry-after"), undone };
  }
  if (status === 204) return { value: undefined };
  try {
    return { value: JSON.parse(body) };
  } catch (cause) {
    return { error: unexpected(response, `the answer is ${status}, but not JSON`, cause), status, undone: false };
  }
}

/** As the policy takes it: browsers hide the status of a redirection, and proxies make their own. */
function codeOf(status: number): number {
  return status === 0 ? 302 : Math.min(status, 599);
}

function failureOf(what: string, limitMs: number | undefined, cause: unknown): HooksealApiError {
  if (limitMs !== undefined) {
    return new HooksealApiError({
      code: "timeout",
      message: `${what} had no answer within ${limitMs} ms`,
      hint: "see whether the server is busy, or allow more with `timeoutMs` and `deadlineMs`",
    });
  }
  const reason = reasonOf(cause);
  return new HooksealApiError({
    code: "connection_failed",
    message: `${what} had no answer${reason && `: ${reason}`}`,
    hint: "check `baseUrl`, that the server runs, and the network between",
    cause,
  });
}

/** Of what `fetch` throws, the code of the system's error: `ECONNREFUSED`. */
function reasonOf(cause: unknown): string {
  const { code } = ((cause as { cause?: unknown } | null)?.cause ?? {}) as { code?: unknown };
  return typeof code === "string" ? code : "";
}

/** Whether the failure is of the time before anything was sent, as far as the platform says it. */
function isUnsent(cause: unknown): boolean {
  return UNSENT.has(reasonOf(cause));
}

const UNSENT = new Set(["EAI_AGAIN", "ECONNREFUSED", "EHOSTUNREACH", "ENETUNREACH", "ENOTFOUND", "UND_ERR_CONNECT_TIMEOUT"]);

function keyOf(given: unknown): string {
  if (given === undefined || given === null) return crypto.randomUUID();
  if (typeof given === "string" && /^[\x21-\x7e]+$/.test(given)) return given;
  throw invalid("`idempotencyKey` takes visible ASCII without spaces, at least a character");
}

function jsonOf(body: unknown): string {
  try {
    return JSON.stringify(body);
  } catch {
    throw invalid("what is to be sent cannot be written as JSON");
  }
}

function deadlineOf(maxAgeSeconds: number | null | undefined): number {
  return (maxAgeSeconds ?? Infinity) * 1000;
}

function sleep(delayMs: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const abort = (): void => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", abort);
      resolve();
    }, delayMs);
    signal?.addEventListener("abort", abort, { once: true });
  });
}
