import { native } from "./native.js";

/** A stable name for each way to fail. Branch on it, never on the message. */
export type ErrorCode =
  | "body_not_raw"
  | "body_too_large"
  | "claim_mismatch"
  | "digest_mismatch"
  | "header_too_long"
  | "in_progress"
  | "invalid_argument"
  | "invalid_config"
  | "invalid_event"
  | "invalid_event_type"
  | "invalid_message"
  | "invalid_payload"
  | "invalid_retry_policy"
  | "invalid_scheme"
  | "invalid_secret"
  | "key_unavailable"
  | "malformed_body"
  | "malformed_header"
  | "malformed_timestamp"
  | "malformed_url"
  | "missing_config"
  | "missing_header"
  | "missing_url"
  | "missing_value"
  | "no_match"
  | "timestamp_too_new"
  | "timestamp_too_old"
  | "too_many_signatures"
  | "unknown_profile"
  | "unknown_scheme"
  | "unsupported_signature"
  | "untrusted_key_url";

/** One row of the table of errors. */
export interface ErrorCodeInfo {
  code: ErrorCode;
  /** The HTTP status a receiver answers with: 4xx for what the sender can mend, 5xx for its own fault. */
  httpStatus: number;
  /** What the code means. */
  meaning: string;
  /** What to do next. */
  hint: string;
}

/** Every code with its HTTP status, meaning and hint. */
export function errorCodes(): ErrorCodeInfo[] {
  return native.errorCodes() as ErrorCodeInfo[];
}

let table: ErrorCodeInfo[] | undefined;

/** What the table says of a code. */
export function row(code: unknown): ErrorCodeInfo | undefined {
  table ??= errorCodes();
  return table.find((row) => row?.code === code);
}

/** What tells our errors apart from others, in every copy of this module. */
const BRAND = Symbol.for("hookseal.WebhookError");

/** The only error that this package throws: a stable `code`, a message for people and a hint that says what to do. */
export class WebhookError extends Error {
  override readonly name = "WebhookError";
  /** The stable code. */
  readonly code: ErrorCode;
  /** What to do about it. */
  readonly hint: string;
  /** The HTTP status to answer the sender with. */
  readonly status: number;

  /** @param hint where there is more to say than the table does */
  constructor(code: ErrorCode, message: string, hint?: string) {
    super(message);
    const info = row(code);
    this.code = code;
    this.hint = hint ?? info?.hint ?? "";
    this.status = info?.httpStatus ?? 500;
  }

  /** @internal */
  get [BRAND](): true {
    return true;
  }

  /** Also holds for the errors of another copy: required and imported, of `hookseal` and of `@hookseal/edge`. */
  static override [Symbol.hasInstance](value: unknown): value is WebhookError {
    // A class that is derived from this one is asked as any other is.
    if (!Object.hasOwn(this, Symbol.hasInstance)) {
      return Function.prototype[Symbol.hasInstance].call(this, value) as boolean;
    }
    try {
      return (value as { [BRAND]?: unknown } | null | undefined)?.[BRAND] === true;
    } catch {
      return false; // A proxy may throw whatever is asked of it.
    }
  }
}

/** What the core threw, as our error. Anything else is a bug, and passes unchanged. */
export function fromNative(thrown: unknown): unknown {
  const { code, message } = thrown as { code?: unknown; message: string };
  return row(code) ? new WebhookError(code as ErrorCode, message) : thrown;
}
