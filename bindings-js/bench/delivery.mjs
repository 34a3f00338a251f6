/**
 * The work that is measured: one valid Standard Webhooks delivery, from the raw body and the headers of Node's http
 * module to an accepted, parsed event. Every contender does all of it.
 */
import { createHmac, timingSafeEqual } from "node:crypto";

const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const SIZES = { "1 KiB": 1024, "256 KiB": 256 * 1024 };

/** Measures a package of ours under `name` against the pure JavaScript library and the snippet; prints the ratios. */
export async function measure(name, ours, standardwebhooks, { bench, do_not_optimize, run, summary }) {
  const hook = new ours.Webhook("standard_webhooks", SECRET);
  const standard = new standardwebhooks.Webhook(SECRET);
  const key = Buffer.from(SECRET.slice("whsec_".length), "base64");
  for (const [label, size] of Object.entries(SIZES)) {
    const body = Buffer.from(JSON.stringify({ type: "invoice.paid", data: "x".repeat(size - 33) }));
    const headers = {
      ...INCOMING,
      "content-length": `${body.length}`,
      ...hook.sign({ id: "msg_p5jXN8AQM9LWM0D4loKWxJek", body }),
    };
    const contenders = {
      [name]: () => hook.verify(body, headers).json(),
      "node:crypto snippet": () => snippet(key, body, headers),
      standardwebhooks: () => standard.verify(body, headers),
    };
    summary(() => {
      for (const [contender, work] of Object.entries(contenders)) {
        if (work().type !== "invoice.paid") throw new Error(`${contender} does not verify`);
        bench(`${contender}, ${label}`, () => do_not_optimize(work()));
      }
    });
  }
  const { benchmarks } = await run();
  printRatios(name, benchmarks);
}

/** What the senders' documentation shows: HMAC with node:crypto, compared in constant time. */
function snippet(key, body, headers) {
  const timestamp = Number(headers["webhook-timestamp"]);
  if (Math.abs(Date.now() / 1000 - timestamp) > 300) throw new Error("too old");
  const mac = createHmac("sha256", key).update(`${headers["webhook-id"]}.${timestamp}.`).update(body).digest();
  const matches = headers["webhook-signature"].split(" ").some((signature) => {
    const given = Buffer.from(signature.slice("v1,".length), "base64");
    return given.length === mac.length && timingSafeEqual(given, mac);
  });
  if (!matches) throw new Error("no match");
  return JSON.parse(body.toString());
}

function printRatios(name, benchmarks) {
  const median = (contender, label) => {
    const found = benchmarks.find(({ alias }) => alias === `${contender}, ${label}`);
    return found.runs[0].stats.p50;
  };
  for (const label of Object.keys(SIZES)) {
    for (const contender of ["node:crypto snippet", "standardwebhooks"]) {
      const ratio = median(contender, label) / median(name, label);
      console.log(`${label}: ${name} is ${ratio.toFixed(2)} × as fast as ${contender} (medians)`);
    }
  }
}

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
