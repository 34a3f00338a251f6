/**
 * How a sender signs, for senders that are not built in: the grammar of the built-in schemes, which are rows of it.
 *
 * `{config:NAME}`, in any text, stands for a setting.
 */
export interface SchemeDefinition {
  /** The JSON Schema of schemes, for editors. */
  $schema?: string;
  /** The name that stands for the scheme: letters, digits and `_ - .`. */
  id: string;
  /** The name for people. */
  name?: string;
  /**
   * HMAC; a bare hash of content that holds `{secret}`; a token, where the secret itself is sent; a key pair; a JSON
   * Web Token; or key-pair algorithms of which the request names one.
   * @default "hmac-sha256"
   */
  algorithm?: Algorithm | { from: Selector; map: Record<string, KeyPairAlgorithm> };
  /** Settings, which users give as `config`. */
  config?: Record<string, { description: string; default?: string; example?: string; required?: boolean }>;
  /** How the text of a secret becomes key bytes; public keys say themselves what they are. */
  key?: KeyRule;
  /** Where the sender publishes its key. */
  key_source?: {
    /** A URL; or where the request names it, and then it has one of `hosts`: `"sns.*.amazonaws.com"`. */
    url?: string;
    hosts?: string[];
    key_id?: Selector | "signature";
    format: "jwks" | "pem" | "text" | "x509";
  };
  /** Other names under which a header may come. */
  header_aliases?: Record<string, string[]>;
  signature: SignatureRule;
  /** The member of the body that holds a signature of the rest of it. */
  body_signature?: { member: string };
  /**
   * What is signed: `"{timestamp}.{body}"`. Takes `{body}`, `{body_crc32}`, `{body_sha256:hex|base64|raw}`, `{method}`,
   * `{secret}`, `{secret|reverse}`, `{sorted_form}`, `{sorted_query}`, `{timestamp}`, `{url}`, `{url_without_query}`,
   * `{SELECTOR}`, `{SELECTOR|lower}`, `{SELECTOR?}` (empty where it is absent), `{field:KEY}` (of the signature's value)
   * and `{canonical:NAME}`. What stands in `[[…]]` is left out when a value in it is absent.
   */
  signed_content?: string;
  /**
   * How much of the body the signature protects.
   * @default "full"
   */
  body_coverage?: "full" | "none" | "partial";
  /**
   * What every body is: `json` for an object or an array.
   * @default "any"
   */
  body_type?: "any" | "json";
  /** Where the SHA-256 of the body stands, which is signed. */
  body_digest?: { from: Selector; encoding: Encoding };
  /** Senders that sign the URL in another spelling. */
  url_form?: "hubspot_v3" | "twilio";
  /**
   * Places that must have exactly this value: the version of the scheme, an account of yours. One whose value is a
   * `{config:NAME}` that is not given falls away.
   */
  require?: Record<string, string>;
  /** Where the timestamp is. */
  timestamp?: {
    from: Selector | "signature";
    unit: "http-date" | "iso8601" | "ms" | "s";
    /** @default 300 */
    tolerance_seconds?: number;
    /** Whether the sender may leave it out: its part of the content is in `[[…]]` then. */
    optional?: boolean;
  };
  /** What a token must say. */
  jwt?: JwtRule;
  /** Where the id of an event is. */
  event_id?: Selector;
  /** Where the type of an event is. */
  event_type?: Selector;
  /** A header that repeats the type: written, never read, because it is not signed. */
  event_type_header?: string;
  /** How to answer a sender that makes sure that you want its webhooks. The first rule that fits counts. */
  handshake?: HandshakeRule | HandshakeRule[];
  /** Where these facts come from. */
  source?: string;
  confidence?: "high" | "low" | "medium";
  /** What a user should know. */
  notes?: string;
}

/** Where in a request a value is: `"header:x-event-id"`, `"query:t"` or `"json:/data/id"` (RFC 6901). */
export type Selector =
  | `header:${string}`
  | `query:${string}`
  | `form:${string}`
  | `json:/${string}`
  | `form_json:${string}:/${string}`
  | `item:/${string}`
  | `claim:/${string}`
  | "body";

export type Algorithm =
  | "hmac-md5"
  | "hmac-sha1"
  | "hmac-sha256"
  | "hmac-sha384"
  | "hmac-sha512"
  | "md5"
  | "sha1"
  | "sha256"
  | "sha512"
  | "token"
  | "jwt"
  | KeyPairAlgorithm;

export type KeyPairAlgorithm =
  "ecdsa-p256-sha1" | "ecdsa-p256-sha256" | "ecdsa-p521-sha512" | "ed25519" | "rsa-sha1" | "rsa-sha256" | "rsa-sha512";

/** How bytes are written; `utf8` is for tokens. */
export type Encoding = "base64" | "base64url" | "hex" | "utf8";

/** How the text of a secret becomes key bytes. */
export interface KeyRule {
  /** @default "utf8" */
  encoding?: "base64" | "hex" | "utf8";
  /** Prefixes that are not part of the encoded key. */
  strip_prefix?: string[];
  /** A prefix with one `*`, which stands for letters, digits and `_`. */
  strip_pattern?: string;
  /** The Unicode form that the sender puts the secret in. */
  normalize?: "nfkd";
  /** What the sender appends to the secret. */
  suffix?: string;
  /** The key is this hash of the secret. */
  derive?: "sha1" | "sha256";
  min_bytes?: number;
  max_bytes?: number;
}

/** Where the signature is and how it is written. */
export interface SignatureRule {
  /** A place, a list of headers, or numbered ones: `"header:x-signature-{1..100}"`. */
  from: Selector | Selector[];
  encoding: Encoding;
  /** @default { mode: "plain" } */
  format?: SignatureFormat;
  /**
   * How the two numbers of an ECDSA signature are put together.
   * @default "der"
   */
  form?: "der" | "fixed";
  /** The items of the body that are signed each for themselves: `"/items/*"`. */
  each?: string;
  /** What an older version of the scheme signs, where no signature of the newer one is there. */
  fallback?: { format: SignatureFormat; signed_content: string };
}

/** How the value that holds the signature is written. */
export type SignatureFormat =
  | { mode: "base64_json"; signature: string; key_id?: string }
  | { mode: "cavage" }
  | { mode: "detached_jws"; alg: string; timestamp?: string }
  | {
      mode: "kv";
      item_sep: string;
      kv_sep: string;
      sig_keys: string[];
      ts_key?: string;
      fields?: string[];
      group_sep?: string;
    }
  | { mode: "list"; sep: string; prefix?: string; prefix_once?: boolean; ignore_prefix?: string }
  | { mode: "plain"; prefix?: string; prefix_optional?: boolean }
  | { mode: "positional"; sep: string; items: string[] }
  | { mode: "tagged_list"; item_sep: string; tag_sep: string; tags: string[] };

/** What a JSON Web Token must say. */
export interface JwtRule {
  /** The algorithms that are taken: `"HS256"`, `"RS256"`, `"ES256"`, `"EdDSA"`, … */
  algorithms: string[];
  issuer?: string;
  /** `{url}` stands for the URL of the request, here and in `subject`. */
  audience?: string;
  subject?: string;
  /** Claims that must be there. */
  require?: string[];
  /** The claim that holds a SHA-256 of the body, and of the URL. */
  body_hash?: HashClaim;
  url_hash?: HashClaim;
  /** Whether the claim `qsh` holds Atlassian's hash of method, path and query. */
  qsh?: boolean;
  max_age_seconds?: number;
  /** @default 60 */
  leeway_seconds?: number;
}

export interface HashClaim {
  claim: string;
  encoding: Encoding;
  absent_when_empty?: boolean;
}

/** One kind of handshake: which request it is, who may ask, and the answer. */
export interface HandshakeRule {
  /** @default "POST" */
  method?: string;
  /** What has to stand where: a text, or so many of these characters. */
  match?: Record<string, string | { chars?: string; min?: number; max?: number }>;
  /** Places where nothing stands. */
  absent?: Selector[];
  /** The one member of the JSON body. */
  only_key?: string;
  /** Whether the signature has to verify. */
  verify_first?: boolean;
  /** Places whose value has to be a setting. */
  compare?: Record<string, string>;
  /** The answer where it is not. */
  mismatch_status?: number;
  /** Values for the answer. */
  values?: Record<string, { hmac?: string; sha256?: string; encoding: Encoding }>;
  /** `{SELECTOR}` stands for a value that was matched, `{NAME}` for one of `values`. */
  respond: { status: number; headers?: Record<string, string>; body?: string; json?: Record<string, number | string> };
  /** Where the secret is that the sender hands over. */
  secret?: Selector;
  /** A URL to call, on these hosts. */
  fetch?: { url: Selector; hosts: string[] };
  notes?: string;
}
