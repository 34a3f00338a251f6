import { native } from "./native.js";

/** The id of a built-in scheme. */
export type SchemeName = "standard_webhooks" | "naive" | "ainative" | "yativo" | "yativo-v2" | "nativemsg" | "luma";

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
  /** @default "hmac-sha256" */
  algorithm?: "hmac-sha256";
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
    encoding: "base64" | "hex";
    /** @default { mode: "plain" } */
    format?: SignatureFormat;
  };
  /** The member of the body that holds a signature of the rest of it. */
  body_signature?: { member: string };
  /** What is signed, of `{body}`, `{timestamp}` and `{header:NAME}`: `"{timestamp}.{body}"`. */
  signed_content: string;
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
