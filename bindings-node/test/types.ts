// Compiled, never run: what must and must not type-check.
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { webhook as expressWebhook } from "hookseal/express";
import { webhook as fetchWebhook } from "hookseal/fetch";
import {
  type Delivery,
  type EndpointWithSecret,
  Hookseal,
  HooksealApiError,
  type List,
  Naive,
  type Page,
  type ErrorCode,
  errorCodes,
  type PresetName,
  RetryPolicy,
  type RetryDecision,
  type ScheduleRow,
  explain,
  Idempotency,
  idempotencyKey,
  MemoryStore,
  type NaivePayload,
  PublishedKeys,
  schemeDefinition,
  type VerifyResult,
  type Explanation,
  generateKeyPair,
  handshake,
  type HandshakeResponse,
  type KeyRequest,
  keyRequest,
  type SchemeDefinition,
  type SchemeLike,
  type SchemeInfo,
  type SchemeName,
  schemes,
  type Verified,
  verifyWebhookSignature,
  Webhook,
  WebhookError,
} from "hookseal";

const acme = {
  id: "acme",
  signature: { from: "header:x-acme-signature", encoding: "hex", format: { mode: "plain", prefix: "sha256=" } },
  signed_content: "{timestamp}.{body}",
  timestamp: { from: "header:x-acme-time", unit: "s" },
  event_type: "json:/type",
} satisfies SchemeDefinition;

const hook = new Webhook("standard_webhooks", ["new", "old"], { tolerance: 60 });
new Webhook(acme, "secret");
const configured: string = "stripe";
new Webhook(configured, "secret");
new Webhook("naive", process.env["SECRET"] ?? "");
// @ts-expect-error: what the environment may lack has to be checked, or stand as a secret that is refused
new Webhook("naive", process.env["SECRET"]);
// @ts-expect-error: no such encoding
new Webhook({ ...acme, signature: { from: "header:x", encoding: "base16" } }, "secret");
// @ts-expect-error: no such place
new Webhook({ ...acme, event_id: "cookie:id" }, "secret");
new Webhook("okta", "secret", { config: { header_name: process.env["HEADER_NAME"] } });
// @ts-expect-error: settings are texts
new Webhook("okta", "secret", { config: { header_name: 7 } });

declare const incoming: IncomingHttpHeaders;
declare const request: IncomingMessage;
declare const fetched: Request;
const verified: Verified = hook.verify(Buffer.from(""), incoming);
hook.verify(new ArrayBuffer(0), fetched.headers, { now: Date.now() });
hook.verify("", [["webhook-id", "msg_1"]], { now: new Date() });
hook.verify("", incoming, { method: "PUT", url: "https://example.com/hooks" });
hook.verify("", fetched.headers, fetched);
// @ts-expect-error: a URL is a text
hook.verify("", incoming, { url: new URL("https://example.com/hooks") });
hook.verify("", new Map([["webhook-id", "msg_1"]]));
// @ts-expect-error: a parsed body
hook.verify({ type: "a" }, incoming);
// @ts-expect-error: null is not a body
hook.verify(null, incoming);
// @ts-expect-error: a promise is not a body
hook.verify(fetched.text(), incoming);
// @ts-expect-error: headers are needed
hook.verify("");

const id: string | null = verified.id;
const at: Date | null = verified.timestamp;
const event = verified.json<{ amount: number }>();
const amount: number = event.amount;
const data: { amount: number } = hook.verify<{ amount: number }>("", incoming).data;
// @ts-expect-error: unknown until it is checked
verified.json().amount;
// @ts-expect-error: so is this
new Webhook("github", "secret").verify("", incoming).data.amount;
// @ts-expect-error: what was verified does not change
verified.id = "msg_2";

// What is known of a scheme's payload, without being asked for.
const paid: string = hook.verify("", incoming).data.type;
const naive = new Webhook("naive", "secret").verify("", incoming).data;
if (naive.event === "approval.resolved") naive.data.status satisfies string;
// @ts-expect-error: the other event says what that is
if (naive.event === "email.received") naive.data.status satisfies string;
const typed: NaivePayload = naive;
hook.verify("", ["webhook-id", "msg_1"]);
hook.verify("", request.rawHeaders);
const result: VerifyResult<{ amount: number }> = hook.verifyResult<{ amount: number }>("", incoming);
const sum: number = result.ok ? result.event.data.amount : result.error.status;
// @ts-expect-error: there is no event until it is known to be one
result.event;
const own: SchemeDefinition = { ...schemeDefinition("github"), id: "forge" };
const once = new Idempotency(new MemoryStore(), { ttlSeconds: 60 });
const ran = await once.run(idempotencyKey(verified.id, verified.body), () => 7);
if (ran.state === "claimed") ran.value satisfies number;
// @ts-expect-error: a store is needed
new Idempotency();

const headers: Record<string, string> = hook.sign({ id: "msg_1", type: "a.b", body: "{}" });
const signed: Uint8Array = hook.signBody("{}");
hook.sign({ body: "{}", headers: fetched.headers, method: "PUT", url: "https://example.com/hooks" }, { now: 0 });
// @ts-expect-error: a body is needed
hook.sign({ id: "msg_1" });

const answer: HandshakeResponse | null = hook.handshake(Buffer.from(""), request.headers, request);
if (answer) new Response(answer.body, answer);
const first = handshake("asana", "", fetched.headers, { config: {} });
if (first?.secret !== undefined) new Webhook("asana", first.secret);
const wanted: KeyRequest | null = keyRequest("paypal", "", incoming, { config: { webhook_id: "1" } });
const why: Explanation = explain("naive", ["new", "old"], "", incoming, { config: {}, tolerance: 60, method: "PUT" });
if (why.findings[0]?.cause === "body_reserialized") throw why.error;
const pair: [string, string] = [generateKeyPair().privateKey, generateKeyPair().publicKey];
const matches: boolean = verifyWebhookSignature("secret", signed, incoming["x-naive-signature"]);

const decision: RetryDecision = RetryPolicy.profile("yativo").next({ attempt: 1, status: 503, retryAfter: null });
if (decision.action === "retry") decision.at.getTime() + decision.delayMs;
// @ts-expect-error: only a retry has a time
decision.at;
RetryPolicy.from({ schedule: { list: [60, 300] }, jitter: { plus_minus: 0.1 } }).toJSON().disable_statuses;
RetryPolicy.from({ schedule: { exponential: { initial_seconds: 1, factor: 2, max_seconds: 60, max_attempts: 5 } } });
// @ts-expect-error: no such profile
RetryPolicy.profile("luma");
const rows: ScheduleRow[] = RetryPolicy.preset("svix").schedule();
rows.map((row) => row.maxElapsedMs);
const presets: PresetName[] = RetryPolicy.presets();
void presets;
// @ts-expect-error: not a preset
RetryPolicy.preset("luma");
// @ts-expect-error: made by `profile` and `from`
new RetryPolicy();

const codes: ErrorCode[] = errorCodes().map((row) => row.code);
const names: SchemeName[] = schemes().map((scheme: SchemeInfo) => scheme.id);
const error = new WebhookError("no_match", "");
if (error.code === "no_match") Response.json({ hint: error.hint }, { status: error.status });
// @ts-expect-error: no such code
error.code === "no_mach";

export { amount, at, own, paid, sum, typed, codes, data, headers, id, matches, names, pair, wanted };

const client = new Hookseal({ apiKey: process.env["KEY"], baseUrl: new URL("https://hooks.example.com"), maxRetries: 2 });
new Hookseal();
// @ts-expect-error: no such option
new Hookseal({ key: "hks_1" });
interface Invoice {
  amount: number;
}
declare const invoice: Invoice;
export async function calls(): Promise<string | null> {
  const endpoint: EndpointWithSecret = await client.endpoints.create({ url: "https://example.com/", event_types: ["*"] });
  // @ts-expect-error: an endpoint needs its types
  await client.endpoints.create({ url: "https://example.com/" });
  // @ts-expect-error: no such profile
  await client.endpoints.create({ url: "https://example.com/", event_types: ["*"], profile: "naïve" });
  // @ts-expect-error: what is listed has no secret
  (await client.webhooks.list())[0]?.secret;
  await client.endpoints.update(endpoint.id, { settings: { rate_limit: null } });
  await client.endpoints.rotateSecret(endpoint.id, undefined, { signal: AbortSignal.timeout(1000) });
  await client.events.send({ type: "invoice.paid", data: invoice }, { idempotencyKey: "order-7" });
  // @ts-expect-error: data is an object
  await client.events.send({ type: "invoice.paid", data: "5" });
  const { events } = await client.events.sendBatch([{ type: "a.b", data: {} }] as const);
  for (const event of events) "error" in event ? event.error.code : event.deliveries.length;
  const deliveries: List<{ id: string }> = client.deliveries.list({ state: "failed", since: new Date() });
  for await (const { id } of deliveries) await client.deliveries.replay(id);
  // @ts-expect-error: no such state
  client.deliveries.list({ state: "lost" });
  const source = await client.sources.create({ name: "shop", scheme: "stripe", secrets: ["whsec_1"] });
  // @ts-expect-error: a source needs its scheme
  await client.sources.create({ name: "shop" });
  // @ts-expect-error: no such state
  await client.sources.update(source.id, { state: "lost" });
  for await (const { id } of client.sources.refusals(source.id)) {
    const { body, explanation } = await client.sources.refusal(source.id, id);
    const text: string | undefined = explanation?.findings[0]?.hint ?? explanation?.error?.code;
    void [text, body !== null && "text" in body && body.text];
  }
  const page: Page<Delivery | { id: string }> = await client.deliveries.list();
  const nothing: void = await client.endpoints.delete(endpoint.id);
  void nothing;
  return page.next;
}

export async function naives(): Promise<string> {
  const naive = new Naive({ apiKey: process.env["NAIVE_API_KEY"]!, baseUrl: "https://hooks.example.com" });
  const sub = await naive.webhooks.create("https://app.example.com/api/webhooks/naive", ["email.received"]);
  const { delivered }: { delivered: boolean } = await naive.forUser("u1").webhooks.test(sub.id);
  void delivered;
  // @ts-expect-error: only the answer to `create` has it
  (await naive.webhooks.list())[0]?.secret;
  return sub.secret;
}

declare const failure: unknown;
if (failure instanceof HooksealApiError) {
  const status: number | undefined = failure.status;
  const field: string | undefined = failure.field;
  void [status, field];
}

// Out of a JSON file: every text is only known to be one.
import forge from "./forge.json" with { type: "json" };
new Webhook(forge, "secret").verify("", incoming).data satisfies unknown;
export const wrapped = <S extends SchemeDefinition>(scheme: S) => new Webhook(scheme, "secret");
// @ts-expect-error: no scheme
new Webhook({ name: forge.name }, "secret");
new Webhook(
  {
    id: "spruce",
    algorithm: "hmac-sha256",
    header_aliases: { "x-a": ["x-b"] },
    signature: {
      from: "header:x-a",
      encoding: "base64",
      format: { mode: "kv", item_sep: ",", kv_sep: "=", sig_keys: ["v1"] },
    },
  },
  "secret",
);
declare const some: SchemeDefinition | SchemeName;
export const assigned: Webhook[] = [new Webhook(forge, "secret"), new Webhook(some, "secret"), naiveHook(some)];
function naiveHook<S extends SchemeLike>(scheme: S): Webhook<S> {
  return new Webhook(scheme, "secret");
}
explain(forge, "secret", "", incoming);
handshake(forge, "", incoming);
keyRequest(forge, "", incoming);
fetchWebhook(forge, "secret", ({ data }) => void (data satisfies unknown));
expressWebhook(forge, new PublishedKeys({ fetch: ({ keyId }) => keyId ?? "" }));
// @ts-expect-error: no scheme
handshake({ name: forge.name }, "", incoming);
// @ts-expect-error: no such encoding
fetchWebhook({ id: "a", signature: { from: "header:x", encoding: "base16" } }, "secret", () => {});
fetchWebhook("naive", "secret", ({ data }) => void (data.ts satisfies number));
