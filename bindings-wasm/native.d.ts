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
 * A scheme with its keys.
 */
export class NativeWebhook {
    private constructor();
    free(): void;
    [Symbol.dispose](): void;
}

/**
 * Every code, in alphabetical order.
 */
export function errorCodes(): { code: string; httpStatus: number; meaning: string; hint: string }[];

/**
 * The headers that verifying reads, in lower case.
 */
export function headerNames(webhook: NativeWebhook): string[];

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
 * Every attempt there can be, with its bounds.
 */
export function scheduleRows(policy: NativePolicy): { attempt: number; minDelayMs: number; maxDelayMs: number; minElapsedMs: number; maxElapsedMs: number }[];

/**
 * The schedule as a table for people.
 */
export function scheduleTable(policy: NativePolicy): string;

/**
 * The id of the scheme in use.
 */
export function schemeId(webhook: NativeWebhook): string;

/**
 * The ids of the built-in schemes.
 */
export function schemes(): string[];

/**
 * The headers to send with a body: name, value, name, value, …
 */
export function sign(webhook: NativeWebhook, body: Uint8Array | number[], id: string | null | undefined, event_type: string | null | undefined, now_ms: number): string[];

/**
 * The body with its signature inside, where the scheme puts one there.
 */
export function signBody(webhook: NativeWebhook, body: Uint8Array | number[]): Uint8Array;

/**
 * Verifies a request; `headers` is name, value, name, value, …
 */
export function verify(webhook: NativeWebhook, body: Uint8Array | number[], headers: string[], now_ms: number): { id?: string; eventType?: string; timestampMs?: number; keyIndex: number };

/**
 * Whether `header` is the lower-case hex HMAC-SHA256 of the body.
 */
export function verifySignature(secret: string, body: Uint8Array | number[], header: string): boolean;

/**
 * A webhook of a built-in scheme.
 */
export function webhookOfBuiltin(id: string, secrets: string[], tolerance_seconds?: number | null): NativeWebhook;

/**
 * A webhook of a scheme written in JSON.
 */
export function webhookOfJson(scheme: string, secrets: string[], tolerance_seconds?: number | null): NativeWebhook;
