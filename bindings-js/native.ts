import type { Values } from "./headers.js";

/**
 * What the core offers JavaScript. The Node addon and the WebAssembly build implement it alike; the rest of this folder
 * is written over it.
 *
 * Functions take what TypeScript says and nothing else: callers check types first. They throw an `Error` whose `code`
 * is one of the core's. Times are milliseconds since the epoch; headers and settings are name, value, name, value, …
 * What is absent at the end of a call is left out: it costs nothing.
 */
export interface Native {
  schemes(): SchemeRow[];
  errorCodes(): ErrorRow[];

  /** The JSON of a built-in scheme. */
  schemeDefinition(id: string): string;
  /** A built-in scheme by its name, or the JSON of one. */
  schemeOf(text: string, config?: string[]): Handle;
  schemeId(scheme: Handle): string;
  /** The headers that are read, in lower case; none where the request says which ones it signs: then all are needed. */
  headerNames(scheme: Handle): Maybe<string[]>;
  /** Whether verifying looks at the method or the URL. */
  readsTarget(scheme: Handle): boolean;
  /** Whether there are handshakes to answer. */
  hasHandshake(scheme: Handle): boolean;
  /** The handshake while there is no secret. */
  firstHandshake(
    scheme: Handle,
    body: Uint8Array,
    headers: string[],
    method?: string,
    url?: string,
  ): Maybe<NativeHandshake>;
  keyRequest(
    scheme: Handle,
    body: Uint8Array,
    headers: string[],
    method?: string,
    url?: string,
  ): Maybe<NativeKeyRequest>;

  publishedKeys(): Handle;
  publicKeyUrl(wanted: NativeKeyRequest): string;
  recallKey(keys: Handle, wanted: NativeKeyRequest, nowMs: number): Maybe<string>;
  /** None where it is to be fetched now. */
  askForKey(keys: Handle, wanted: NativeKeyRequest, nowMs: number): Maybe<string>;
  keyArrived(keys: Handle, wanted: NativeKeyRequest, text: string, nowMs: number): string;
  /** The one that is used all the same. */
  keyFailed(keys: Handle, wanted: NativeKeyRequest, why: string, nowMs: number): string;

  webhookOf(scheme: Handle, secrets: string[], toleranceSeconds?: number): Handle;
  verify(
    webhook: Handle,
    body: Uint8Array,
    headers: string[],
    nowMs: number,
    method?: string,
    url?: string,
  ): NativeVerified;
  /** The same in one crossing, where the build has that and the scheme reads few enough headers. */
  verifierOf?(webhook: Handle): Maybe<Verifier>;
  /** The id and the type of an event where they stand in its verified body; where `verifierOf` is, these are, too. */
  eventIdIn?(webhook: Handle, body: Uint8Array): Maybe<string>;
  eventTypeIn?(webhook: Handle, body: Uint8Array): Maybe<string>;
  handshake(
    webhook: Handle,
    body: Uint8Array,
    headers: string[],
    nowMs: number,
    method?: string,
    url?: string,
  ): Maybe<NativeHandshake>;
  sign(
    webhook: Handle,
    body: Uint8Array,
    nowMs: number,
    id?: string,
    eventType?: string,
    headers?: string[],
    method?: string,
    url?: string,
  ): string[];
  signBody(webhook: Handle, body: Uint8Array): Uint8Array;
  /** Takes secrets that `webhookOf` refuses, and all headers. */
  explain(
    scheme: Handle,
    secrets: string[],
    body: Uint8Array,
    headers: string[],
    nowMs: number,
    toleranceSeconds?: number,
    method?: string,
    url?: string,
  ): NativeExplanation;
  verifySignature(secret: string, body: Uint8Array, header: string): boolean;
  idempotencyKey(id: string | undefined, body: Uint8Array): string;
  generateKeyPair(random: Uint8Array): NativeKeyPair;

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

/** What may be absent: the two builds write it differently. */
export type Maybe<T> = T | null | undefined;

export interface SchemeRow {
  id: string;
  name: string;
  source: string;
  confidence: string;
  notes?: Maybe<string>;
  /** Name, description, name, description, … */
  config: string[];
}

export interface ErrorRow {
  code: string;
  httpStatus: number;
  meaning: string;
  hint: string;
}

/**
 * Verifies a `POST` without a URL; the values are those of `headerNames`, at most four, in their order. Gives a whole number: where the
 * type of the event stands (0 to 3: it is that value; 4: nowhere; 5: in the body), 8 × where the id does, 64 × the index of
 * the key, 1024 × (the milliseconds of the timestamp + 1), or nought for none. Or `undefined` where `verify` is to be asked.
 * Unlike all else here it may be called with anything, and believes nothing.
 */
export type Verifier = (body: Uint8Array, nowMs: number, ...values: Values) => number | undefined;

export interface NativeVerified {
  id?: string | undefined;
  eventType?: string | undefined;
  timestampMs?: number | undefined;
  keyIndex: number;
  /** What the sender says, where the body is a token. */
  payload?: Uint8Array | undefined;
}

export interface NativeHandshake {
  status: number;
  headers: string[];
  body: string;
  secret?: Maybe<string>;
  fetch?: Maybe<string>;
}

/** With `code` and `message` of the error, where there is one. */
export interface NativeExplanation {
  verified: boolean;
  code?: Maybe<string>;
  message?: Maybe<string>;
  findings: { cause: string; certain: boolean; message: string; hint: string }[];
}

export interface NativeKeyRequest {
  url?: Maybe<string>;
  keyId?: Maybe<string>;
  format: string;
}

export interface NativeKeyPair {
  privateKey: string;
  publicKey: string;
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
