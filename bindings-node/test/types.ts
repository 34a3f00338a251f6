// Compiled, never run: what must and must not type-check.
import type { IncomingHttpHeaders } from "node:http";
import {
  type ErrorCode,
  errorCodes,
  type PresetName,
  RetryPolicy,
  type RetryDecision,
  type ScheduleRow,
  type SchemeDefinition,
  type SchemeName,
  schemes,
  type Verified,
  verifyWebhookSignature,
  Webhook,
  WebhookError,
} from "hookseal";

const acme = {
  id: "acme",
  signature: { header: "x-acme-signature", encoding: "hex", format: { mode: "plain", prefix: "sha256=" } },
  signed_content: "{timestamp}.{body}",
  timestamp: { from: "header:x-acme-time", unit: "s" },
  event_type: "json:/type",
} satisfies SchemeDefinition;

const hook = new Webhook("standard_webhooks", ["new", "old"], { toleranceSeconds: 60 });
new Webhook(acme, "secret");
const configured: string = "stripe";
new Webhook(configured, "secret");
new Webhook("naive", process.env["SECRET"] ?? "");
// @ts-expect-error: what the environment may lack has to be checked, or stand as a secret that is refused
new Webhook("naive", process.env["SECRET"]);
// @ts-expect-error: no such encoding
new Webhook({ ...acme, signature: { header: "x", encoding: "base16" } }, "secret");

declare const incoming: IncomingHttpHeaders;
declare const fetched: Request;
const verified: Verified = hook.verify(Buffer.from(""), incoming);
hook.verify(new ArrayBuffer(0), fetched.headers, { now: Date.now() });
hook.verify("", [["webhook-id", "msg_1"]], { now: new Date() });
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
// @ts-expect-error: unknown until it is checked
verified.json().amount;
// @ts-expect-error: what was verified does not change
verified.id = "msg_2";

const headers: Record<string, string> = hook.sign({ id: "msg_1", type: "a.b", body: "{}" });
const signed: Uint8Array = hook.signBody("{}");
// @ts-expect-error: a body is needed
hook.sign({ id: "msg_1" });
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
const names: SchemeName[] = schemes();
const error = new WebhookError("no_match", "");
if (error.code === "no_match") Response.json({ hint: error.hint }, { status: error.status });
// @ts-expect-error: no such code
error.code === "no_mach";

export { amount, at, codes, headers, id, matches, names };
