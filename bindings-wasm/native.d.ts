/* tslint:disable */
/* eslint-disable */

/**
 * When a failed delivery is tried again.
 */
export class NativePolicy {
    private constructor();
    free(): void;
    [Symbol.dispose](): void;
}

/**
 * What is known of the keys of senders.
 */
export class NativePublishedKeys {
    private constructor();
    free(): void;
    [Symbol.dispose](): void;
}

/**
 * How a sender signs.
 */
export class NativeScheme {
    private constructor();
    free(): void;
    [Symbol.dispose](): void;
}

/**
 * A scheme with its keys.
 */
export class NativeWebhook {
    private constructor();
    free(): void;
    [Symbol.dispose](): void;
}

/**
 * A key, where it is known; none where it is to be fetched now.
 */
export function askForKey(keys: NativePublishedKeys, wanted: { url?: string; keyId?: string; format: string }, now_ms: number): string | undefined;

/**
 * Every code, in alphabetical order.
 */
export function errorCodes(): { code: string; httpStatus: number; meaning: string; hint: string }[];

/**
 * Says why a request does not verify; `headers`, all of them, is name, value, name, value, …
 */
export function explain(scheme: NativeScheme, secrets: string[], body: Uint8Array | number[], headers: string[], now_ms: number, tolerance_seconds?: number | null, method?: string | null, url?: string | null): { verified: boolean; code?: string; message?: string; findings: { cause: string; certain: boolean; message: string; hint: string }[] };

/**
 * The answer to a handshake while there is no secret.
 */
export function firstHandshake(scheme: NativeScheme, body: Uint8Array | number[], headers: string[], method?: string | null, url?: string | null): { status: number; headers: string[]; body: string; secret?: string; fetch?: string } | undefined;

/**
 * Makes a pair of keys of 32 random bytes.
 */
export function generateKeyPair(random: Uint8Array | number[]): { privateKey: string; publicKey: string };

/**
 * The answer to a request, if it is a handshake.
 */
export function handshake(webhook: NativeWebhook, body: Uint8Array | number[], headers: string[], now_ms: number, method?: string | null, url?: string | null): { status: number; headers: string[]; body: string; secret?: string; fetch?: string } | undefined;

/**
 * Whether there are handshakes to answer.
 */
export function hasHandshake(scheme: NativeScheme): boolean;

/**
 * The headers that are read, in lower case; none where all of them are needed.
 */
export function headerNames(scheme: NativeScheme): string[] | undefined;

/**
 * The id of an event or, where it has none, the hash of its body.
 */
export function idempotencyKey(id: string | null | undefined, body: Uint8Array | number[]): string;

/**
 * The key in what came.
 */
export function keyArrived(keys: NativePublishedKeys, wanted: { url?: string; keyId?: string; format: string }, text: string, now_ms: number): string;

/**
 * The key that is used although it could not be fetched.
 */
export function keyFailed(keys: NativePublishedKeys, wanted: { url?: string; keyId?: string; format: string }, why: string, now_ms: number): string;

/**
 * The published key that verifying a request needs.
 */
export function keyRequest(scheme: NativeScheme, body: Uint8Array | number[], headers: string[], method?: string | null, url?: string | null): { url?: string; keyId?: string; format: string } | undefined;

/**
 * How many attempts there are in all.
 */
export function maxAttempts(policy: NativePolicy): number;

/**
 * What to do after an attempt.
 */
export function nextAttempt(policy: NativePolicy, made: { attempt: number; status: number | undefined; retryAfter: string | undefined; delivery: string | undefined; previousDelayMs: number | undefined; firstAttemptMs: number; nowMs: number; random: number }): { action: string; atMs?: number; delayMs?: number; reason?: string };

/**
 * A policy written in JSON.
 */
export function policyOfJson(policy: string): NativePolicy;

/**
 * A schedule by its name.
 */
export function policyOfPreset(name: string): NativePolicy;

/**
 * The schedule of a profile.
 */
export function policyOfProfile(id: string): NativePolicy;

/**
 * The policy in JSON, with its defaults filled in.
 */
export function policyToJson(policy: NativePolicy): string;

/**
 * The names of the presets; the first is the default.
 */
export function presets(): string[];

/**
 * Where anybody can fetch a key.
 */
export function publicKeyUrl(wanted: { url?: string; keyId?: string; format: string }): string;

/**
 * None is known yet.
 */
export function publishedKeys(): NativePublishedKeys;

/**
 * Whether verifying looks at the method or the URL.
 */
export function readsTarget(scheme: NativeScheme): boolean;

/**
 * A key, where it is known.
 */
export function recallKey(keys: NativePublishedKeys, wanted: { url?: string; keyId?: string; format: string }, now_ms: number): string | undefined;

/**
 * Every attempt there can be, with its bounds.
 */
export function scheduleRows(policy: NativePolicy): { attempt: number; minDelayMs: number; maxDelayMs: number; minElapsedMs: number; maxElapsedMs: number }[];

/**
 * The schedule as a table for people.
 */
export function scheduleTable(policy: NativePolicy): string;

/**
 * The JSON of a built-in scheme.
 */
export function schemeDefinition(id: string): string;

/**
 * The id of a scheme.
 */
export function schemeId(scheme: NativeScheme): string;

/**
 * A built-in scheme by its name, or one written in JSON; `config` is name, value, name, value, …
 */
export function schemeOf(text: string, config?: string[] | null): NativeScheme;

/**
 * Every built-in scheme.
 */
export function schemes(): { id: string; name: string; source: string; confidence: string; notes?: string; config: string[] }[];

/**
 * The headers to send with a body: name, value, name, value, …
 */
export function sign(webhook: NativeWebhook, body: Uint8Array | number[], now_ms: number, id?: string | null, event_type?: string | null, headers?: string[] | null, method?: string | null, url?: string | null): string[];

/**
 * The body with its signature inside, where the scheme puts one there.
 */
export function signBody(webhook: NativeWebhook, body: Uint8Array | number[]): Uint8Array;

/**
 * Verifies a request; `headers` is name, value, name, value, …
 */
export function verify(webhook: NativeWebhook, body: Uint8Array | number[], headers: string[], now_ms: number, method?: string | null, url?: string | null): { id?: string; eventType?: string; timestampMs?: number; keyIndex: number; payload?: Uint8Array };

/**
 * Whether `header` is the lower-case hex HMAC-SHA256 of the body.
 */
export function verifySignature(secret: string, body: Uint8Array | number[], header: string): boolean;

/**
 * A scheme with its secrets.
 */
export function webhookOf(scheme: NativeScheme, secrets: string[], tolerance_seconds?: number | null): NativeWebhook;
