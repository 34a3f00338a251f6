// Runs in workerd: answers how the vectors went, those of the small core among them, and the client.
import { clientFailures } from "./client.mjs";
import * as clients from "./client.workerd.js";
import * as hookseal from "./index.workerd.js";
import { lite, modules, schemes } from "./lite.workerd.js";
import { runAll } from "./conformance.mjs";
import { liteApi, liteVectors } from "./lite-vectors.mjs";
import vectors from "./vectors.mjs";

export default {
  async fetch() {
    const whole = runAll(hookseal, vectors);
    const all = runAll(liteApi(lite, schemes), liteVectors(lite, schemes, vectors).files);
    const each = runAll(liteApi(lite, modules), liteVectors(lite, modules, vectors).files);
    return Response.json({
      passed: whole.passed + all.passed + each.passed,
      failures: [...[whole, all, each].flatMap(({ failures }) => failures), ...(await largeBody()), ...(await clientFailures(clients))],
    });
  },
};

/** A body that the platform hashes here: accepted as it was sent, refused with a byte changed. */
async function largeBody() {
  const [secret, now] = ["a secret of many letters, 40 bytes long.", 1_777_111_523_000];
  const body = new TextEncoder().encode(JSON.stringify({ type: "a.b", pad: "x".repeat(50_000) }));
  const key = new TextEncoder().encode(secret);
  const hmac = await crypto.subtle.importKey("raw", key, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const tag = new Uint8Array(await crypto.subtle.sign("HMAC", hmac, body));
  const hex = Array.from(tag, (byte) => byte.toString(16).padStart(2, "0")).join("");
  const hook = new lite.Webhook(modules.github, secret);
  const headers = { "x-hub-signature-256": `sha256=${hex}`, "x-github-event": "push", "x-github-delivery": "1" };
  const failures = [];
  for (const verify of ["verify", "verifyAsync"]) {
    const accepted = await hook[verify](body, headers, { now });
    body[10] ^= 1;
    const refused = await (async () => hook[verify](body, headers, { now }))().catch((error) => error.code);
    body[10] ^= 1;
    if (accepted.type !== "push" || refused !== "no_match") failures.push(`a large body: ${accepted.type}, ${refused}`);
  }
  return failures;
}
