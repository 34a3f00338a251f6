/** What is sent back instead of calling a handler. */
import { type HandshakeResponse, WebhookError } from "../index.js";

export interface Answer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}

/** The error as JSON: its code, message and hint hold neither secret nor body. */
export function refusal({ code, message, hint, status }: WebhookError): Answer {
  const headers = { "content-type": "application/json" };
  return { status, headers, body: JSON.stringify({ error: { code, message, hint } }) };
}

export function ofHandshake({ status, headers, body }: HandshakeResponse): Answer {
  return { status, headers, body };
}

export const DUPLICATE: Answer = { status: 200, headers: { "hookseal-duplicate": "true" }, body: null };

/** Somebody handles the event: the sender may ask again once that must have ended. */
export function inProgress(leaseSeconds: number): Answer {
  const { status, headers, body } = refusal(new WebhookError("in_progress", "this event is being handled"));
  return { status, headers: { ...headers, "retry-after": `${Math.ceil(leaseSeconds)}` }, body };
}

export function responseOf({ status, headers, body }: Answer): Response {
  return new Response(body, { status, headers });
}
