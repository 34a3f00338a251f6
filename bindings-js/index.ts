export type { Moment } from "./argument.js";
export type { Body } from "./body.js";
export { type ErrorCode, type ErrorCodeInfo, errorCodes, WebhookError } from "./error.js";
export { type Cause, explain, type Explanation, type ExplainOptions, type Finding } from "./explain.js";
export { handshake, type HandshakeResponse } from "./handshake.js";
export type { HeadersLike } from "./headers.js";
export {
  type Claim,
  type ClaimState,
  Idempotency,
  idempotencyKey,
  type IdempotencyOptions,
  type IdempotencyStore,
} from "./idempotency/idempotency.js";
export { MemoryStore } from "./idempotency/memory-store.js";
export { type RedisClient, RedisStore } from "./idempotency/redis-store.js";
export { type D1Client, type PostgresClient, type PostgresJsClient, type SqliteClient, SqlStore } from "./idempotency/sql-store.js";
export { generateKeyPair, type KeyPair } from "./key-pair.js";
export { type KeyRequest, keyRequest } from "./key-request.js";
export type * from "./payload.js";
export { PublishedKeys, type PublishedKeysOptions } from "./published-keys.js";
export type { ClockOptions, RequestOptions, VerifyOptions } from "./request.js";
export {
  type Attempt,
  type GiveUpReason,
  type PresetName,
  type ProfileName,
  type RetryDecision,
  RetryPolicy,
  type RetryPolicyDefinition,
  type ScheduleRow,
} from "./retry.js";
export {
  type Config,
  type ConfigOptions,
  type OutOfFile,
  type SchemeFile,
  type SchemeInfo,
  schemeDefinition,
  type SchemeLike,
  schemes,
} from "./scheme.js";
export type {
  Algorithm,
  Encoding,
  HandshakeRule,
  HashClaim,
  JwtRule,
  KeyPairAlgorithm,
  KeyRule,
  SchemeDefinition,
  Selector,
  SignatureFormat,
  SignatureRule,
} from "./scheme-definition.js";
export type { SchemeName } from "./scheme-name.js";
export { Verified, type VerifiedJson } from "./verified.js";
export { type Message, type VerifyResult, verifyWebhookSignature, Webhook, type WebhookOptions } from "./webhook.js";
