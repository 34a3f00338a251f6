// Written by `npm run build` from the sources in TypeScript.
/** A stable name for each way to fail. Branch on it, never on the message. */
type ErrorCode = "body_not_raw" | "body_too_large" | "claim_mismatch" | "digest_mismatch" | "header_too_long" | "in_progress" | "invalid_argument" | "invalid_config" | "invalid_event" | "invalid_event_type" | "invalid_message" | "invalid_payload" | "invalid_retry_policy" | "invalid_scheme" | "invalid_secret" | "key_unavailable" | "malformed_body" | "malformed_header" | "malformed_timestamp" | "malformed_url" | "missing_config" | "missing_header" | "missing_url" | "missing_value" | "no_match" | "timestamp_too_new" | "timestamp_too_old" | "too_many_signatures" | "unknown_profile" | "unknown_scheme" | "unsupported_signature" | "untrusted_key_url";
/** One row of the table of errors. */
interface ErrorCodeInfo {
  code: ErrorCode;
  /** The HTTP status a receiver answers with: 4xx for what the sender can mend, 5xx for its own fault. */
  httpStatus: number;
  /** What the code means. */
  meaning: string;
  /** What to do next. */
  hint: string;
}
/** Every code with its HTTP status, meaning and hint. */
declare function errorCodes(): ErrorCodeInfo[];
/** The only error that this package throws: a stable `code`, a message for people and a hint that says what to do. */
declare class WebhookError extends Error {
  readonly name = "WebhookError";
  /** The stable code. */
  readonly code: ErrorCode;
  /** What to do about it. */
  readonly hint: string;
  /** The HTTP status to answer the sender with. */
  readonly status: number;
  /** @param hint where there is more to say than the table does */
  constructor(code: ErrorCode, message: string, hint?: string);
  /** Also holds for the errors of another copy: required and imported, of `hookseal` and of `@hookseal/edge`. */
  static [Symbol.hasInstance](value: unknown): value is WebhookError;
}
/** A moment: a `Date` or milliseconds since the epoch. */
type Moment = Date | number;
/**
 * A raw request body, as received: bytes, or text that is taken as UTF-8; at most 256 MiB. A parsed object is refused.
 */
type Body = ArrayBuffer | ArrayBufferView | string;
/**
 * The headers of a request, as frameworks hand them over: Fetch `Headers`, Node's `headers` and `rawHeaders`, a `Map`, or
 * pairs of name and value. Names may have any case.
 */
type HeadersLike = {
  get(name: string): string | null | undefined;
} | Iterable<readonly [name: string, value: string]> | readonly string[] | {
  readonly [name: string]: string | readonly string[] | null | undefined;
};
/** What a request is besides headers and body: also a Fetch `Request`, where its URL is the one that you registered. */
interface RequestOptions {
  /** In capitals. @default "POST" */
  method?: string | undefined;
  /**
   * The whole URL as it is registered with the sender, `"https://example.com/hooks?a=1"`: behind a proxy, not the one
   * that the server sees. Needed where the sender signs it or writes into its query.
   */
  url?: string | undefined;
}
interface ClockOptions {
  /** The present, for tests and for requests that waited in a queue. Default: the clock. */
  now?: Moment | undefined;
}
interface VerifyOptions extends RequestOptions, ClockOptions {}
interface NativeScheduleRow {
  attempt: number;
  minDelayMs: number;
  maxDelayMs: number;
  minElapsedMs: number;
  maxElapsedMs: number;
}
/**
 * How a sender signs, for senders that are not built in: the grammar of the built-in schemes, which are rows of it.
 *
 * `{config:NAME}`, in any text, stands for a setting.
 */
interface SchemeDefinition {
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
  algorithm?: Algorithm | {
    from: Selector;
    map: Record<string, KeyPairAlgorithm>;
  };
  /** Settings, which users give as `config`. */
  config?: Record<string, {
    description: string;
    default?: string;
    example?: string;
    required?: boolean;
  }>;
  /** How the text of a secret becomes key bytes; public keys say themselves what they are. */
  key?: KeyRule;
  /** Where the sender publishes its key. */
  key_source?: {
    /** A URL; or where the request names it, and then it has one of `hosts`: `"sns.*.amazonaws.com"`. */url?: string;
    hosts?: string[];
    key_id?: Selector | "signature";
    format: "jwks" | "pem" | "text" | "x509";
  };
  /** Other names under which a header may come. */
  header_aliases?: Record<string, string[]>;
  signature: SignatureRule;
  /** The member of the body that holds a signature of the rest of it. */
  body_signature?: {
    member: string;
  };
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
  body_digest?: {
    from: Selector;
    encoding: Encoding;
  };
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
    unit: "http-date" | "iso8601" | "ms" | "s"; /** @default 300 */
    tolerance_seconds?: number; /** Whether the sender may leave it out: its part of the content is in `[[…]]` then. */
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
type Selector = `header:${string}` | `query:${string}` | `form:${string}` | `json:/${string}` | `form_json:${string}:/${string}` | `item:/${string}` | `claim:/${string}` | "body";
type Algorithm = "hmac-md5" | "hmac-sha1" | "hmac-sha256" | "hmac-sha384" | "hmac-sha512" | "md5" | "sha1" | "sha256" | "sha512" | "token" | "jwt" | KeyPairAlgorithm;
type KeyPairAlgorithm = "ecdsa-p256-sha1" | "ecdsa-p256-sha256" | "ecdsa-p521-sha512" | "ed25519" | "rsa-sha1" | "rsa-sha256" | "rsa-sha512";
/** How bytes are written; `utf8` is for tokens. */
type Encoding = "base64" | "base64url" | "hex" | "utf8";
/** How the text of a secret becomes key bytes. */
interface KeyRule {
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
interface SignatureRule {
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
  fallback?: {
    format: SignatureFormat;
    signed_content: string;
  };
}
/** How the value that holds the signature is written. */
type SignatureFormat = {
  mode: "base64_json";
  signature: string;
  key_id?: string;
} | {
  mode: "cavage";
} | {
  mode: "detached_jws";
  alg: string;
  timestamp?: string;
} | {
  mode: "kv";
  item_sep: string;
  kv_sep: string;
  sig_keys: string[];
  ts_key?: string;
  fields?: string[];
  group_sep?: string;
} | {
  mode: "list";
  sep: string;
  prefix?: string;
  prefix_once?: boolean;
  ignore_prefix?: string;
} | {
  mode: "plain";
  prefix?: string;
  prefix_optional?: boolean;
} | {
  mode: "positional";
  sep: string;
  items: string[];
} | {
  mode: "tagged_list";
  item_sep: string;
  tag_sep: string;
  tags: string[];
};
/** What a JSON Web Token must say. */
interface JwtRule {
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
interface HashClaim {
  claim: string;
  encoding: Encoding;
  absent_when_empty?: boolean;
}
/** One kind of handshake: which request it is, who may ask, and the answer. */
interface HandshakeRule {
  /** @default "POST" */
  method?: string;
  /** What has to stand where: a text, or so many of these characters. */
  match?: Record<string, string | {
    chars?: string;
    min?: number;
    max?: number;
  }>;
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
  values?: Record<string, {
    hmac?: string;
    sha256?: string;
    encoding: Encoding;
  }>;
  /** `{SELECTOR}` stands for a value that was matched, `{NAME}` for one of `values`. */
  respond: {
    status: number;
    headers?: Record<string, string>;
    body?: string;
    json?: Record<string, number | string>;
  };
  /** Where the secret is that the sender hands over. */
  secret?: Selector;
  /** A URL to call, on these hosts. */
  fetch?: {
    url: Selector;
    hosts: string[];
  };
  notes?: string;
}
/** The id of a built-in scheme. */
type SchemeName = "standard_webhooks" | "naive" | "ainative" | "yativo" | "yativo-v2" | "nativemsg" | "luma" | "svix" | "openai" | "anthropic" | "replicate" | "lithic" | "dodo_payments" | "polar" | "liveblocks" | "clerk" | "resend" | "gitlab_signing_token" | "supabase_auth_hooks" | "render" | "brex" | "incident_io" | "etsy" | "vanta" | "loops" | "stytch" | "gemini" | "increase" | "fathom" | "folk" | "recall_ai" | "composio" | "granola" | "autumn" | "whop" | "quo" | "finch" | "github" | "bitbucket" | "jira" | "shopify" | "woocommerce" | "meta" | "linear" | "notion" | "sentry" | "vercel" | "intercom" | "segment" | "lemon_squeezy" | "gocardless" | "razorpay" | "coinbase_commerce" | "modern_treasury" | "onfido" | "pusher" | "line" | "getstream" | "quickbooks" | "xero" | "dropbox" | "checkout_com" | "dwolla" | "paystack" | "authorize_net" | "mollie" | "asana" | "clickup" | "cal_com" | "typeform" | "tally" | "ashby" | "airtable" | "helpscout" | "webex" | "taiga" | "mautic" | "mailersend" | "mailerlite" | "formstack" | "acuity" | "onfleet" | "jobber" | "jobdiva" | "autotask" | "checkr" | "launchdarkly" | "doppler" | "sendbird" | "npm_hooks" | "heroku" | "dub" | "mongodb_atlas" | "autodesk_aps" | "chargify" | "aftership" | "ably" | "squarespace" | "nylas" | "bolt" | "merge_dev" | "cronofy" | "pagerduty" | "circleci" | "firecrawl" | "vapi" | "planetscale" | "plain" | "cursor" | "email_octopus" | "attentive" | "smartsheet" | "viber" | "patreon" | "surveymonkey" | "btcpay" | "cryptopay" | "ms_teams_outgoing" | "grafana" | "linkedin" | "deel" | "framer" | "sumsub" | "sumsub_sha512" | "bluesnap" | "stripe" | "mux" | "calendly" | "workos" | "elevenlabs" | "paddle" | "tailscale" | "langfuse" | "shippo" | "tiktok" | "affirm" | "buildkite" | "knock" | "sanity" | "retell" | "ghost" | "slack" | "zoom" | "customer_io" | "twitch" | "zendesk" | "front" | "webflow" | "klaviyo" | "cashfree" | "airwallex" | "lob" | "airship" | "method_fi" | "revolut" | "sinch" | "configcat" | "metronome" | "quicknode" | "hubspot_v1" | "adyen_platform" | "sellsy" | "ppro" | "lark" | "gitlab" | "telegram" | "buildkite_token" | "streak" | "currents" | "deepgram" | "supabase_db" | "cashtocode" | "adobe_sign" | "chargebee" | "postmark" | "sparkpost" | "mixpanel_cohort" | "pipedrive" | "x_twitter" | "standard_webhooks_ed25519" | "forgejo" | "hookdeck" | "attio" | "docusign" | "primer" | "infisical" | "fitbit" | "easypost" | "outpost" | "persona" | "inngest" | "hook0" | "recurly" | "openphone_legacy" | "mercadopago" | "box" | "messagebird_legacy" | "square" | "trello" | "twilio" | "twilio_json" | "twilio_sharedkey" | "twilio_sharedkey_json" | "mandrill" | "hubspot_v3" | "hubspot_v2" | "contentful" | "plivo_v3" | "plivo_v2" | "mailgun" | "mailgun_form" | "adyen_standard" | "braintree" | "dropbox_sign" | "noon" | "trustpay" | "novalnet" | "unisender_go" | "phonepe_v1" | "discord" | "telnyx" | "fal_ai" | "keygen" | "sendgrid" | "circle" | "ebay" | "wise" | "highlevel" | "postal" | "dyte" | "paypal" | "aws_sns" | "truelayer" | "messagebird" | "vonage" | "netlify" | "qstash" | "livekit" | "fusionauth" | "plaid" | "monday" | "jira_connect" | "wix" | "kinde" | "constant_contact" | "okta" | "bigcommerce" | "datadog" | "brevo" | "new_relic" | "fillout" | "zapier" | "microsoft_graph" | "figma" | "connectwise";
/** A built-in scheme by its id, or one of your own, also as JSON. Any string is taken, known only at run time, too. */
type SchemeLike = SchemeName | (string & {}) | SchemeDefinition;
/** A scheme out of a `.json` file, of which TypeScript knows every text as `string` only: the core reads it closely. */
interface SchemeFile {
  readonly id: string;
  readonly signature: {
    readonly encoding: Encoding | (string & {});
  };
}
/** What is written in the code is checked as a `SchemeDefinition`: there TypeScript knows the texts. */
type OutOfFile<Scheme> = Scheme extends SchemeFile ? string extends Scheme["signature"]["encoding"] ? Scheme : SchemeDefinition : SchemeLike;
/** A built-in scheme, for people. */
interface SchemeInfo {
  id: SchemeName;
  /** The name for people. */
  name: string;
  /** Where the facts come from: a URL, or a package or repository with its version and file. */
  source: string;
  /** `high`: the sender's own documents or code, or several sources; `medium`: one other source; `low`: not confirmed. */
  confidence: "high" | "low" | "medium";
  /** What a user should know. */
  notes: string | null;
  /** The settings that it takes: name and description. */
  config: Record<string, string>;
}
/** Every built-in scheme. */
declare function schemes(): SchemeInfo[];
/**
 * How a built-in scheme is written: what its signature covers, where its values are; a start for a scheme of your own.
 *
 * @throws {WebhookError} `unknown_scheme`
 */
declare function schemeDefinition(id: SchemeName | (string & {})): SchemeDefinition;
/** Values that only the user of a scheme knows, by name: `{ webhook_id: "8PT597110X687430LKGECATA" }`. */
type Config = Readonly<Record<string, string | undefined>>;
interface ConfigOptions {
  /** The settings of the scheme; `schemes()` says which it takes. */
  config?: Config | undefined;
}
/** What to answer to a handshake: `new Response(answer.body, answer)`. */
interface HandshakeResponse {
  /** The HTTP status. */
  status: number;
  /** Names in lower case; without `content-length`, which the server knows to write. */
  headers: Record<string, string>;
  /** The body; `null` where there is none. */
  body: string | null;
  /**
   * The secret that the sender hands over, to make a `Webhook` with. **Nobody has vouched for it**: keep it only while
   * you wait for it (between asking for a webhook and the answer), and never put it in the place of one that is in use.
   */
  secret?: string;
  /**
   * The URL to call with `GET` so that deliveries begin. It came with a signature that verified, is `https` and has a
   * host of the sender. Call it as it is, and follow no redirects.
   */
  fetch?: string;
}
/**
 * As `Webhook.handshake`, while there is no secret yet: some senders (asana, notion) hand it over in their first
 * request.
 *
 * @throws {WebhookError} also `invalid_secret`, for a handshake that takes a secret to answer
 */
declare function handshake<Scheme extends SchemeLike | SchemeFile>(scheme: Scheme & OutOfFile<Scheme>, body: Body, headers: HeadersLike, options?: RequestOptions & ConfigOptions): HandshakeResponse | null;
/** What is known of the payload of a scheme: `unknown` for all but these. */
type PayloadOf<Scheme> = Scheme extends keyof Payloads ? Payloads[Scheme] : unknown;
/** The payloads of the schemes whose senders publish theirs. */
interface Payloads {
  standard_webhooks: StandardPayload;
  standard_webhooks_ed25519: StandardPayload;
  naive: NaivePayload;
  ainative: AinativePayload;
  yativo: YativoPayload;
  "yativo-v2": YativoPayload;
  nativemsg: NativemsgPayload;
  luma: LumaPayload;
}
/** The body of a Standard Webhooks message. */
type StandardPayload = StandardEnvelope;
/** What every one of them has. */
interface StandardEnvelope {
  /** The particulars. */
  data: Record<string, unknown>;
  /** When it happened: RFC 3339. */
  timestamp: string;
  /** The type of the event: `invoice.paid`. */
  type: string;
}
/** The body of a naive webhook. Types that this version does not know may come, too. */
type NaivePayload = (NaiveEnvelope & {
  event: "approval.resolved";
  data: NaiveApprovalResolved;
}) | (NaiveEnvelope & {
  event: "email.received";
  data: NaiveEmailReceived;
});
/** What every one of them has. */
interface NaiveEnvelope {
  /** The particulars, with `tenant_user_id`. */
  data: Record<string, unknown>;
  /** The type of the event: `email.received`. */
  event: string;
  /** When it happened, in milliseconds since the epoch. */
  ts: number;
}
/** The data of `approval.resolved`. */
interface NaiveApprovalResolved {
  /** How it ended. */
  status: NaiveApprovalStatus;
  /** Whose it is; none when it is the company's. */
  tenant_user_id: string | null;
}
/** How an approval ended. */
type NaiveApprovalStatus = "approved" | "denied" | "failed" | (string & {});
/** The data of `email.received`. */
interface NaiveEmailReceived {
  /** Whose inbox it is; none when it is the company's. */
  tenant_user_id: string | null;
}
/** The body of an ainative (ZeroDB) webhook. Types that this version does not know may come, too. */
type AinativePayload = (AinativeEnvelope & {
  event_type: "agent.task.complete";
  data: AinativeAgentTaskComplete;
}) | (AinativeEnvelope & {
  event_type: "mcp.server.ready";
  data: AinativeMcpServerReady;
}) | (AinativeEnvelope & {
  event_type: "memory.consolidated";
  data: AinativeMemoryConsolidated;
}) | (AinativeEnvelope & {
  event_type: "memory.stored";
  data: AinativeMemoryStored;
}) | (AinativeEnvelope & {
  event_type: "vectors.indexed";
  data: AinativeVectorsIndexed;
});
/** What every one of them has. */
interface AinativeEnvelope {
  /** The particulars. */
  data: Record<string, unknown>;
  /** The type of the event: `memory.stored`. */
  event_type: string;
  /** When it happened: RFC 3339, UTC, seconds. */
  occurred_at: string;
}
/** The data of `agent.task.complete`. */
interface AinativeAgentTaskComplete {
  /** The kinds of agent that took part: `backend`, `qa`. */
  agent_types?: string[] | null;
  /** The user it belongs to, where the event has one. */
  owner_id?: string | null;
  /** How it ended: `completed`. */
  status: string;
  /** The id of the task, by which the API tells more about it. */
  task_id: string;
}
/** The data of `mcp.server.ready`. */
interface AinativeMcpServerReady {
  /** The user it belongs to, where the event has one. */
  owner_id?: string | null;
}
/** The data of `memory.consolidated`. */
interface AinativeMemoryConsolidated {
  /** The user it belongs to, where the event has one. */
  owner_id?: string | null;
}
/** The data of `memory.stored`. */
interface AinativeMemoryStored {
  /** The user it belongs to, where the event has one. */
  owner_id?: string | null;
}
/** The data of `vectors.indexed`. */
interface AinativeVectorsIndexed {
  /** The user it belongs to, where the event has one. */
  owner_id?: string | null;
}
/** The body of a yativo webhook. Types that this version does not know may come, too. */
type YativoPayload = (YativoEnvelope & {
  type: "deposit.confirmed";
}) | (YativoEnvelope & {
  type: "deposit.detected";
}) | (YativoEnvelope & {
  type: "transaction.confirmed";
}) | (YativoEnvelope & {
  type: "transaction.failed";
}) | (YativoEnvelope & {
  type: "transaction.initiated";
}) | (YativoEnvelope & {
  type: "transaction.submitted";
}) | (YativoEnvelope & {
  type: "withdrawal.completed";
});
/** What every one of them has. */
interface YativoEnvelope {
  /** When it happened: RFC 3339, UTC. */
  created_at: string;
  /** The particulars. */
  data: Record<string, unknown>;
  /** The id of the event, the same over attempts and replays: `evt_…`. */
  id: string;
  /** The type of the event: `deposit.confirmed`. */
  type: string;
}
/** The body of a nativeMsg webhook. Types that this version does not know may come, too. */
type NativemsgPayload = (NativemsgEnvelope & {
  event: "message.received";
} & NativemsgMessageReceived) | (NativemsgEnvelope & {
  event: "message.sent";
} & NativemsgMessageSent) | (NativemsgEnvelope & {
  event: "message.status";
} & NativemsgMessageStatus) | (NativemsgEnvelope & {
  event: "user.created";
} & NativemsgUserCreated);
/** What every one of them has. */
interface NativemsgEnvelope {
  /** Which bot it belongs to. */
  bot_id: string | null;
  /** The type of the event: `message.received`. */
  event: string;
  /** `sha256=` and hex, once the body is signed. */
  signature?: string | null;
  /** When it happened: RFC 3339, UTC. */
  timestamp: string;
}
/** The members of `message.received`. */
interface NativemsgMessageReceived {
  /** What was sent. */
  message: NativemsgMessage;
  /** Who sent it. */
  user: NativemsgUser;
}
/** The members of `message.sent`. */
interface NativemsgMessageSent {
  /** What was sent. */
  message?: NativemsgMessage | null;
  /** Whom it was sent to. */
  user?: NativemsgUser | null;
}
/** The members of `message.status`. */
interface NativemsgMessageStatus {
  /** The message whose status changed. */
  message?: NativemsgMessage | null;
  /** Whom the message was sent to. */
  user?: NativemsgUser | null;
}
/** A message. */
interface NativemsgMessage {
  /** The text of a text message. */
  content?: string | null;
  /** What it is: `text`. */
  type: string;
}
/** A person who talks with a bot. */
interface NativemsgUser {
  /** The id of the user. */
  id: string;
  /** The number with `+` and country code, where the channel has one. */
  phone?: string | null;
}
/** The members of `user.created`. */
interface NativemsgUserCreated {
  /** Who was created. */
  user?: NativemsgUser | null;
}
/** The body of a Luma webhook. Types that this version does not know may come, too. */
type LumaPayload = (LumaEnvelope & {
  type: "guest.registered";
  data: LumaGuestRegistered;
});
/** What every one of them has. */
interface LumaEnvelope {
  /** The particulars. */
  data: Record<string, unknown>;
  /** The type of the event: `guest.registered`. */
  type: string;
}
/** The data of `guest.registered`. */
interface LumaGuestRegistered {
  /** Whether the guest may come. */
  approval_status: LumaGuestStatus;
  /** What the guest registered for. */
  event?: LumaGathering | null;
  /** The id of the guest. */
  id: string;
  /** When the guest registered: RFC 3339. */
  registered_at: string | null;
  /** The address of the guest. */
  user_email: string;
  /** The first name. */
  user_first_name: string | null;
  /** The last name. */
  user_last_name: string | null;
  /** The whole name, where the guest gave one. */
  user_name: string | null;
}
/** Whether a guest may come. */
type LumaGuestStatus = "approved" | "declined" | "invited" | "pending_approval" | "session" | "waitlist" | (string & {});
/** What a guest registers for. */
interface LumaGathering {
  /** When it ends: RFC 3339. */
  end_at?: string | null;
  /** Its id: `evt-…`. */
  id: string | null;
  /** Its name. */
  name?: string | null;
  /** When it starts: RFC 3339. */
  start_at?: string | null;
  /** The name of its time zone: `Europe/Berlin`. */
  timezone?: string | null;
}
/** A request whose signature was checked. */
declare class Verified<T = unknown> {
  #private;
  /**
   * The id of the event, where the scheme has one. The same id comes with every attempt: deduplicate on it.
   *
   * Not every sender signs it: naive, ainative, nativemsg and others that send it in a header of its own do not. There
   * it tells retries apart, but does not stop a replay, which may come with another id.
   */
  get id(): string | null;
  /**
   * The type of the event, where the scheme says where it is: `"invoice.paid"`. Where the sender puts it in a header of
   * its own, the signature does not cover it.
   */
  get type(): string | null;
  /** When the sender signed, where the scheme has a timestamp. */
  get timestamp(): Date | null;
  /** Which of the secrets matched, from 0: tells when an old one is no longer in use. */
  get keyIndex(): number;
  /** The raw body, now known to be the sender's. */
  get body(): Uint8Array;
  /**
   * What the sender says, parsed when it is first asked for: the body or, where that is a JSON Web Token, its claims.
   *
   * @throws {WebhookError} `invalid_payload` when it is not JSON.
   */
  get data(): T;
  /** As `data`, parsed anew. */
  json<U = T>(): U;
  /** What `JSON.stringify` writes, and with it the answers of frameworks: `response.json(event)`. */
  toJSON(): VerifiedJson<T>;
}
/** An event as JSON has it. */
interface VerifiedJson<T = unknown> {
  id: string | null;
  type: string | null;
  /** ISO 8601 in JSON. */
  timestamp: Date | null;
  keyIndex: number;
  /** `null` also where the body is not JSON. */
  data: T | null;
}
interface WebhookOptions extends ConfigOptions {
  /** How far a timestamp may be off, in seconds, in both directions. Default: what the scheme says. */
  tolerance?: number | undefined;
}
/** What is to be sent. */
interface Message extends RequestOptions {
  /** The id of the event, the same for each attempt. */
  id?: string | null | undefined;
  /** The type of the event. */
  type?: string | null | undefined;
  /** The raw body, exactly as it will be sent. */
  body: Body;
  /** Other headers that go with it, for schemes that sign them. */
  headers?: HeadersLike | undefined;
}
/** What became of a request: an event, or the reason why it is none. */
type VerifyResult<T = unknown> = {
  readonly ok: true;
  readonly event: Verified<T>;
} | {
  readonly ok: false;
  readonly error: WebhookError;
};
/**
 * A scheme with its secrets, parsed once, to verify and to sign with. Of a scheme whose sender publishes its payloads
 * (`Payloads`), events have the type of these.
 */
declare class Webhook<Scheme extends SchemeLike | SchemeFile = SchemeLike> {
  #private;
  /** The id of the scheme. */
  readonly scheme: string;
  /** Whether verifying looks at the method or the URL of a request: with most senders it does not. */
  readonly readsTarget: boolean;
  /** Whether the sender has handshakes: if not, `handshake` has no answer to any request. */
  readonly hasHandshake: boolean;
  /**
   * @param scheme the name of a built-in scheme, or one of your own
   * @param secret as the sender shows it: a shared secret, a public key (PEM, JWK, JWKS, `whpk_…`) or, to sign, a
   *   private one; several while it is rotated, the newest first
   * @throws {WebhookError} `unknown_scheme`, `invalid_scheme`, `missing_config`, `invalid_config`, `invalid_secret`,
   *   `invalid_argument`
   */
  constructor(scheme: Scheme & SchemeLike, secret: string | readonly string[], options?: WebhookOptions);
  /** With a scheme out of a file: `import acme from "./acme.json"`. */
  constructor(scheme: Scheme & OutOfFile<Scheme>, secret: string | readonly string[], options?: WebhookOptions);
  /**
   * Checks the signature of a request and the age of its timestamp.
   *
   * @param body the raw body as received, before any parser
   * @throws {WebhookError} its `code` says why, its `status` is the answer for the sender
   */
  verify<T = PayloadOf<Scheme>>(body: Body, headers: HeadersLike, options?: VerifyOptions): Verified<T>;
  /**
   * As `verify`, with what that throws as a value: `{ ok: true, event }` or `{ ok: false, error }`.
   */
  verifyResult<T = PayloadOf<Scheme>>(body: Body, headers: HeadersLike, options?: VerifyOptions): VerifyResult<T>;
  /**
   * The answer to a request by which the sender makes sure that you want its webhooks; `null` for a delivery, which is
   * to be verified. Ask this first, for every request: some senders repeat their handshake, and most of these requests
   * are not signed. Where the sender signs it, this verifies it.
   *
   * Takes the request's method and, for handshakes that come as a query, its URL, or the path and query of it.
   *
   * @throws {WebhookError} `missing_config` for a setting that the answer needs; `malformed_body` when a URL to call is
   *   not the sender's; for a handshake that is signed, those of `verify`
   */
  handshake(body: Body, headers: HeadersLike, options?: VerifyOptions): HandshakeResponse | null;
  /**
   * The headers to send with a message, names in lower case: whatever `verify` reads.
   *
   * @throws {WebhookError} `invalid_message` when the message lacks what the scheme signs; `invalid_secret` when a public
   *   key is all that there is
   */
  sign(message: Message, options?: ClockOptions): Record<string, string>;
  /**
   * The body with its signature inside, for schemes that carry one there; others give it back as it is. Where the
   * signature is the value of a member (mailgun), the member must be there, with any string; nativemsg's is added; a
   * body that is a JSON Web Token (wix) is made of its claims. Sign the result with `sign` for the headers.
   *
   * @throws {WebhookError} `invalid_message` when the body does not have the form that the scheme signs, or is signed
   *   already
   */
  signBody(body: Body): Uint8Array;
}
/**
 * Whether `signatureHeader`, the value of `X-Naive-Signature`, is the hex HMAC-SHA256 of the raw body. Never throws on
 * a bad header: whatever is not a valid signature is `false`, and so is a header that came several times.
 *
 * @throws {WebhookError} `body_not_raw` for a parsed body, `invalid_argument` and `invalid_secret` for a secret that is
 *   no text
 */
declare function verifyWebhookSignature(secret: string, rawBody: Body, signatureHeader: string | readonly string[] | null | undefined): boolean;
/** What is to be said of a request. It is for you, not for whoever sent the request. */
interface Explanation {
  /** Whether the request verifies as it is. */
  verified: boolean;
  /** Why it does not: what `new Webhook` or `verify` throws. */
  error: WebhookError | null;
  /** The mistakes that fit, the certain ones first; of a request that verifies, advice. */
  findings: Finding[];
}
/** One mistake that fits. */
interface Finding {
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
type Cause = "body_base64" | "body_charset" | "body_compressed" | "body_decoded" | "body_double_encoded" | "body_empty" | "body_not_covered" | "body_reserialized" | "body_truncated" | "body_wrapped" | "bom_added" | "bom_removed" | "clock_off" | "config_value" | "handshake_request" | "header_missing" | "header_renamed" | "header_repeated" | "key_kind" | "line_endings" | "newline_added" | "newline_removed" | "no_replay_protection" | "old_secret" | "other_scheme" | "replay" | "secret_encoding" | "secret_padded" | "secret_prefix" | "signature_altered" | "signature_encoding" | "signature_truncated" | "timestamp_unit" | "wrong_algorithm" | "wrong_method" | "wrong_secret" | "wrong_url";
/** The options of `new Webhook` and those of `verify`. */
interface ExplainOptions extends WebhookOptions, VerifyOptions {}
/**
 * Why a request does not verify: tries the usual mistakes. It takes up to a second where much is to be tried: for whoever
 * looks for a mistake, not for every request that is refused. It never shows a secret, a right signature or the body.
 *
 * @param secret as you have it, also one that `new Webhook` refuses
 * @param headers all headers of the request: one may have come under another name
 * @throws {WebhookError} for the scheme, as `new Webhook`; `body_not_raw`, `invalid_argument`
 */
declare function explain<Scheme extends SchemeLike | SchemeFile>(scheme: Scheme & OutOfFile<Scheme>, secret: string | readonly string[], body: Body, headers: HeadersLike, options?: ExplainOptions): Explanation;
/**
 * What became of a claim: `claimed`: it is yours, handle the event; `in_progress`: somebody else does; `done`: it has
 * been handled.
 */
type ClaimState = "claimed" | "done" | "in_progress";
/** Where claims are kept. Every method is atomic, also between processes. */
interface IdempotencyStore {
  /** Takes the key for `leaseMs` unless it is taken or done. `token` is unique to this claim. */
  claim(key: string, token: string, leaseMs: number): ClaimState | Promise<ClaimState>;
  /** Marks the key as done for `ttlMs`, whoever holds it. */
  complete(key: string, token: string, ttlMs: number): unknown;
  /** Frees the key, if this token still holds it. */
  release(key: string, token: string): unknown;
}
interface IdempotencyOptions {
  /** How long a key stays done, in seconds: longer than the sender tries again. @default 604800 (7 days) */
  ttlSeconds?: number | undefined;
  /** How long a claim holds, in seconds: longer than an event takes to handle. @default 60 */
  leaseSeconds?: number | undefined;
}
/** One claim. It is settled once: what comes later does nothing. */
interface Claim {
  readonly state: ClaimState;
  /** The event was handled: the key is done. */
  complete(): Promise<void>;
  /** It was not: the next attempt may claim the key. */
  release(): Promise<void>;
}
/** Handles an event once: claims its key, and marks it as done when it was handled. */
declare class Idempotency {
  #private;
  /** How long a key stays done, in seconds. */
  readonly ttlSeconds: number;
  /** How long a claim holds, in seconds. */
  readonly leaseSeconds: number;
  /** @throws {WebhookError} `invalid_argument` */
  constructor(store: IdempotencyStore, options?: IdempotencyOptions);
  /** Claims a key; settle it with `complete` or `release`. */
  claim(key: string): Promise<ClaimState>;
  /** Marks a key as done. */
  complete(key: string): Promise<void>;
  /** Frees a key that this object claimed, so that the next attempt is handled. */
  release(key: string): Promise<void>;
  /** Claims a key with a token of its own, so that a claim whose lease has ended frees none but itself. */
  begin(key: string): Promise<Claim>;
  /**
   * Calls `handler` if the key is free: done once it returns, free again when it throws. Gives the state of the key
   * and, where it was claimed, what the handler returned.
   */
  run<T>(key: string, handler: () => T | Promise<T>): Promise<{
    state: "claimed";
    value: T;
  } | {
    state: "done" | "in_progress";
  }>;
}
/**
 * The key of an event: its id or, where the sender gives none, the hash of its body. Two senders may use the same ids:
 * put the scheme before it.
 *
 * @throws {WebhookError} `body_not_raw`, `invalid_argument`
 */
declare function idempotencyKey(id: string | null | undefined, body: Body): string;
/** Keeps claims in this process, at most `maxKeys`: for one process, and for tests. */
declare class MemoryStore implements IdempotencyStore {
  #private;
  constructor(maxKeys?: number);
  claim(key: string, token: string, leaseMs: number): ClaimState;
  complete(key: string, token: string, ttlMs: number): void;
  release(key: string, token: string): void;
}
/** A client of Redis: of `redis` (node-redis) or of `ioredis`, also of a cluster, or of `@upstash/redis`. */
type RedisClient = {
  eval(script: string, options: {
    keys: string[];
    arguments: string[];
  }): Promise<unknown>;
  EVAL: unknown;
} | {
  eval(script: string, keys: number, ...args: string[]): Promise<unknown>;
  defineCommand: unknown;
} | {
  eval(script: string, keys: string[], args: string[]): Promise<unknown>;
  createScript: unknown;
};
/** Keeps claims in Redis, for as many processes as there are. Each method is one script, which Redis runs as a whole. */
declare class RedisStore implements IdempotencyStore {
  #private;
  /** @param prefix what the names of its keys begin with */
  constructor(client: RedisClient, prefix?: string);
  claim(key: string, token: string, leaseMs: number): Promise<ClaimState>;
  complete(key: string, _token: string, ttlMs: number): Promise<void>;
  release(key: string, token: string): Promise<void>;
}
/** A client or a pool of `pg`, also of what has its methods. */
interface PostgresClient {
  query(text: string, values: (number | string)[]): Promise<{
    rows: unknown[];
  }>;
}
/** The `sql` of `postgres` (postgres.js). */
interface PostgresJsClient {
  (...args: never[]): unknown;
  unsafe(text: string, values: (number | string)[]): PromiseLike<unknown[]>;
}
/** A database of `node:sqlite` (`DatabaseSync`) or of `better-sqlite3`. */
interface SqliteClient {
  prepare(text: string): {
    all(...values: (number | string)[]): unknown[];
    run(...values: (number | string)[]): unknown;
  };
}
/** A database of Cloudflare D1, or a session of it. */
interface D1Client {
  prepare(text: string): {
    bind(...values: (number | string)[]): {
      all(): Promise<{
        results: unknown[];
      }>;
    };
  };
  batch: unknown;
}
/**
 * Keeps claims in the table `hookseal_idempotency` of PostgreSQL, SQLite (3.35 and newer) or Cloudflare D1, for as many
 * processes as there are. Times are milliseconds since the epoch, of the clock of whoever writes them.
 */
declare class SqlStore implements IdempotencyStore {
  #private;
  /** @throws {WebhookError} `invalid_argument` for what is no such client; MySQL has not the statements that this needs */
  constructor(client: PostgresClient | PostgresJsClient | SqliteClient | D1Client);
  /** Makes the table if it is not there. Once, when the application is deployed. */
  createTable(): Promise<void>;
  /** Deletes what has expired. Now and then, so that the table does not grow without end. */
  prune(): Promise<void>;
  claim(key: string, token: string, leaseMs: number): Promise<ClaimState>;
  complete(key: string, token: string, ttlMs: number): Promise<void>;
  release(key: string, token: string): Promise<void>;
}
/** A pair of keys for Standard Webhooks' `v1a` signatures (Ed25519). */
interface KeyPair {
  /** `whsk_…`: what the sender keeps, and signs with. */
  privateKey: string;
  /** `whpk_…`: what receivers verify with. */
  publicKey: string;
}
/** Makes a pair of keys for `standard_webhooks_ed25519`, from the random numbers of the platform. */
declare function generateKeyPair(): KeyPair;
/**
 * A published key that verifying needs: fetch its URL without following redirects, and give the text of the answer to
 * `Webhook` as a secret. Keep it for as long as the answer's `Cache-Control` allows, but at most a day. `PublishedKeys` does.
 */
interface KeyRequest {
  /**
   * Where to fetch it; its host was checked. `null` where the sender gives it out only to its customers: ask its API,
   * with your credentials, for the key of `keyId`.
   */
  url: string | null;
  /** Which of the sender's keys made the signature, where it says so. */
  keyId: string | null;
  /** A JSON Web Key Set; a public key in PEM, or JSON that holds one; a certificate in PEM; the secret itself. */
  format: "jwks" | "pem" | "text" | "x509";
}
/**
 * Which published key a request needs, for senders that have such (paypal, aws_sns, plaid); `null` for the others.
 * Nothing of the request is trusted yet: the URL is one of the sender's hosts, or this throws.
 *
 * @throws {WebhookError} `untrusted_key_url`; those of `Webhook.verify` for what is absent or not well-formed
 */
declare function keyRequest<Scheme extends SchemeLike | SchemeFile>(scheme: Scheme & OutOfFile<Scheme>, body: Body, headers: HeadersLike, options?: RequestOptions & ConfigOptions): KeyRequest | null;
interface PublishedKeysOptions {
  /**
   * Gives the text of a key, where it is not to be fetched from its URL: from the API of a sender that gives keys only to
   * its customers, or with a client of your own. The URL was checked to be one of the sender's: follow no redirects.
   */
  fetch?: ((key: KeyRequest) => Promise<string> | string) | undefined;
}
/**
 * The published keys of senders, fetched when a request needs one: for an adapter, in the place of a secret. A key is kept
 * for an hour, and that one could not be had for a minute. Requests of strangers cause few fetches: one at a time, ten, and
 * then one in six seconds.
 *
 *     app.post("/hooks", webhook("aws_sns", new PublishedKeys(), { config: { topic_arn: "arn:…" } }), handler);
 */
declare class PublishedKeys {
  #private;
  constructor(options?: PublishedKeysOptions);
  /**
   * The key that a request needs (`keyRequest`), as a secret for `Webhook`.
   *
   * @throws {WebhookError} `key_unavailable`, also where strangers ask for too many
   */
  secretOf(wanted: KeyRequest): Promise<string>;
}
/** A system whose rules are built in. */
type ProfileName = "standard_webhooks" | "naive" | "ainative" | "yativo" | "nativemsg";
/** A schedule that has a name: that of a system whose rules are built in, of another sender, or of our own client. */
type PresetName = ProfileName | "svix" | "stripe" | "convoy" | "outpost" | "api_client";
/** A retry policy of your own; delays in seconds. */
interface RetryPolicyDefinition {
  schedule: {
    list: number[];
  } | {
    exponential: {
      initial_seconds: number;
      factor: number;
      max_seconds: number;
      max_attempts: number;
    };
  };
  /** How a delay is spread; `"decorrelated"` goes with an exponential schedule. @default "none" */
  jitter?: "decorrelated" | "equal" | "full" | "none" | {
    plus_minus: number;
  };
  /** Give up when the next attempt would be later than this after the first. */
  max_age_seconds?: number | null;
  /** Give up when `Retry-After` asks for more: an attempt earlier than asked is never made. @default 604800, a week */
  max_retry_after_seconds?: number;
  /** Statuses after which trying again is of no use. */
  final_statuses?: number[];
  /** Statuses with which the receiver says that it wants nothing more. @default [410] */
  disable_statuses?: number[];
}
/** What came of an attempt. */
interface Attempt {
  /** The number of the attempt just made, from 1. */
  attempt: number;
  /** The HTTP status of the answer; absent when there was none. */
  status?: number | null | undefined;
  /** The `Retry-After` header of the answer, or its whole number of seconds. */
  retryAfter?: string | number | null | undefined;
  /** The `webhook-delivery` header of the answer, with which a receiver says `disable` or `abort-message`. */
  delivery?: string | null | undefined;
  /** How many milliseconds were waited before this attempt; only `"decorrelated"` jitter grows from it. */
  previousDelayMs?: number | null | undefined;
  /** When the first attempt was made. Default: now. */
  firstAttemptAt?: Moment | undefined;
  /** When this attempt ended. Default: the clock. */
  now?: Moment | undefined;
  /** A number from 0 to 1 for jitter. Default: `Math.random()`. */
  random?: number | undefined;
}
/** What to do next. */
type RetryDecision = {
  action: "delivered";
} /** Taken, but send nothing more to this endpoint. */ | {
  action: "delivered_and_disable";
} | {
  action: "retry";
  at: Date;
  delayMs: number;
} | {
  action: "give_up";
  reason: GiveUpReason;
} /** Failed for good, and send nothing more to this endpoint. */ | {
  action: "disable";
};
/** Why a delivery failed for good. */
type GiveUpReason = "aborted" | "attempts_exhausted" | "final_status" | "retry_after_too_long" | "too_old";
/** One attempt of a schedule: the least and the longest wait before it, and time since the first, in milliseconds. */
type ScheduleRow = NativeScheduleRow;
/** When a failed delivery is tried again, and when no more. */
declare class RetryPolicy {
  #private;
  /** How many attempts there are in all. */
  readonly maxAttempts: number;
  private constructor();
  /** The names of the presets; the first is the default. */
  static presets(): PresetName[];
  /**
   * A schedule by its name.
   *
   * @throws {WebhookError} `invalid_argument`, with the names that there are
   */
  static preset(name: PresetName): RetryPolicy;
  /**
   * The schedule of a system whose rules are built in, which is the preset of that name.
   *
   * @throws {WebhookError} `unknown_profile`
   */
  static profile(name: ProfileName): RetryPolicy;
  /**
   * A policy of your own.
   *
   * @throws {WebhookError} `invalid_retry_policy`, with the field and what it takes
   */
  static from(definition: RetryPolicyDefinition): RetryPolicy;
  /**
   * What to do after an attempt. Without `now` and `random` it reads the clock and draws a number.
   *
   * @throws {WebhookError} `invalid_argument`, with the argument and what it takes
   */
  next(attempt: Attempt): RetryDecision;
  /** Every attempt there can be if all fail, with its bounds. */
  schedule(): ScheduleRow[];
  /** The schedule as a table for people. */
  table(): string;
  /** The definition, with its defaults filled in. */
  toJSON(): RetryPolicyDefinition;
}
/** Lists that come in pages. */
/** One page. */
interface Page<T> {
  data: T[];
  /** What to send for the page that follows, as `after` or `before`; `null` on the last. */
  next: string | null;
}
/**
 * A list that was asked for: `for await` goes through all of its rows, page by page; `await` gives the first page.
 *
 *     for await (const endpoint of client.endpoints.list()) …
 *     const { data, next } = await client.endpoints.list({ limit: 10 });
 */
declare class List<T> implements PromiseLike<Page<T>>, AsyncIterable<T> {
  #private;
  /** Every row, from the first page on. */
  [Symbol.asyncIterator](): AsyncGenerator<T, void, undefined>;
  /** Page by page. */
  pages(): AsyncGenerator<Page<T>, void, undefined>;
  /** All rows in one array, for lists that are known to be short. */
  all(): Promise<T[]>;
  /** The first page. */
  then<A = Page<T>, B = never>(onFulfilled?: ((page: Page<T>) => A | PromiseLike<A>) | null, onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null): Promise<A | B>;
  /** As that of a promise of the first page. */
  catch<B = never>(onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null): Promise<Page<T> | B>;
  /** As that of a promise of the first page. */
  finally(onFinally?: (() => void) | null): Promise<Page<T>>;
}
/** What `new Hookseal` and `new Naive` take. */
interface ClientOptions {
  /** The API key: `hks_…`. Default: the environment variable `HOOKSEAL_API_KEY`. */
  apiKey?: string | undefined;
  /** Where the server is, with a path where a proxy has it under one. Default: the environment variable `HOOKSEAL_URL`. */
  baseUrl?: string | URL | undefined;
  /** How long one attempt may take, in milliseconds, its answer included. @default 30000 */
  timeoutMs?: number | undefined;
  /** How long a call may take with all its attempts and the waits between them, in milliseconds. @default 120000 */
  deadlineMs?: number | undefined;
  /** How often a call is tried again. @default 4 */
  maxRetries?: number | undefined;
  /** Instead of the platform's `fetch`. */
  fetch?: typeof globalThis.fetch | undefined;
}
/** What every call takes as its last argument. */
interface CallOptions {
  /** Ends the call, also while it waits to try again; it rejects with the signal's reason. */
  signal?: AbortSignal | undefined;
  /** Instead of that of the client. */
  timeoutMs?: number | undefined;
  /** Instead of that of the client. */
  deadlineMs?: number | undefined;
  /** Instead of that of the client. */
  maxRetries?: number | undefined;
  /**
   * What makes repeats of a `POST` one request. Default: a random one for each call, the same for all its attempts. Pass
   * your own where the caller may crash and start again.
   */
  idempotencyKey?: string | undefined;
}
interface components {
  schemas: {
    /** @description What became of each event of a batch, in their order. */AcceptedBatch: {
      /** @description One for each event that was sent. */events: components["schemas"]["BatchItem"][];
    }; /** @description A delivery that will be made. */
    AcceptedDelivery: {
      /** @description The endpoint. */endpoint_id: string; /** @description The delivery. */
      id: string;
    }; /** @description The answer to an event that is on disk. */
    AcceptedEvent: {
      /** @description One for each endpoint that wants it. */deliveries: components["schemas"]["AcceptedDelivery"][]; /** @description The event. */
      id: string;
    }; /** @description An account: what is of one does not exist for another. */
    Account: {
      /**
       * Format: date-time
       * @description When it was made.
       */
      created_at: string; /** @description Its id. */
      id: string; /** @description For people. */
      name: string | null; /** @description Whether its keys are refused. What it accepted is still delivered. */
      suspended: boolean; /** @description Which events are held against the schemas of their types when they are accepted. */
      validate_events: components["schemas"]["Validation"];
    }; /** @description One page. */
    AccountList: {
      /** @description The rows. */data: components["schemas"]["Account"][]; /** @description What to send as `after` or `before` for the next page; `null` on the last. */
      next: string | null;
    }; /** @description An API key as the API shows it; never the key itself. */
    ApiKey: {
      /**
       * Format: date-time
       * @description When it was made.
       */
      created_at: string; /** @description Not the key: what names it. */
      id: string; /** @description For people. */
      name: string | null; /** @description How it came to be. */
      origin: components["schemas"]["KeyOrigin"]; /** @description What it may do. */
      scope: components["schemas"]["Scope"]; /** @description The tenant that it is limited to. */
      tenant: string | null;
    }; /** @description One page. */
    ApiKeyList: {
      /** @description The rows. */data: components["schemas"]["ApiKey"][]; /** @description What to send as `after` or `before` for the next page; `null` on the last. */
      next: string | null;
    }; /** @description One POST. Phases that did not happen, as on a connection used again, are `null`. */
    Attempt: {
      /** @description The address that was connected to. */address: string | null;
      /**
       * Format: date-time
       * @description When it began.
       */
      at: string;
      /**
       * Format: double
       * @description Connecting.
       */
      connect_ms: number | null;
      /**
       * Format: double
       * @description Looking the host up.
       */
      dns_ms: number | null;
      /**
       * Format: uint32
       * @description How long it took in all.
       */
      duration_ms: number; /** @description What went wrong, where there was no whole answer. */
      error: string | null;
      /**
       * Format: double
       * @description From the request to the first byte of the answer.
       */
      first_byte_ms: number | null;
      /**
       * Format: uint32
       * @description The first is 1.
       */
      number: number; /** @description The beginning of the body of the answer. */
      response_body: string; /** @description The head of the answer. */
      response_head: string | null;
      /**
       * Format: uint16
       * @description The status of the answer.
       */
      status: number | null;
      /**
       * Format: double
       * @description Making the connection private.
       */
      tls_ms: number | null;
    }; /** @description One page. */
    AttemptList: {
      /** @description The rows. */data: components["schemas"]["Attempt"][]; /** @description What to send as `after` or `before` for the next page; `null` on the last. */
      next: string | null;
    }; /** @description An event that is on disk, or why it is not. */
    BatchItem: components["schemas"]["AcceptedEvent"] | components["schemas"]["Error"]; /** @description What is to change; as JSON, the body of `PATCH /v1/accounts/{id}`. What is left out stays. */
    ChangeAccount: {
      /** @description Another name, or none. */name?: string | null; /** @description Whether its keys are refused. What it accepted is still delivered. */
      suspended?: boolean | null; /** @description Which events are held against the schemas of their types when they are accepted. */
      validate_events?: components["schemas"]["Validation"] | null;
    }; /** @description What is to change; as JSON, the body of `PATCH /v1/endpoints/{id}`. What is left out stays. */
    ChangeEndpoint: {
      /** @description Another text, or none. */description?: string | null; /** @description Other events. */
      event_types?: string[] | null; /** @description Other settings. */
      settings?: components["schemas"]["SettingsChange"] | null;
      /**
       * Format: uri
       * @description Another URL.
       */
      url?: string | null;
    }; /** @description What is to change; as JSON, the body of `PATCH /v1/event-types/{name}`. What is left out stays. */
    ChangeEventType: {
      /** @description Whether it is not to be used any more. */archived?: boolean | null; /** @description Another text, or none. */
      description?: string | null; /** @description Another example, or none. */
      example?: {
        [key: string]: unknown;
      } | null; /** @description The schema of its next version. Versions of before are kept. */
      schema?: {
        [key: string]: unknown;
      } | null;
    }; /** @description What is to change; as JSON, the body of `PATCH /v1/account`. What is left out stays. */
    ChangeOwnAccount: {
      /** @description Another name, or none. */name?: string | null; /** @description Which events are held against the schemas of their types when they are accepted. */
      validate_events?: components["schemas"]["Validation"] | null;
    }; /** @description What is to change; as JSON, the body of `PATCH /v1/sources/{id}`. What is left out stays. */
    ChangeSource: {
      /** @description Other values of the scheme, all of them. */config?: {
        [key: string]: string;
      } | null; /** @description Another name. */
      name?: string | null; /** @description Other secrets, all of them, the newest first. */
      secrets?: string[] | null; /** @description Other settings. */
      settings?: components["schemas"]["SourceSettingsChange"] | null; /** @description Paused, or listened to again. */
      state?: components["schemas"]["SourceState"] | null;
    }; /** @description What the operator wants; as JSON, the body of `POST /v1/accounts`. */
    CreateAccount: {
      /** @description For people. */name: string; /** @description Which events are held against the schemas of their types when they are accepted. */
      validate_events?: components["schemas"]["Validation"];
    }; /** @description What the caller wants; as JSON, the body of `POST /v1/api-keys`. */
    CreateApiKey: {
      /** @description For people. */name?: string | null; /** @description What it may do. */
      scope: components["schemas"]["Scope"]; /** @description Limits it to what belongs to this tenant. */
      tenant?: string | null;
    }; /** @description What the caller wants; as JSON, the body of `POST /v1/endpoints`. */
    CreateEndpoint: {
      /** @description For people. */description?: string | null; /** @description Which events: types, beginnings such as `invoice.*`, or `*` alone for all. */
      event_types: string[];
      /**
       * @description How they are written, signed and retried.
       * @default standard_webhooks
       */
      profile?: components["schemas"]["ProfileName"]; /** @description Only where the profile lets the user choose it. */
      secret?: string | null; /** @description What it has of its own, instead of what its profile says. */
      settings?: components["schemas"]["SettingsChange"]; /** @description Only the events of this tenant. */
      tenant?: string | null;
      /**
       * Format: uri
       * @description Where to: an `https://` URL with a public host.
       */
      url: string;
    }; /** @description A type to register; as JSON, the body of `POST /v1/event-types`. */
    CreateEventType: {
      /** @description For people. */description?: string | null; /** @description Data that such an event could have; it has to fit the schema. */
      example?: {
        [key: string]: unknown;
      } | null; /** @description What events of it say under `type`. */
      name: string; /** @description A JSON Schema of the data of its events, draft 2020-12 or 07, of at most 64 KiB. It refers to its own parts only. */
      schema?: {
        [key: string]: unknown;
      } | null;
    }; /** @description What the caller wants; as JSON, the body of `POST /v1/sources`. */
    CreateSource: {
      /**
       * @description The values of the scheme that only its user knows.
       * @default {}
       */
      config?: {
        [key: string]: string;
      }; /** @description For people, and what event types begin with. */
      name: string; /** @description The name of a scheme, or a scheme of one's own. */
      scheme: unknown;
      /**
       * @description As the sender shows them, the newest first. None for a sender that hands its secret over.
       * @default []
       */
      secrets?: string[]; /** @description What it has of its own. */
      settings?: components["schemas"]["SourceSettingsChange"]; /** @description Whose events it brings. */
      tenant?: string | null;
    }; /** @description The answer to "create": the only one that holds the key. */
    CreatedAccount: {
      /** @description Its first key, of the scope `admin`. */api_key: components["schemas"]["CreatedApiKey"];
      /**
       * Format: date-time
       * @description When it was made.
       */
      created_at: string; /** @description Its id. */
      id: string; /** @description For people. */
      name: string | null; /** @description Whether its keys are refused. What it accepted is still delivered. */
      suspended: boolean; /** @description Which events are held against the schemas of their types when they are accepted. */
      validate_events: components["schemas"]["Validation"];
    }; /** @description The answer to "create": the only one that holds the key. */
    CreatedApiKey: {
      /**
       * Format: date-time
       * @description When it was made.
       */
      created_at: string; /** @description Not the key: what names it. */
      id: string; /** @description The key itself. */
      key: string; /** @description For people. */
      name: string | null; /** @description How it came to be. */
      origin: components["schemas"]["KeyOrigin"]; /** @description What it may do. */
      scope: components["schemas"]["Scope"]; /** @description The tenant that it is limited to. */
      tenant: string | null;
    }; /** @description One event for one endpoint, with what was tried. */
    Delivery: {
      /**
       * Format: uint32
       * @description How often it was tried.
       */
      attempt_count: number; /** @description Every attempt, first to last. */
      attempts: components["schemas"]["Attempt"][];
      /**
       * Format: date-time
       * @description When the event was accepted.
       */
      created_at: string; /** @description The endpoint. */
      endpoint_id: string; /** @description The event. */
      event_id: string; /** @description The type of the event. */
      event_type: string; /** @description Its id. */
      id: string;
      /**
       * Format: date-time
       * @description When it is tried next, while it is pending.
       */
      next_attempt_at: string | null; /** @description Why it failed or was cancelled. */
      reason: string | null; /** @description How far it is. */
      state: components["schemas"]["DeliveryState"];
    }; /** @enum {string} */
    DeliveryState: "cancelled" | "delivered" | "delivering" | "failed" | "pending"; /** @description The same in a list: with the last attempt only. */
    DeliverySummary: {
      /**
       * Format: uint32
       * @description How often it was tried.
       */
      attempt_count: number;
      /**
       * Format: date-time
       * @description When the event was accepted.
       */
      created_at: string; /** @description The endpoint. */
      endpoint_id: string; /** @description The event. */
      event_id: string; /** @description The type of the event. */
      event_type: string; /** @description Its id. */
      id: string; /** @description The last attempt, if there was one. */
      last_attempt: components["schemas"]["Attempt"] | null;
      /**
       * Format: date-time
       * @description When it is tried next, while it is pending.
       */
      next_attempt_at: string | null; /** @description Why it failed or was cancelled. */
      reason: string | null; /** @description How far it is. */
      state: components["schemas"]["DeliveryState"];
    }; /** @description One page. */
    DeliverySummaryList: {
      /** @description The rows. */data: components["schemas"]["DeliverySummary"][]; /** @description What to send as `after` or `before` for the next page; `null` on the last. */
      next: string | null;
    }; /** @description An endpoint as the API shows it; never with its secret. */
    Endpoint: {
      /**
       * Format: date-time
       * @description When it was made.
       */
      created_at: string; /** @description For people. */
      description: string | null; /** @description Which events: types, beginnings such as `invoice.*`, or `*` alone for all. */
      event_types: string[];
      /**
       * Format: date-time
       * @description Since when no attempt succeeds.
       */
      failing_since: string | null; /** @description Its id. */
      id: string; /** @description How deliveries are written, signed and retried. */
      profile: components["schemas"]["ProfileName"]; /** @description Why it is disabled. */
      reason: string | null; /** @description What it has of its own. */
      settings: components["schemas"]["EndpointSettings"]; /** @description Whether deliveries are signed. */
      signed: boolean; /** @description Whether it gets events. */
      state: components["schemas"]["EndpointState"]; /** @description Gets the events of this tenant only. */
      tenant: string | null;
      /**
       * Format: uri
       * @description Where to.
       */
      url: string;
    }; /** @description One page. */
    EndpointList: {
      /** @description The rows. */data: components["schemas"]["Endpoint"][]; /** @description What to send as `after` or `before` for the next page; `null` on the last. */
      next: string | null;
    }; /** @description What an endpoint has of its own; `null` where its profile decides. */
    EndpointSettings: {
      /**
       * Format: uint32
       * @description Attempts at once, at most.
       */
      concurrency: number | null; /** @description Headers sent with every delivery; keys below the scope `admin` see `(hidden)` for each value. */
      headers: {
        [key: string]: string;
      }; /** @description In which order it gets its events. */
      order: components["schemas"]["Order"];
      /**
       * Format: uint32
       * @description Attempts per second, at most.
       */
      rate_limit: number | null; /** @description When a failed delivery is tried again. */
      retry: components["schemas"]["RetryPolicy"] | null;
      /**
       * Format: uint32
       * @description How long an attempt may take, in milliseconds.
       */
      timeout_ms: number | null;
    }; /** @enum {string} */
    EndpointState: "active" | "disabled" | "paused"; /** @description The answer to "create" and "rotate secret": the only ones that hold the secret. */
    EndpointWithSecret: {
      /**
       * Format: date-time
       * @description When it was made.
       */
      created_at: string; /** @description For people. */
      description: string | null; /** @description Which events: types, beginnings such as `invoice.*`, or `*` alone for all. */
      event_types: string[];
      /**
       * Format: date-time
       * @description Since when no attempt succeeds.
       */
      failing_since: string | null; /** @description Its id. */
      id: string; /** @description How deliveries are written, signed and retried. */
      profile: components["schemas"]["ProfileName"]; /** @description Why it is disabled. */
      reason: string | null; /** @description The secret that the server made; `null` where the caller chose it, or there is none. */
      secret: string | null; /** @description What it has of its own. */
      settings: components["schemas"]["EndpointSettings"]; /** @description Whether deliveries are signed. */
      signed: boolean; /** @description Whether it gets events. */
      state: components["schemas"]["EndpointState"]; /** @description Gets the events of this tenant only. */
      tenant: string | null;
      /**
       * Format: uri
       * @description Where to.
       */
      url: string;
    }; /** @description The body of every answer that is not a success. */
    Error: {
      /** @description What went wrong. */error: components["schemas"]["ErrorBody"];
    }; /** @description What went wrong. */
    ErrorBody: {
      /** @description Never changes its meaning. */code: string; /** @description Where in the request, with `/` between members. */
      field: string | null; /** @description What to do. */
      hint: string; /** @description What is wrong, for people. */
      message: string;
    }; /** @description An event with all that became of it. */
    Event: {
      /**
       * Format: date-time
       * @description When it was accepted.
       */
      created_at: string; /** @description What was sent, byte for byte. */
      data: {
        [key: string]: unknown;
      }; /** @description What became of it, for each endpoint that wanted it: the first 250. */
      deliveries: components["schemas"]["Delivery"][]; /** @description Its id. */
      id: string; /** @description What to send as `after` to `GET /v1/events/{id}/deliveries` for those that follow; `null` where there are no more. */
      next_deliveries: string | null; /** @description What keeps it in order. */
      ordering_key: string | null; /** @description The one profile that was asked for. */
      profile: components["schemas"]["ProfileName"] | null; /** @description The tenant it belongs to. */
      tenant: string | null; /** @description The type. */
      type: string;
    }; /** @description The same in a list: without its data. */
    EventSummary: {
      /**
       * Format: date-time
       * @description When it was accepted.
       */
      created_at: string; /** @description Its id. */
      id: string; /** @description What keeps it in order. */
      ordering_key: string | null; /** @description The one profile that was asked for. */
      profile: components["schemas"]["ProfileName"] | null; /** @description The tenant it belongs to. */
      tenant: string | null; /** @description The type. */
      type: string;
    }; /** @description One page. */
    EventSummaryList: {
      /** @description The rows. */data: components["schemas"]["EventSummary"][]; /** @description What to send as `after` or `before` for the next page; `null` on the last. */
      next: string | null;
    }; /** @description A type of events. */
    EventType: {
      /** @description Whether it is not to be used any more. */archived: boolean;
      /**
       * Format: date-time
       * @description When it was registered.
       */
      created_at: string | null; /** @description For people. */
      description: string | null; /** @description Data that fits the newest schema. */
      example: {
        [key: string]: unknown;
      } | null; /** @description What events of it say under `type`. */
      name: string; /** @description The profile whose registry holds it; `null` for what the account registered. */
      profile: components["schemas"]["ProfileName"] | null; /** @description The JSON Schema of the data of its events. */
      schema: {
        [key: string]: unknown;
      } | null;
      /**
       * Format: uint32
       * @description The version that `schema` is of.
       */
      schema_version: number | null;
      /**
       * Format: uint32
       * @description That of its newest schema; 0 where it has none.
       */
      version: number;
    }; /** @description A type of events in a list: without its schema. */
    EventTypeSummary: {
      /** @description Whether it is not to be used any more. */archived: boolean;
      /**
       * Format: date-time
       * @description When it was registered.
       */
      created_at: string | null; /** @description For people. */
      description: string | null; /** @description What events of it say under `type`. */
      name: string; /** @description The profile whose registry holds it; `null` for what the account registered. */
      profile: components["schemas"]["ProfileName"] | null;
      /**
       * Format: uint32
       * @description That of its newest schema; 0 where it has none.
       */
      version: number;
    }; /** @description One page. */
    EventTypeSummaryList: {
      /** @description The rows. */data: components["schemas"]["EventTypeSummary"][]; /** @description What to send as `after` or `before` for the next page; `null` on the last. */
      next: string | null;
    }; /** @description The secret that a sender handed over. */
    HandedOverSecret: {
      /** @description As the sender wrote it. */secret: string;
    }; /** @enum {string} */
    KeyOrigin: "api" | "environment" | "generated"; /** @description The filters of what lists accounts; for the operator. */
    ListAccounts: {
      /** @description Those after this one: the `next` of the page before. */after?: string;
      /**
       * @description Rows of a page.
       * @default 50
       */
      limit?: number;
    }; /** @description The filters of what lists keys, without the keys themselves. */
    ListApiKeys: {
      after?: string; /** @default 50 */
      limit?: number;
    }; /** @description The filters of what lists deliveries; `?state=failed` are the undelivered. */
    ListDeliveries: {
      /** @description Those before this one: the `next` of the page before. */before?: string; /** @description Those to this endpoint. */
      endpoint_id?: string;
      /**
       * @description Rows of a page.
       * @default 50
       */
      limit?: number;
      /**
       * Format: date-time
       * @description Those of events accepted since then.
       */
      since?: string; /** @description Those in one of these states; `failed` are the undelivered. */
      state?: components["schemas"]["DeliveryState"][]; /** @description Those of events of this tenant. */
      tenant?: string;
    }; /** @description The filters of what lists endpoints. */
    ListEndpoints: {
      /** @description Those after this one: the `next` of the page before. */after?: string;
      /**
       * @description Rows of a page.
       * @default 50
       */
      limit?: number; /** @description Those of this profile. */
      profile?: string; /** @description Those of this tenant. */
      tenant?: string;
    }; /** @description The filters of what lists its deliveries. */
    ListEventDeliveries: {
      /** @description Those after this one: the `next` of the page before. */after?: string;
      /**
       * @description Rows of a page.
       * @default 50
       */
      limit?: number;
    }; /** @description The filters of what lists types of events; `?profile=naive` those of a profile. */
    ListEventTypes: {
      /** @description Those after this one: the `next` of the page before. */after?: string;
      /**
       * @description Rows of a page.
       * @default 50
       */
      limit?: number; /** @description Those of the registry of this profile, instead of those of the account. */
      profile?: components["schemas"]["ProfileName"];
    }; /** @description The filters of what lists events. */
    ListEvents: {
      /** @description Those before this one: the `next` of the page before. */before?: string;
      /**
       * @description Rows of a page.
       * @default 50
       */
      limit?: number; /** @description Those of this tenant. */
      tenant?: string; /** @description Those of this type. */
      type?: string;
    }; /** @description The filters of what lists sources. */
    ListSources: {
      /** @description Those made after this one: `next` of the page before. */after?: string;
      /**
       * @description Rows of the page.
       * @default 50
       */
      limit?: number; /** @description Those of this tenant. */
      tenant?: string;
    }; /** @enum {string} */
    Order: "none" | "endpoint" | "key";
    /**
     * @description How deliveries are written, signed and retried.
     * @enum {string}
     */
    ProfileName: "standard_webhooks" | "naive" | "ainative" | "yativo" | "nativemsg"; /** @description A refused request with all that is known, and why it does not verify. */
    Refusal: {
      /** @description `{"text"}` or `{"base64"}`; `null` where it was not kept. */body: unknown;
      /**
       * Format: uint
       * @description How long its body was; `null` where it was not kept.
       */
      body_bytes: number | null; /** @description Why. */
      code: string;
      /**
       * Format: date-time
       * @description When it came.
       */
      created_at: string; /** @description `{"verified", "error", "findings"}`; `null` where the body was not kept. */
      explanation: unknown; /** @description Its headers, without secrets. */
      headers: [string, string][]; /** @description The id. */
      id: string; /** @description The same in words. */
      message: string; /** @description The method of the request. */
      method: string; /** @description Where it was sent to. */
      url: string;
    }; /** @description A request that was refused. */
    RefusalSummary: {
      /**
       * Format: uint
       * @description How long its body was; `null` where it was not kept.
       */
      body_bytes: number | null; /** @description Why. */
      code: string;
      /**
       * Format: date-time
       * @description When it came.
       */
      created_at: string; /** @description The id. */
      id: string; /** @description The same in words. */
      message: string; /** @description The method of the request. */
      method: string;
    }; /** @description One page. */
    RefusalSummaryList: {
      /** @description The rows. */data: components["schemas"]["RefusalSummary"][]; /** @description What to send as `after` or `before` for the next page; `null` on the last. */
      next: string | null;
    }; /** @description The body of `POST /v1/endpoints/{id}/replay-failed`. */
    ReplayFailed: {
      /**
       * Format: date-time
       * @description What failed of events accepted since then.
       */
      since: string;
    }; /** @description How many deliveries will be sent. */
    Replayed: {
      /**
       * Format: uint64
       * @description So many.
       */
      deliveries: number;
    }; /** @description How a delay is spread, so that receivers that failed together are not tried again together. */
    RetryJitter: ("decorrelated" | "equal" | "full" | "none") | {
      /** Format: double */plus_minus: number;
    }; /** @description When a failed delivery is tried again, and when no more. Times are seconds, with fractions where wanted, up to a year. */
    RetryPolicy: {
      /**
       * @description Statuses with which the receiver says that it wants nothing more.
       * @default [
       *       410
       *     ]
       */
      disable_statuses?: number[]; /** @description Statuses after which trying again is of no use. */
      final_statuses?: number[];
      /**
       * @description How a delay is spread.
       * @default none
       */
      jitter?: components["schemas"]["RetryJitter"];
      /**
       * Format: double
       * @description Give up when the next attempt would be later than this after the first.
       */
      max_age_seconds?: number | null;
      /**
       * Format: double
       * @description Give up when the header `Retry-After` asks for more.
       * @default 604800
       */
      max_retry_after_seconds?: number; /** @description The delays between attempts. */
      schedule: components["schemas"]["RetrySchedule"];
    }; /** @description The delays between attempts. */
    RetrySchedule: {
      exponential: {
        /** Format: double */factor: number; /** Format: double */
        initial_seconds: number; /** Format: uint32 */
        max_attempts: number; /** Format: double */
        max_seconds: number;
      };
    } | {
      list: number[];
    }; /** @description What secret follows; as JSON, the body of `POST /v1/endpoints/{id}/rotate-secret`. */
    RotateSecret: {
      /**
       * Format: uint32
       * @description How long the secret of before signs too, in seconds.
       * @default 86400
       */
      overlap_seconds?: number; /** @description The new one, where the profile lets the user choose it. */
      secret?: string | null;
    }; /** @enum {string} */
    Scope: "admin" | "send" | "read"; /** @description The body of `POST /v1/events/batch`. */
    SendBatch: {
      /** @description The events, each on its own terms. */events: components["schemas"]["SendEvent"][];
    }; /** @description An event to send; as JSON, the body of `POST /v1/events`. */
    SendEvent: {
      /** @description A JSON object. Its bytes are kept as they came, so that big numbers and the order of members survive. */data: {
        [key: string]: unknown;
      }; /** @description The caller's own id; unique within the account. */
      id?: string | null; /** @description Endpoints that keep an order by key get events of the same one in the order of their acceptance. */
      ordering_key?: string | null; /** @description Only endpoints of this profile. */
      profile?: components["schemas"]["ProfileName"] | null; /** @description The tenant it belongs to. */
      tenant?: string | null; /** @description The type. */
      type: string;
    }; /** @description What to send; as JSON, the body of `POST /v1/endpoints/{id}/test`. */
    SendTest: {
      /** @description A JSON object; where none is given, `{"test":true}` with what receivers of the type rely on. */data?: {
        [key: string]: unknown;
      } | null; /** @description The type; one that the endpoint wants, where none is given. */
      type?: string | null;
    }; /** @description Settings to change; as JSON, the member `settings`. What is left out stays, what is `null` goes back to the default. */
    SettingsChange: {
      /**
       * Format: uint32
       * @description Attempts at once, at most.
       */
      concurrency?: number | null; /** @description Headers sent with every delivery, all of them. */
      headers?: {
        [key: string]: string;
      } | null; /** @description In which order. */
      order?: components["schemas"]["Order"] | null;
      /**
       * Format: uint32
       * @description Attempts per second, at most.
       */
      rate_limit?: number | null; /** @description A retry policy instead of the profile's. */
      retry?: components["schemas"]["RetryPolicy"] | null;
      /**
       * Format: uint32
       * @description How long an attempt may take, in milliseconds, instead of the profile's.
       */
      timeout_ms?: number | null;
    }; /** @description A source as the API shows it; never with its secrets. */
    Source: {
      /** @description The names of what was given. */config: string[];
      /**
       * Format: date-time
       * @description When it was made.
       */
      created_at: string; /** @description The id, which is in the URL that its sender is given. */
      id: string; /** @description For people, and what its event types begin with. */
      name: string; /** @description The name of a scheme, or a scheme of one's own. */
      scheme: unknown;
      /**
       * Format: uint
       * @description How many.
       */
      secrets: number; /** @description What it has of its own. */
      settings: components["schemas"]["SourceSettings"]; /** @description Whether it is listened to. */
      state: components["schemas"]["SourceState"]; /** @description Whose events it brings. */
      tenant: string | null; /** @description What its sender is given. */
      url: string;
    };
    SourceCounts: {
      /**
       * Format: uint64
       * @description Stored as events.
       */
      accepted: number;
      /**
       * Format: uint64
       * @description Known already.
       */
      duplicates: number; /** @description Refused, by code. */
      refused: {
        [key: string]: number;
      };
    }; /** @description One page. */
    SourceList: {
      /** @description The rows. */data: components["schemas"]["Source"][]; /** @description What to send as `after` or `before` for the next page; `null` on the last. */
      next: string | null;
    }; /** @description What a source has of its own; `null` for the default. */
    SourceSettings: {
      /**
       * Format: uint32
       * @description For how long a repeat is known, in seconds.
       */
      dedupe_seconds: number | null; /** @description What event types begin with, instead of the name. */
      event_prefix: string | null; /** @description The sender's types that get another name. */
      event_types: {
        [key: string]: string;
      }; /** @description Where the id is. */
      id_from: string | null;
      /**
       * Format: uint32
       * @description Bytes of a body, at most.
       */
      max_body_bytes: number | null; /** @description The URL that the sender was given. */
      public_url: string | null;
      /**
       * Format: uint32
       * @description Requests per second, at most.
       */
      rate_limit: number | null;
      /**
       * Format: uint32
       * @description How far timestamps may be off, in seconds.
       */
      tolerance_seconds: number | null; /** @description Where the type is. */
      type_from: string | null;
    }; /** @description Settings to change; as JSON, the member `settings`. What is left out stays, what is `null` goes back to the default. */
    SourceSettingsChange: {
      /**
       * Format: uint32
       * @description For how long a repeat is known.
       */
      dedupe_seconds?: number | null; /** @description What types begin with. */
      event_prefix?: string | null; /** @description The sender's types that get another name, all of them. */
      event_types?: {
        [key: string]: string;
      } | null; /** @description Where the id is. */
      id_from?: string | null;
      /**
       * Format: uint32
       * @description Bytes of a body, at most.
       */
      max_body_bytes?: number | null; /** @description The URL that the sender was given. */
      public_url?: string | null;
      /**
       * Format: uint32
       * @description Requests per second, at most.
       */
      rate_limit?: number | null;
      /**
       * Format: uint32
       * @description How far timestamps may be off.
       */
      tolerance_seconds?: number | null; /** @description Where the type is. */
      type_from?: string | null;
    }; /** @enum {string} */
    SourceState: "active" | "paused"; /** @description The same, with what was counted. */
    SourceWithCounts: {
      /** @description The names of what was given. */config: string[]; /** @description What became of its webhooks. */
      counts: components["schemas"]["SourceCounts"];
      /**
       * Format: date-time
       * @description When it was made.
       */
      created_at: string; /** @description The id, which is in the URL that its sender is given. */
      id: string; /** @description For people, and what its event types begin with. */
      name: string; /** @description The name of a scheme, or a scheme of one's own. */
      scheme: unknown;
      /**
       * Format: uint
       * @description How many.
       */
      secrets: number; /** @description What it has of its own. */
      settings: components["schemas"]["SourceSettings"]; /** @description Whether it is listened to. */
      state: components["schemas"]["SourceState"]; /** @description Whose events it brings. */
      tenant: string | null; /** @description What its sender is given. */
      url: string;
    }; /** @enum {string} */
    Validation: "off" | "known" | "all";
  };
  responses: never;
  parameters: never;
  requestBodies: never;
  headers: never;
  pathItems: never;
}
type Schemas = components["schemas"];
/** A schema with other types for some of its members. */
type With<T, Members> = Omit<T, keyof Members> & Members;
/** A moment: RFC 3339, such as `2026-04-25T10:05:23Z`, or a `Date`. */
type Time = string | Date;
type ApiKey = Schemas["ApiKey"];
type CreateApiKey = Schemas["CreateApiKey"];
type CreatedApiKey = Schemas["CreatedApiKey"];
type ListApiKeys = Schemas["ListApiKeys"];
type Account = Schemas["Account"];
type ChangeAccount = Schemas["ChangeAccount"];
type ChangeOwnAccount = Schemas["ChangeOwnAccount"];
type CreateAccount = Schemas["CreateAccount"];
type CreatedAccount = Schemas["CreatedAccount"];
type ListAccounts = Schemas["ListAccounts"];
type ChangeEventType = With<Schemas["ChangeEventType"], {
  example?: object | null;
  schema?: object | null;
}>;
type CreateEventType = With<Schemas["CreateEventType"], {
  example?: object | null;
  schema?: object | null;
}>;
type EventType = Schemas["EventType"];
type EventTypeSummary = Schemas["EventTypeSummary"];
type ListEventTypes = Schemas["ListEventTypes"];
type ChangeEndpoint = Schemas["ChangeEndpoint"];
type CreateEndpoint = Schemas["CreateEndpoint"];
type Endpoint = Schemas["Endpoint"];
type EndpointSettings = Schemas["EndpointSettings"];
type EndpointWithSecret = Schemas["EndpointWithSecret"];
type ListEndpoints = Schemas["ListEndpoints"];
type RotateSecret = Schemas["RotateSecret"];
type AcceptedBatch = Schemas["AcceptedBatch"];
type AcceptedEvent = Schemas["AcceptedEvent"];
type EventSummary = Schemas["EventSummary"];
type ListEvents = Schemas["ListEvents"];
type SendEvent = With<Schemas["SendEvent"], {
  data: object;
}>;
type TestEvent = With<Schemas["SendTest"], {
  data?: object | null; /** Whether to wait for the attempt, and answer with what came of it. */
  wait?: boolean;
}>;
/** An event with all that became of it. */
type StoredEvent = Schemas["Event"];
type Delivery = Schemas["Delivery"];
type DeliveryAttempt = Schemas["Attempt"];
type DeliveryState = Schemas["DeliveryState"];
type DeliverySummary = Schemas["DeliverySummary"];
type ListDeliveries = With<Schemas["ListDeliveries"], {
  since?: Time;
  state?: DeliveryState | readonly DeliveryState[];
}>;
type ListEventDeliveries = Schemas["ListEventDeliveries"];
type Replayed = Schemas["Replayed"];
type ReplayFailed = With<Schemas["ReplayFailed"], {
  since: Time;
}>;
type ChangeSource = Schemas["ChangeSource"];
type CreateSource = With<Schemas["CreateSource"], {
  scheme: SchemeLike;
}>;
type HandedOverSecret = Schemas["HandedOverSecret"];
type ListSources = Schemas["ListSources"];
/** A request that was refused, and why it does not verify. */
type Refusal = With<Schemas["Refusal"], {
  /** As text, or in base64 where it is none; `null` where it was not kept. */body: {
    text: string;
  } | {
    base64: string;
  } | null; /** As of `explain`; `null` where the body was not kept. */
  explanation: With<Explanation, {
    error: Pick<WebhookError, "code" | "hint" | "message"> | null;
  }> | null;
}>;
type RefusalSummary = Schemas["RefusalSummary"];
type Source = With<Schemas["Source"], {
  scheme: SchemeLike;
}>;
type SourceSettings = Schemas["SourceSettings"];
type SourceState = Schemas["SourceState"];
type SourceWithCounts = With<Schemas["SourceWithCounts"], {
  scheme: SchemeLike;
}>;
/** The account of the key: `/v1/account`. */
declare class OwnAccount {
  #private;
  /** Shows it. */
  get(options?: CallOptions): Promise<Account>;
  /** Changes what is named and leaves alone what is not. */
  update(change: ChangeOwnAccount, options?: CallOptions): Promise<Account>;
}
/** All accounts, for the operator of the server: `/v1/accounts`. */
declare class Accounts {
  #private;
  /** Makes one with its first key, whose text is in this answer and in no other. */
  create(account: CreateAccount, options?: CallOptions): Promise<CreatedAccount>;
  /** Lists them, oldest first. */
  list(filter?: ListAccounts, options?: CallOptions): List<Account>;
  /** Shows one. */
  get(id: string, options?: CallOptions): Promise<Account>;
  /** Changes or suspends one. */
  update(id: string, change: ChangeAccount, options?: CallOptions): Promise<Account>;
}
/** What a call fails with. */
/** A `code` that is not the server's: there was no answer, or none of the server's making. */
type ClientErrorCode = "connection_failed" | "timeout" | "unexpected_answer";
/** What the server says of an error: its body, or what the client says in its place. */
interface ApiErrorDetails {
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
declare class HooksealApiError extends Error {
  readonly name = "HooksealApiError";
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
  constructor({
    code,
    message,
    hint,
    field,
    status,
    requestId,
    cause
  }: ApiErrorDetails);
}
/** What opens the API: `/v1/api-keys`. */
declare class ApiKeys {
  #private;
  /** Makes one, whose text is in this answer and in no other. */
  create(key: CreateApiKey, options?: CallOptions): Promise<CreatedApiKey>;
  /** Lists them, oldest first, without their texts. */
  list(filter?: ListApiKeys, options?: CallOptions): List<ApiKey>;
  /** Shows one, without its text. */
  get(id: string, options?: CallOptions): Promise<ApiKey>;
  /** Revokes one. */
  delete(id: string, options?: CallOptions): Promise<void>;
}
/** Events on their way to endpoints: `/v1/deliveries`. */
declare class Deliveries {
  #private;
  /** Lists them, newest first, each with its last attempt; `{ state: "failed" }` are the undelivered. */
  list(filter?: ListDeliveries, options?: CallOptions): List<DeliverySummary>;
  /** Shows one with every attempt. */
  get(id: string, options?: CallOptions): Promise<Delivery>;
  /** Lists its attempts, first to last. */
  attempts(id: string, options?: CallOptions): List<DeliveryAttempt>;
  /** Sends it again, from the first step of its schedule. */
  replay(id: string, options?: CallOptions): Promise<Delivery>;
}
/** Where events go: `/v1/endpoints`. */
declare class Endpoints {
  #private;
  /** Makes one, whose secret is in this answer and in no other. */
  create(endpoint: CreateEndpoint, options?: CallOptions): Promise<EndpointWithSecret>;
  /** Lists them, oldest first. */
  list(filter?: ListEndpoints, options?: CallOptions): List<Endpoint>;
  /** Shows one. */
  get(id: string, options?: CallOptions): Promise<Endpoint>;
  /** Changes what is named and leaves alone what is not. */
  update(id: string, change: ChangeEndpoint, options?: CallOptions): Promise<Endpoint>;
  /** Deletes it; nothing more is sent to it. */
  delete(id: string, options?: CallOptions): Promise<void>;
  /** Keeps what comes for it. */
  pause(id: string, options?: CallOptions): Promise<Endpoint>;
  /** Sends what was kept, and what comes. */
  resume(id: string, options?: CallOptions): Promise<Endpoint>;
  /** Makes a disabled one active again. */
  enable(id: string, options?: CallOptions): Promise<Endpoint>;
  /** Sends nothing more to it; what waits is cancelled. */
  disable(id: string, options?: CallOptions): Promise<Endpoint>;
  /** Gives it a new secret, which is in this answer and in no other; the old one goes on signing for a day, or as you say. */
  rotateSecret(id: string, rotation?: RotateSecret, options?: CallOptions): Promise<EndpointWithSecret>;
  /** Sends an event to it alone; with `wait`, at once and with what came of it. */
  test(id: string, event?: TestEvent, options?: CallOptions): Promise<Delivery>;
  /** Sends again what failed there since a time. */
  replayFailed(id: string, since: ReplayFailed, options?: CallOptions): Promise<Replayed>;
}
/** What can happen, and the schema of its data: `/v1/event-types`. */
declare class EventTypes {
  #private;
  /** Registers one, with the JSON Schema of its data where you have one. */
  create(type: CreateEventType, options?: CallOptions): Promise<EventType>;
  /** Lists them, without their schemas; `{ profile: "naive" }` those of a profile. */
  list(filter?: ListEventTypes, options?: CallOptions): List<EventTypeSummary>;
  /** Shows one with its newest schema, or with that of a version. */
  get(name: string, which?: {
    version?: number;
  }, options?: CallOptions): Promise<EventType>;
  /** Changes or archives it, or adds a version of its schema. */
  update(name: string, change: ChangeEventType, options?: CallOptions): Promise<EventType>;
  /** Removes it with all its versions. */
  delete(name: string, options?: CallOptions): Promise<void>;
}
/** What happened: `/v1/events`. */
declare class Events {
  #private;
  /** Sends one; it is on disk when this resolves. A repeat of its `id`, or of the idempotency key, is the same event. */
  send(event: SendEvent, options?: CallOptions): Promise<AcceptedEvent>;
  /**
   * Sends up to 1,000, and says in their order what became of each: accepted, or refused because its `id` was used for
   * another. With a mistake in one of them the whole batch is refused.
   */
  sendBatch(events: readonly SendEvent[], options?: CallOptions): Promise<AcceptedBatch>;
  /** Lists them, newest first, without their data. */
  list(filter?: ListEvents, options?: CallOptions): List<EventSummary>;
  /** Shows one with its first 250 deliveries and every attempt. */
  get(id: string, options?: CallOptions): Promise<StoredEvent>;
  /** Lists its deliveries, each with its last attempt. */
  deliveries(id: string, filter?: ListEventDeliveries, options?: CallOptions): List<DeliverySummary>;
  /** Sends it again to all endpoints that it went to. */
  replay(id: string, options?: CallOptions): Promise<Replayed>;
}
/** Who sends webhooks to you: `/v1/sources`. */
declare class Sources {
  #private;
  /** Makes one; its `url` is what the sender is given. */
  create(source: CreateSource, options?: CallOptions): Promise<Source>;
  /** Lists them, oldest first. */
  list(filter?: ListSources, options?: CallOptions): List<Source>;
  /** Shows one, and how many requests it took and refused. */
  get(id: string, options?: CallOptions): Promise<SourceWithCounts>;
  /** Changes what is named and leaves alone what is not; `secrets` are all of them, the newest first. */
  update(id: string, change: ChangeSource, options?: CallOptions): Promise<Source>;
  /** Deletes it; nothing more is taken, its events stay. */
  delete(id: string, options?: CallOptions): Promise<void>;
  /** Shows the secret that its sender handed over, for a sender that wants it pasted somewhere. */
  handedOverSecret(id: string, options?: CallOptions): Promise<HandedOverSecret>;
  /** Lists the last requests that it refused, newest first. */
  refusals(id: string, options?: CallOptions): List<RefusalSummary>;
  /** Shows one of them, and why it does not verify with the secrets of now. */
  refusal(id: string, refusal: string, options?: CallOptions): Promise<Refusal>;
}
/** Your users: `/v1/tenants`. */
declare class Tenants {
  #private;
  /** Erases all that belongs to a tenant: keys, endpoints, events. Broken off, it can be repeated. */
  erase(tenant: string, options?: CallOptions): Promise<void>;
}
/** Endpoints in four words: of the whole account, or of one user where `forUser` made it. */
declare class Webhooks {
  #private;
  /** Sends events of these types to a URL. The secret is in this answer and in no other. */
  create(url: string, types: readonly string[], options?: CallOptions): Promise<EndpointWithSecret>;
  /** All of them, without their secrets. */
  list(options?: CallOptions): Promise<Endpoint[]>;
  /** Sends a signed test event to it, and says what came of that. */
  test(id: string, options?: CallOptions): Promise<Delivery>;
  /** Removes it; nothing more is sent to it. */
  remove(id: string, options?: CallOptions): Promise<void>;
}
/**
 * The server's API. What fails with 408, 425, 429, 5xx or without an answer is tried again on the schedule that the core
 * has for it, `RetryPolicy.preset("api_client")`, where that cannot do a thing twice.
 *
 *     const client = new Hookseal({ apiKey: "hks_…", baseUrl: "https://hooks.example.com" });
 *     await client.events.send({ type: "invoice.paid", data: { amount: 5 } });
 */
declare class Hookseal {
  /** The account of the key. */
  readonly account: OwnAccount;
  /** All accounts, for the operator of the server. */
  readonly accounts: Accounts;
  /** What opens the API. */
  readonly apiKeys: ApiKeys;
  /** Events on their way to endpoints. */
  readonly deliveries: Deliveries;
  /** Where events go. */
  readonly endpoints: Endpoints;
  /** What can happen, and the schema of its data. */
  readonly eventTypes: EventTypes;
  /** What happened. */
  readonly events: Events;
  /** Who sends webhooks to you. */
  readonly sources: Sources;
  /** Your users. */
  readonly tenants: Tenants;
  /** Endpoints in four words: `create(url, types)`, `list()`, `test(id)`, `remove(id)`. */
  readonly webhooks: Webhooks;
  /** @throws {WebhookError} `invalid_argument`, with the option and what it takes */
  constructor(options?: ClientOptions);
  /** What belongs to one of your users: its webhooks get that user's events only. */
  forUser(id: string): {
    readonly webhooks: Webhooks;
  };
}
/** A subscription. */
interface NaiveWebhook {
  id: string;
  url: string;
  eventTypes: string[];
  active: boolean;
  /** The user whose events it gets; `null` where it gets those of all. */
  tenant_user_id: string | null;
}
/** A subscription that was just made. */
interface CreatedNaiveWebhook extends NaiveWebhook {
  /** What deliveries are signed with. No other answer has it: store it. */
  secret: string;
}
/** What came of a test event. */
interface NaiveTest {
  /** Whether the receiver took it. */
  delivered: boolean;
  /** What it answered; `null` where there was no whole answer. */
  status: number | null;
  /** What went wrong, where there was none. */
  error: string | null;
  durationMs: number | null;
  /** The subscription. */
  id: string;
  /** The type of the event. */
  event: string;
  eventId: string;
  deliveryId: string;
}
/** Subscriptions: of the whole company, or of one user where `forUser` made it. */
declare class NaiveWebhooks {
  #private;
  /** Subscribes a URL to events of these types. */
  create(url: string, eventTypes: readonly string[], options?: CallOptions): Promise<CreatedNaiveWebhook>;
  /** All of them, without their secrets. */
  list(options?: CallOptions): Promise<NaiveWebhook[]>;
  /** The types that there are. */
  eventTypes(options?: CallOptions): Promise<string[]>;
  /** Delivers a signed test event at once, and says what came of it. */
  test(id: string, options?: CallOptions): Promise<NaiveTest>;
  /** Removes it; nothing more is sent to it. */
  remove(id: string, options?: CallOptions): Promise<void>;
}
/**
 * The client of naive, for a server that speaks its dialect.
 *
 *     const naive = new Naive({ apiKey: "…", baseUrl: "https://hooks.example.com" });
 *     const { id, secret } = await naive.webhooks.create("https://example.com/hooks", ["email.received"]);
 */
declare class Naive {
  #private;
  /** Subscriptions of the whole company: they get the events of all users. */
  readonly webhooks: NaiveWebhooks;
  /** @throws {WebhookError} `invalid_argument`, with the option and what it takes */
  constructor(options?: ClientOptions);
  /** What belongs to one user: its subscriptions get that user's events only. */
  forUser(id: string): {
    readonly webhooks: NaiveWebhooks;
  };
}
/**
 * Which core runs: the native addon, or WebAssembly where there is none for the platform or it cannot be loaded. Both do
 * the same. The environment variable `HOOKSEAL_CORE` asks for one of them.
 */
declare const core: "native" | "wasm";
export { Hookseal, HooksealApiError, Idempotency, MemoryStore, Naive, PublishedKeys, RedisStore, RetryPolicy, SqlStore, Verified, Webhook, WebhookError, core, errorCodes, explain, generateKeyPair, handshake, idempotencyKey, keyRequest, schemeDefinition, schemes, verifyWebhookSignature };
export type { AcceptedBatch, AcceptedEvent, Account, Accounts, AinativeAgentTaskComplete, AinativeEnvelope, AinativeMcpServerReady, AinativeMemoryConsolidated, AinativeMemoryStored, AinativePayload, AinativeVectorsIndexed, Algorithm, ApiKey, ApiKeys, Attempt, Body, CallOptions, Cause, ChangeAccount, ChangeEndpoint, ChangeEventType, ChangeOwnAccount, ChangeSource, Claim, ClaimState, ClientErrorCode, ClientOptions, ClockOptions, Config, ConfigOptions, CreateAccount, CreateApiKey, CreateEndpoint, CreateEventType, CreateSource, CreatedAccount, CreatedApiKey, CreatedNaiveWebhook, D1Client, Deliveries, Delivery, DeliveryAttempt, DeliveryState, DeliverySummary, Encoding, Endpoint, EndpointSettings, EndpointWithSecret, Endpoints, ErrorCode, ErrorCodeInfo, EventSummary, EventType, EventTypeSummary, EventTypes, Events, ExplainOptions, Explanation, Finding, GiveUpReason, HandedOverSecret, HandshakeResponse, HandshakeRule, HashClaim, HeadersLike, IdempotencyOptions, IdempotencyStore, JwtRule, KeyPair, KeyPairAlgorithm, KeyRequest, KeyRule, List, ListAccounts, ListApiKeys, ListDeliveries, ListEndpoints, ListEventDeliveries, ListEventTypes, ListEvents, ListSources, LumaEnvelope, LumaGathering, LumaGuestRegistered, LumaGuestStatus, LumaPayload, Message, Moment, NaiveApprovalResolved, NaiveApprovalStatus, NaiveEmailReceived, NaiveEnvelope, NaivePayload, NaiveTest, NaiveWebhook, NaiveWebhooks, NativemsgEnvelope, NativemsgMessage, NativemsgMessageReceived, NativemsgMessageSent, NativemsgMessageStatus, NativemsgPayload, NativemsgUser, NativemsgUserCreated, OutOfFile, OwnAccount, Page, PayloadOf, Payloads, PostgresClient, PostgresJsClient, PresetName, ProfileName, PublishedKeysOptions, RedisClient, Refusal, RefusalSummary, ReplayFailed, Replayed, RequestOptions, RetryDecision, RetryPolicyDefinition, RotateSecret, ScheduleRow, SchemeDefinition, SchemeFile, SchemeInfo, SchemeLike, SchemeName, Selector, SendEvent, SignatureFormat, SignatureRule, Source, SourceSettings, SourceState, SourceWithCounts, Sources, SqliteClient, StandardEnvelope, StandardPayload, StoredEvent, Tenants, TestEvent, Time, VerifiedJson, VerifyOptions, VerifyResult, WebhookOptions, Webhooks, YativoEnvelope, YativoPayload };
