/**
 * The work that is measured in any runtime: one valid Standard Webhooks delivery, from the raw body and a Fetch `Headers`
 * to an accepted, parsed event; for the platform, its bare HMAC, and ours without the parsing to hold against it. Each takes
 * how often it is to do so.
 */
import * as standardwebhooks from "standardwebhooks";
import * as svix from "svix";
import * as lite from "@hookseal/edge/lite";
import scheme from "@hookseal/edge/schemes/standard_webhooks";

const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
export const SIZES = [100, 1024, 16 * 1024, 256 * 1024];
/** The libraries, which are synchronous. */
export const PEERS = ["standardwebhooks", "svix"];

export async function contenders(size) {
  const text = JSON.stringify({ type: "invoice.paid", data: "x".repeat(size - 33) });
  const body = new TextEncoder().encode(text);
  const standard = new standardwebhooks.Webhook(SECRET);
  const ofSvix = new svix.Webhook(SECRET);
  const now = new Date();
  const id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
  const headers = new Headers({
    "content-type": "application/json",
    "user-agent": "Hookseal/0.1",
    "webhook-id": id,
    "webhook-timestamp": `${Math.floor(now / 1000)}`,
    "webhook-signature": standard.sign(id, now, text),
  });
  const hook = new lite.Webhook(scheme, SECRET);
  const raw = Uint8Array.from(atob(SECRET.slice("whsec_".length)), (char) => char.charCodeAt(0));
  const key = await crypto.subtle.importKey("raw", raw, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const decoder = new TextDecoder();
  const check = (event) => {
    if (event.type !== "invoice.paid") throw new Error("does not verify");
  };
  return {
    "lite verify": (times) => {
      for (; times > 0; times -= 1) check(hook.verify(body, headers).json());
    },
    "lite verifyAsync": async (times) => {
      for (; times > 0; times -= 1) check((await hook.verifyAsync(body, headers)).json());
    },
    "lite verify, unparsed": (times) => {
      for (; times > 0; times -= 1) hook.verify(body, headers);
    },
    "lite verifyAsync, unparsed": async (times) => {
      for (; times > 0; times -= 1) await hook.verifyAsync(body, headers);
    },
    standardwebhooks: (times) => {
      for (; times > 0; times -= 1) check(standard.verify(decoder.decode(body), Object.fromEntries(headers)));
    },
    svix: (times) => {
      for (; times > 0; times -= 1) check(ofSvix.verify(decoder.decode(body), Object.fromEntries(headers)));
    },
    "bare crypto.subtle": async (times) => {
      for (; times > 0; times -= 1) await crypto.subtle.sign("HMAC", key, body);
    },
    "crypto.subtle and JSON": async (times) => {
      for (; times > 0; times -= 1) {
        await crypto.subtle.sign("HMAC", key, body);
        check(JSON.parse(decoder.decode(body)));
      }
    },
  };
}
