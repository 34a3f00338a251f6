import {
  type Moment,
  invalidArgument,
  isWellFormed,
  millisOf,
  optionalString,
  optionsOf,
  reading,
} from "./argument.js";
import { WebhookError } from "./error.js";

/** What a request is besides headers and body: also a Fetch `Request`, where its URL is the one that you registered. */
export interface RequestOptions {
  /** In capitals. @default "POST" */
  method?: string | undefined;
  /**
   * The whole URL as it is registered with the sender, `"https://example.com/hooks?a=1"`: behind a proxy, not the one
   * that the server sees. Needed where the sender signs it or writes into its query.
   */
  url?: string | undefined;
}

export interface ClockOptions {
  /** The present, for tests and for requests that waited in a queue. Default: the clock. */
  now?: Moment | undefined;
}

export interface VerifyOptions extends RequestOptions, ClockOptions {}

/** What `options` say of the request, and the present. */
export function verifyOptionsOf(options: VerifyOptions | undefined) {
  if (options === undefined) return { method: undefined, url: undefined, now: Date.now() };
  return reading("options", () => {
    const { method, url, now, tolerance } = optionsOf<VerifyOptions & { tolerance?: never }>("options", options);
    if (tolerance !== undefined) throw invalidArgument("pass `tolerance` to `new Webhook`");
    return { ...requestOf(method, url), now: millisOf("now", now) };
  });
}

export function requestOf(method: unknown, url: unknown) {
  return { method: methodOf(optionalString("method", method)), url: urlOf(optionalString("url", url)) };
}

export function nowOf(options: ClockOptions | undefined): number {
  return options === undefined ? Date.now() : reading("now", () => millisOf("now", optionsOf("options", options).now));
}

function methodOf(method: string | undefined): string | undefined {
  if (method === undefined || isWellFormed(method)) return method;
  throw invalidArgument("`method` holds a lone surrogate, which is no text");
}

function urlOf(url: string | undefined): string | undefined {
  if (url === undefined || isWellFormed(url)) return url;
  throw new WebhookError("malformed_url", "`url` holds a lone surrogate, which is no text");
}
