import { optionsOf, reading } from "./argument.js";
import { type Body, bytesOf } from "./body.js";
import { type ErrorCode, fromNative, WebhookError } from "./error.js";
import { type HeadersLike, headersOf } from "./headers.js";
import { native } from "./native.js";
import { type VerifyOptions, verifyOptionsOf } from "./request.js";
import { configOf, loadScheme, type OutOfFile, type SchemeFile, type SchemeLike } from "./scheme.js";
import { secretsOf } from "./secret.js";
import { toleranceOf, type WebhookOptions } from "./webhook.js";

/** What is to be said of a request. It is for you, not for whoever sent the request. */
export interface Explanation {
  /** Whether the request verifies as it is. */
  verified: boolean;
  /** Why it does not: what `new Webhook` or `verify` throws. */
  error: WebhookError | null;
  /** The mistakes that fit, the certain ones first; of a request that verifies, advice. */
  findings: Finding[];
}

/** One mistake that fits. */
export interface Finding {
  /** Its name. */
  cause: Cause;
  /** Whether it is proven: the request verifies once this is put right, or cannot before it is. Otherwise likely. */
  certain: boolean;
  /** What was found. */
  message: string;
  /** What to do about it. */
  hint: string;
}

/** A stable name for each mistake. Names never change; new ones may be added. */
export type Cause =
  | "body_base64"
  | "body_charset"
  | "body_compressed"
  | "body_decoded"
  | "body_double_encoded"
  | "body_empty"
  | "body_not_covered"
  | "body_reserialized"
  | "body_truncated"
  | "body_wrapped"
  | "bom_added"
  | "bom_removed"
  | "clock_off"
  | "config_value"
  | "handshake_request"
  | "header_missing"
  | "header_renamed"
  | "header_repeated"
  | "key_kind"
  | "line_endings"
  | "newline_added"
  | "newline_removed"
  | "no_replay_protection"
  | "old_secret"
  | "other_scheme"
  | "replay"
  | "secret_encoding"
  | "secret_padded"
  | "secret_prefix"
  | "signature_altered"
  | "signature_encoding"
  | "signature_truncated"
  | "timestamp_unit"
  | "wrong_algorithm"
  | "wrong_method"
  | "wrong_secret"
  | "wrong_url";

/** The options of `new Webhook` and those of `verify`. */
export interface ExplainOptions extends WebhookOptions, VerifyOptions {}

/**
 * Why a request does not verify: tries the usual mistakes. It takes up to a second where much is to be tried: for whoever
 * looks for a mistake, not for every request that is refused. It never shows a secret, a right signature or the body.
 *
 * @param secret as you have it, also one that `new Webhook` refuses
 * @param headers all headers of the request: one may have come under another name
 * @throws {WebhookError} for the scheme, as `new Webhook`; `body_not_raw`, `invalid_argument`
 */
export function explain<Scheme extends SchemeLike | SchemeFile>(
  scheme: Scheme & OutOfFile<Scheme>,
  secret: string | readonly string[],
  body: Body,
  headers: HeadersLike,
  options?: ExplainOptions,
): Explanation {
  const secrets = reading("secret", () => secretsOf(secret));
  const [config, tolerance, request] = reading("options", () => {
    const { config, tolerance, method, url, now } = optionsOf("options", options);
    return [configOf(config), toleranceOf(tolerance), { method, url, now }];
  });
  const { handle } = loadScheme(scheme, config);
  const pairs = headersOf(undefined, headers);
  const { method, url, now } = verifyOptionsOf(request);
  const bytes = bytesOf(body);
  try {
    const { verified, code, message, findings } = native.explain(
      handle,
      secrets,
      bytes,
      pairs,
      now,
      tolerance,
      method,
      url,
    );
    return {
      verified,
      error: code ? new WebhookError(code as ErrorCode, message ?? "") : null,
      findings: findings.map(({ cause, certain, message, hint }) => ({
        cause: cause as Cause,
        certain,
        message,
        hint,
      })),
    };
  } catch (thrown) {
    throw fromNative(thrown);
  }
}
