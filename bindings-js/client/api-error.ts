/** What a call fails with. */

/** A `code` that is not the server's: there was no answer, or none of the server's making. */
export type ClientErrorCode = "connection_failed" | "timeout" | "unexpected_answer";

/** What the server says of an error: its body, or what the client says in its place. */
export interface ApiErrorDetails {
  code: string;
  message: string;
  hint?: string | null | undefined;
  field?: string | null | undefined;
  status?: number | undefined;
  requestId?: string | undefined;
  cause?: unknown;
}

/**
 * A call that failed: refused by the server, or without an answer of it. It holds no API key, secret or body.
 *
 * Branch on `code`: one of the server's, or `connection_failed`, `timeout` (no answer in time) or `unexpected_answer` (an
 * answer that is not the server's, such as a proxy's page).
 */
export class HooksealApiError extends Error {
  override readonly name = "HooksealApiError";
  /** The stable code. */
  readonly code: string;
  /** The HTTP status; `undefined` where there was no answer. */
  readonly status: number | undefined;
  /** What to do about it. */
  readonly hint: string;
  /** Where in the request, with `/` between members: `settings/rate_limit`. */
  readonly field: string | undefined;
  /** What the answer has in `X-Request-Id`, for who looks into logs. */
  readonly requestId: string | undefined;

  constructor({ code, message, hint, field, status, requestId, cause }: ApiErrorDetails) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.status = status;
    this.hint = hint ?? "";
    this.field = field ?? undefined;
    this.requestId = requestId;
  }
}

/** The error in an answer that is not a success. */
export function errorOf(response: Response, body: string): HooksealApiError {
  const { status } = response;
  const requestId = response.headers.get("x-request-id") ?? undefined;
  const told = detailsOf(body);
  if (told) return new HooksealApiError({ ...told, status, requestId });
  return unexpected(response, `the answer is ${status || "a redirection"}, without an error of the server in it`);
}

/** An answer that the server does not give. */
export function unexpected(response: Response, message: string, cause?: unknown): HooksealApiError {
  const redirected = response.type === "opaqueredirect" || (response.status >= 300 && response.status < 400);
  return new HooksealApiError({
    code: "unexpected_answer",
    message,
    hint: redirected
      ? "give the address that it redirects to as `baseUrl`: the API key is not sent to another one"
      : "check that `baseUrl` is that of the server, and what the proxies before it do",
    status: response.status || undefined,
    requestId: response.headers.get("x-request-id") ?? undefined,
    cause,
  });
}

function detailsOf(body: string): ApiErrorDetails | undefined {
  const error = (parsed(body) as { error?: Partial<ApiErrorDetails> | null } | null | undefined)?.error;
  if (typeof error?.code !== "string" || typeof error.message !== "string") return undefined;
  const { code, message, hint, field } = error;
  return { code, message, hint: textOf(hint), field: textOf(field) };
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
