// One event, all the way: in through the server, out signed, verified in Node, Python and the workers runtime.

import { randomUUID } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Api } from "./api.mjs";
import { freePort, start, stopAll } from "./process.mjs";
import { receivers } from "./receivers.mjs";

/** The Python receiver is busy twice for every event of this profile, so that retries are seen. */
const BUSY = { python: { yativo: 2 } };
/** Hours become seconds; only the demo and tests ask for this. */
const RETRY_DELAY_FACTOR = "0.002";
const CHOSEN_SECRET = "my-secret-at-least-8-chars";
/** Where each system has its signature, and how a well-formed one that nobody made looks. */
const SIGNATURES = {
  naive: ["x-naive-signature", "0".repeat(64)],
  ainative: ["x-zerodb-signature", `sha256=${"0".repeat(64)}`],
  yativo: ["x-webhook-signature", "0".repeat(64)],
  nativemsg: ["x-nativemsg-signature", `sha256=${"0".repeat(64)}`],
  standard_webhooks: ["webhook-signature", `v1,${"A".repeat(43)}=`],
};

const tally = { passed: 0, failed: 0 };
const check = (ok, what) => {
  tally[ok ? "passed" : "failed"] += 1;
  if (!ok) console.log(`  FAILED: ${what}`);
  return ok;
};

async function main(folder) {
  const events = JSON.parse(await readFile(new URL("events.json", import.meta.url), "utf8"));
  const api = await startServer(join(folder, "data"));
  const endpoints = await registerEndpoints(api, events);
  for (const [name, { demo }] of Object.entries(endpoints)) await receivers[name](demo, folder);

  console.log(`\n${events.length} events of ${Object.keys(SIGNATURES).length} systems to ${Object.keys(receivers).length} receivers:\n`);
  await deliver(api, events, endpoints);
  console.log("\nBad signatures, sent to each receiver directly:\n");
  await refuse(endpoints);
}

async function startServer(data) {
  const args = ["serve", "--listen", "127.0.0.1:0", "--data", data, "--log", "warn", "--allow-http"];
  args.push("--allow-network", "127.0.0.0/8", "--retry-delay-factor", RETRY_DELAY_FACTOR);
  const key = `hks_demo_${randomUUID()}`;
  const match = await start("the server", process.env.HOOKSEAL_BIN ?? "hookseal", args, {
    env: { HOOKSEAL_ADMIN_KEY: key },
    ready: /listening on (http:\S+)/,
  });
  console.log(`server on ${match[1]}, SQLite inside, retry delays × ${RETRY_DELAY_FACTOR}`);
  return new Api(match[1], key);
}

/** One endpoint for each profile and receiver. A receiver is started once it has its secrets. */
async function registerEndpoints(api, events) {
  const types = groupByProfile(events);
  const endpoints = {};
  for (const name of Object.keys(receivers)) {
    const demo = { port: await freePort(), secrets: {}, busy: BUSY[name] ?? {} };
    const ids = {};
    for (const [profile, of] of types) {
      const endpoint = await api.createEndpoint({
        url: `http://127.0.0.1:${demo.port}/${profile}`,
        event_types: of.map((event) => event.type),
        profile,
        description: `${profile} in ${name}`,
        ...(profile === "ainative" && { secret: CHOSEN_SECRET }),
      });
      demo.secrets[profile] = endpoint.secret ?? CHOSEN_SECRET;
      ids[endpoint.id] = profile;
    }
    endpoints[name] = { demo, ids };
  }
  return endpoints;
}

function groupByProfile(events) {
  const groups = new Map();
  for (const event of events) groups.set(event.profile, [...(groups.get(event.profile) ?? []), event]);
  return groups;
}

/** Sends the events and shows every attempt as it ends. */
async function deliver(api, events, endpoints) {
  const row = (...cells) => console.log(`  ${cells.map((cell, at) => String(cell).padEnd(WIDTHS[at])).join(" ")}`);
  const WIDTHS = [20, 18, 9, 8, 7, 9, 5];
  row("event", "profile", "receiver", "attempt", "status", "verified", "ms");
  const receiverOf = new Map();
  for (const [name, { ids }] of Object.entries(endpoints)) for (const id in ids) receiverOf.set(id, name);

  const sent = [];
  for (const { profile, type, tenant, data } of events) {
    const { id } = await api.sendEvent({ type, tenant, data });
    sent.push({ id, profile, type });
  }
  const shown = new Set();
  const settled = new Set();
  const deadline = Date.now() + 60_000;
  const expected = events.length * Object.keys(receivers).length;
  while (settled.size < expected && Date.now() < deadline) {
    for (const { id, profile, type } of sent) {
      const { deliveries } = await api.event(id);
      for (const delivery of deliveries) {
        const receiver = receiverOf.get(delivery.endpoint_id);
        for (const attempt of delivery.attempts) {
          const key = `${delivery.id} ${attempt.number}`;
          if (shown.has(key)) continue;
          shown.add(key);
          const verified = readAnswer(attempt).verified ? "yes" : "NO";
          row(type, profile, receiver, attempt.number, attempt.status ?? attempt.error, verified, attempt.duration_ms);
        }
        if (!["pending", "delivering"].includes(delivery.state) && !settled.has(delivery.id)) {
          settled.add(delivery.id);
          judge(delivery, { profile, type, receiver });
        }
      }
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  for (let missing = settled.size; missing < expected; missing += 1) check(false, "a delivery did not settle in time");
}

function judge(delivery, { profile, type, receiver }) {
  const what = `${type} (${profile}) to ${receiver}`;
  check(delivery.state === "delivered", `${what} is ${delivery.state} (${delivery.reason ?? "no reason"})`);
  for (const attempt of delivery.attempts) {
    const { verified, type: read, code } = readAnswer(attempt);
    check(verified && read === type, `${what}, attempt ${attempt.number}: ${code ?? `read as ${read}`}`);
  }
  const attempts = 1 + (BUSY[receiver]?.[profile] ?? 0);
  check(delivery.attempts.length === attempts, `${what} took ${delivery.attempts.length} attempts, not ${attempts}`);
}

function readAnswer({ response_body: body }) {
  try {
    return JSON.parse(body);
  } catch {
    return { verified: false, code: `an answer that is not JSON: ${body.slice(0, 80)}` };
  }
}

/** A receiver answers 401 to whatever is not signed, and goes on. */
async function refuse(endpoints) {
  for (const [name, { demo }] of Object.entries(endpoints)) {
    const codes = new Set();
    let refused = 0;
    for (const [profile, [header, forged]] of Object.entries(SIGNATURES)) {
      const kinds = { absent: undefined, empty: "", short: "abc", "not hex": "zz".repeat(32), forged };
      for (const [kind, value] of Object.entries(kinds)) {
        const headers = { "webhook-id": "evt_1", "webhook-timestamp": String(Math.floor(Date.now() / 1000)) };
        if (value !== undefined) headers[header] = value;
        const response = await fetch(`http://127.0.0.1:${demo.port}/${profile}`, { method: "POST", headers, body: "{}" });
        const { code } = await response.json();
        codes.add(code);
        const expected = response.status === 401 && (kind !== "forged" || code === "no_match");
        refused += check(expected, `${name}, ${profile}, ${kind} signature: ${response.status} ${code}`);
      }
    }
    console.log(`  ${name.padEnd(8)} refused ${refused} with 401: ${[...codes].sort().join(", ")}`);
  }
}

const folder = await mkdtemp(join(tmpdir(), "hookseal-demo-"));
const cleanUp = async () => {
  await stopAll();
  await rm(folder, { recursive: true, force: true });
};
for (const signal of ["SIGHUP", "SIGINT", "SIGTERM"]) {
  process.once(signal, () => cleanUp().then(() => process.exit(130)));
}
try {
  await main(folder);
} catch (error) {
  check(false, error.message);
} finally {
  await cleanUp();
}
console.log(`\n${tally.passed} passed, ${tally.failed} failed`);
process.exitCode = tally.failed === 0 && tally.passed > 0 ? 0 : 1;
