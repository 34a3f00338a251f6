/**
 * The work that is measured: one valid delivery, from the raw body and the headers of Node's http module to an accepted
 * event, and to one whose JSON is parsed. The peers' own calls do what they do: those of Standard Webhooks always parse,
 * `@octokit/webhooks-methods` never does.
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import * as octokit from "@octokit/webhooks-methods";
import * as hookseal from "hookseal";
import * as standardwebhooks from "standardwebhooks";
import * as svix from "svix";
import { leastTimes } from "./rounds.mjs";

const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const KEY = Buffer.from(SECRET.slice("whsec_".length), "base64");
const SIZES = { "1 KiB": 1024, "256 KiB": 256 * 1024 };
/** As many different ones as it takes for nothing to be remembered from the call before. */
const DELIVERIES = 64;

const INCOMING = {
  host: "example.com",
  "user-agent": "Hookseal/0.1",
  accept: "*/*",
  "accept-encoding": "gzip, deflate, br",
  "content-type": "application/json",
  "x-forwarded-for": "203.0.113.7",
  "x-forwarded-proto": "https",
  "x-request-id": "f47ac10b-58cc-4372-a567-0e02b2c3d479",
  traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
};

for (const [label, size] of Object.entries(SIZES)) await measure(label, size);

async function measure(label, size) {
  const hook = new hookseal.Webhook("standard_webhooks", SECRET);
  const github = new hookseal.Webhook("github", SECRET);
  const standard = new standardwebhooks.Webhook(SECRET);
  const svixHook = new svix.Webhook(SECRET);

  const deliveries = Array.from({ length: DELIVERIES }, (_, index) => deliveryOf(index, size, hook, github));
  const of = (index) => deliveries[index % DELIVERIES];
  const accepted = {
    "node:crypto snippet": (at) => snippet(of(at).body, of(at).headers),
    "hookseal, github": (at) => github.verify(of(at).body, of(at).github),
    "@octokit/webhooks-methods": (at) =>
      octokit.verify(SECRET, of(at).body.toString(), of(at).github["x-hub-signature-256"]),
    hookseal: (at) => hook.verify(of(at).body, of(at).headers),
  };
  const parsed = {
    "hookseal, parsed": (at) => hook.verify(of(at).body, of(at).headers).data,
    "node:crypto snippet, parsed": (at) => {
      const { body, headers } = of(at);
      snippet(body, headers);
      return JSON.parse(body.toString());
    },
    standardwebhooks: (at) => standard.verify(of(at).body, of(at).headers),
    svix: (at) => svixHook.verify(of(at).body, of(at).headers),
  };
  for (const [name, work] of Object.entries({ ...accepted, ...parsed })) {
    if (!(await work(0))) throw new Error(`${name} does not verify`);
  }
  const times = await leastTimes({ ...accepted, ...parsed });
  const compare = (ours, peers) => {
    for (const peer of peers) {
      const ratio = (times[peer] / times[ours]).toFixed(2);
      console.log(`${label}: ${ours} (${micros(times[ours])}) is ${ratio} × as fast as ${peer} (${micros(times[peer])})`);
    }
  };
  compare("hookseal", ["node:crypto snippet", "standardwebhooks", "svix"]);
  compare("hookseal, parsed", ["node:crypto snippet, parsed", "standardwebhooks", "svix"]);
  compare("hookseal, github", ["@octokit/webhooks-methods"]);
}

/** One delivery in both schemes, with headers as Node hands them over. */
function deliveryOf(index, size, hook, github) {
  const id = `msg_${String(index).padStart(24, "x")}`;
  const event = { type: "invoice.paid", timestamp: "2026-01-01T00:00:00Z", id, data: "" };
  const room = size - JSON.stringify(event).length;
  const body = Buffer.from(JSON.stringify({ ...event, data: "x".repeat(room) }));
  const incoming = { ...INCOMING, "content-length": `${body.length}` };
  return {
    body,
    headers: { ...incoming, ...hook.sign({ id, body }) },
    github: { ...incoming, "x-github-delivery": id, "x-github-event": "push", ...github.sign({ body }) },
  };
}

/** What the senders' documentation shows: the age, then HMAC with node:crypto, compared in constant time. */
function snippet(body, headers) {
  const timestamp = Number(headers["webhook-timestamp"]);
  if (!(Math.abs(Date.now() / 1000 - timestamp) <= 300)) throw new Error("too old");
  const mac = createHmac("sha256", KEY).update(`${headers["webhook-id"]}.${timestamp}.`).update(body).digest();
  const matches = headers["webhook-signature"].split(" ").some((signature) => {
    const given = Buffer.from(signature.slice("v1,".length), "base64");
    return given.length === mac.length && timingSafeEqual(given, mac);
  });
  if (!matches) throw new Error("no match");
  return true;
}

function micros(nanoseconds) {
  return `${(nanoseconds / 1000).toFixed(2)} µs`;
}
