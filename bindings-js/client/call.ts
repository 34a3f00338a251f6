/** A call as a value: what is sent, and what may be done when nothing comes back. */
import { invalid } from "./options.js";

/** What stands behind the `?`. A list is written with commas, a moment in RFC 3339. */
export type Query = object;

export interface Call {
  readonly method: "DELETE" | "GET" | "PATCH" | "POST";
  /** Made by {@link path}. */
  readonly path: string;
  readonly query?: Query | undefined;
  /** Sent as JSON; `undefined` sends none. */
  readonly body?: unknown;
  /**
   * Whether it does no more when it is sent twice: because the server reads its `Idempotency-Key`, or by what it asks for.
   * Others are sent again only where it is sure that nothing was done. Default: what is no `POST`.
   */
  readonly repeatable?: boolean;
}

/** The path of a template, with its values as one segment each. */
export function path(parts: TemplateStringsArray, ...values: unknown[]): string {
  return parts.slice(1).reduce((before, part, at) => before + segmentOf(values[at]) + part, parts[0] as string);
}

function segmentOf(value: unknown): string {
  if (typeof value !== "string") throw invalid(`an id takes a string, got a value of type \`${typeof value}\``);
  // A URL has no way to say these as a name.
  if (value === "" || value === "." || value === "..") throw invalid(`an id cannot be \`${value}\``);
  return encodeURIComponent(value);
}

/** The query with its `?`, or nothing. */
export function queryOf(query: Query | undefined): string {
  const members = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {}) as [string, unknown][]) {
    if (value === undefined || value === null) continue;
    members.set(name, value instanceof Date ? value.toISOString() : `${value as string}`);
  }
  const text = members.toString();
  return text && `?${text}`;
}
