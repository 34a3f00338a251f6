import { native } from "./native.js";
import type { SchemeName } from "./scheme-name.js";

export type { SchemeName };

/** The ids of the built-in schemes. */
export function schemes(): SchemeName[] {
  return native.schemes() as SchemeName[];
}

/** Where in a request a value is: `"header:x-event-id"` or `"json:/data/id"` (RFC 6901). */
export type Selector = `header:${string}` | `json:/${string}`;

/** How a sender signs, for senders that are not built in. */
export interface SchemeDefinition {
  /** The name that stands for the scheme: letters, digits and `_ - .`. */
  id: string;
  /** The name for people. */
  name?: string;
  /**
   * HMAC; a bare hash of content that holds `{secret}`; or a token, where the secret itself is sent.
   * @default "hmac-sha256"
   */
  algorithm?: "hmac-md5" | "hmac-sha1" | "hmac-sha256" | "hmac-sha512" | "sha1" | "sha256" | "token";
  /** How the text of a secret becomes key bytes. */
  key?: {
    /** @default "utf8" */
    encoding?: "base64" | "hex" | "utf8";
    /** Prefixes that are not part of the encoded key. */
    strip_prefix?: string[];
    min_bytes?: number;
    max_bytes?: number;
  };
  /** Other names under which a header may come. */
  header_aliases?: Record<string, string[]>;
  /** Where the signature is and how it is written. */
  signature: {
    header: string;
    /** `utf8` is for tokens. */
    encoding: "base64" | "base64url" | "hex" | "utf8";
    /** @default { mode: "plain" } */
    format?: SignatureFormat;
  };
  /** The member of the body that holds a signature of the rest of it. */
  body_signature?: { member: string };
  /**
   * What is signed, of `{body}`, `{timestamp}`, `{header:NAME}` and `{secret}`: `"{timestamp}.{body}"`. What stands in
   * `[[…]]` is left out when a header in it is absent.
   */
  signed_content?: string;
  /**
   * `none` says that the signature does not protect the body.
   * @default "full"
   */
  body_coverage?: "full" | "none";
  /** Headers that must have exactly this value. */
  require_headers?: Record<string, string>;
  /** Where the timestamp is. */
  timestamp?: {
    from: `header:${string}` | "signature";
    unit: "http-date" | "iso8601" | "ms" | "s";
    /** @default 300 */
    tolerance_seconds?: number;
  };
  /** Where the id of an event is. */
  event_id?: Selector;
  /** Where the type of an event is. */
  event_type?: Selector;
  /** A header that repeats the type: written, never read, because it is not signed. */
  event_type_header?: string;
  /** Where these facts come from. */
  source?: string;
  /** What a user should know. */
  notes?: string;
}

/** How a signature header is written. */
export type SignatureFormat =
  | { mode: "plain"; prefix?: string; prefix_optional?: boolean }
  | { mode: "list"; sep: string; prefix?: string }
  | { mode: "kv"; item_sep: string; kv_sep: string; sig_keys: string[]; ts_key?: string }
  | { mode: "tagged_list"; item_sep: string; tag_sep: string; tags: string[] };
