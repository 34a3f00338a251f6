export type { Moment } from "./argument.js";
export type { Body } from "./body.js";
export { type ErrorCode, type ErrorCodeInfo, errorCodes, WebhookError } from "./error.js";
export type { HeadersLike } from "./headers.js";
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
export { type SchemeDefinition, type SchemeName, schemes, type Selector, type SignatureFormat } from "./scheme.js";
export type { Verified } from "./verified.js";
export { type ClockOptions, type Message, verifyWebhookSignature, Webhook, type WebhookOptions } from "./webhook.js";
