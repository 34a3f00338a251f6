/**
 * What the core offers JavaScript. The Node addon and the WebAssembly build implement it alike; the rest of this folder
 * is written over it.
 *
 * Functions take what TypeScript says and nothing else: callers check types first. They throw an `Error` whose `code`
 * is one of the core's. Times are milliseconds since the epoch, headers are name, value, name, value, …
 */
export interface Native {
  schemes(): string[];
  errorCodes(): ErrorRow[];

  webhookOfBuiltin(id: string, secrets: string[], toleranceSeconds?: number): Handle;
  webhookOfJson(scheme: string, secrets: string[], toleranceSeconds?: number): Handle;
  schemeId(webhook: Handle): string;
  headerNames(webhook: Handle): string[];
  verify(webhook: Handle, body: Uint8Array, headers: string[], nowMs: number): NativeVerified;
  sign(
    webhook: Handle,
    body: Uint8Array,
    id: string | undefined,
    eventType: string | undefined,
    nowMs: number,
  ): string[];
  signBody(webhook: Handle, body: Uint8Array): Uint8Array;
  verifySignature(secret: string, body: Uint8Array, header: string): boolean;

  presets(): string[];
  policyOfPreset(name: string): Handle;
  policyOfProfile(id: string): Handle;
  policyOfJson(policy: string): Handle;
  policyToJson(policy: Handle): string;
  maxAttempts(policy: Handle): number;
  scheduleRows(policy: Handle): NativeScheduleRow[];
  scheduleTable(policy: Handle): string;
  nextAttempt(policy: Handle, made: NativeAttempt): NativeDecision;
}

/** A value that lives in the core. */
export type Handle = object;

export interface ErrorRow {
  code: string;
  httpStatus: number;
  meaning: string;
  hint: string;
}

export interface NativeVerified {
  id?: string | undefined;
  eventType?: string | undefined;
  timestampMs?: number | undefined;
  keyIndex: number;
}

/** Without a status there was no response. */
export interface NativeAttempt {
  attempt: number;
  status: number | undefined;
  retryAfter: string | undefined;
  delivery: string | undefined;
  previousDelayMs: number | undefined;
  firstAttemptMs: number;
  nowMs: number;
  random: number;
}

export interface NativeDecision {
  action: string;
  atMs?: number | undefined;
  delayMs?: number | undefined;
  reason?: string | undefined;
}

export interface NativeScheduleRow {
  attempt: number;
  minDelayMs: number;
  maxDelayMs: number;
  minElapsedMs: number;
  maxElapsedMs: number;
}

/** The core in use. Each package's entry sets it, before anything here is called. */
export let native: Native = new Proxy({} as Native, {
  get() {
    throw new Error("hookseal is not initialised: call `init` or `initSync` first");
  },
});

export function use(core: Native): void {
  native = core;
}
