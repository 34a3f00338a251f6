// The small core decides as the whole one does, for every vector of the schemes that it reads.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHmac } from "node:crypto";
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { Webhook, WebhookError } from "@hookseal/edge";
import * as lite from "@hookseal/edge/lite";
import { schemes } from "@hookseal/edge/schemes";
import stripe from "@hookseal/edge/schemes/stripe";
import { loadVectors } from "../../bindings-js/test/vectors.mjs";
import { cases } from "../../bindings-js/test/conformance.mjs";
import { BUDGETS, sizes } from "../sizes.mjs";
import { liteApi, liteVectors } from "./lite-vectors.mjs";

const vectors = loadVectors();
const { files, left } = liteVectors(lite, schemes, vectors);

for (const { name, run } of cases(liteApi(lite, schemes), files)) test(`lite: ${name}`, run);

/** Each scheme as its own module has it, with the smallest core that reads it. */
const modules = {};
for (const id of Object.keys(schemes)) ({ default: modules[id] } = await import(`@hookseal/edge/schemes/${id}`));
const isSmall = (id) => !left.has(id) && modules[id].core !== schemes[id].core;
const small = Object.fromEntries(Object.entries(modules).filter(([id]) => isSmall(id)));

for (const { name, run } of cases(liteApi(lite, small), liteVectors(lite, small, vectors).files)) {
  test(`lite, with the small core: ${name}`, run);
}

test("three of four schemes come with the small core, those of most senders among them", () => {
  assert.ok(Object.keys(small).length >= 130, `${Object.keys(small).length}`);
  for (const id of ["stripe", "github", "slack", "shopify", "standard_webhooks", "svix"]) assert.ok(isSmall(id), id);
  for (const id of ["gitlab", "twilio"]) assert.ok(!isSmall(id), id);
});

test("most schemes are ones that the small core reads, and it names the others", () => {
  const read = Object.keys(schemes).filter((id) => !left.has(id));
  assert.ok(read.length >= 180, `${read.length}`);
  for (const id of ["stripe", "github", "slack", "shopify", "standard_webhooks", "gitlab"]) assert.ok(read.includes(id), id);
});

const SECRET = "a secret of many letters, 40 bytes long.";
const NOW = 1_777_111_523_000;

/** A delivery as Stripe signs it, by Node's own HMAC. */
function delivery(size, secret = SECRET) {
  const body = Buffer.from(JSON.stringify({ type: "a.b", pad: "x".repeat(size) }));
  const v1 = createHmac("sha256", secret).update(`${NOW / 1000}.`).update(body).digest("hex");
  return { body, headers: { "stripe-signature": `t=${NOW / 1000},v1=${v1}` }, options: { now: NOW } };
}

test("large bodies verify through the platform, many at once, with an old secret too", async () => {
  const hook = new lite.Webhook(stripe, ["the new secret, which is not in use yet", SECRET]);
  const all = [10, 8_000, 9_000, 100_000, 300_000, 1_000_000].map((size) => delivery(size));
  const verified = await Promise.all(all.map(({ body, headers, options }) => hook.verifyAsync(body, headers, options)));
  verified.forEach((one, index) => {
    assert.deepEqual({ type: one.type, keyIndex: one.keyIndex }, { type: "a.b", keyIndex: 1 });
    assert.ok(Buffer.from(one.body).equals(all[index].body));
    assert.equal(one.data.type, "a.b");
  });
});

test("what was parsed while the platform hashed is as if it had been parsed afterwards", async () => {
  const hook = new lite.Webhook(stripe, SECRET);
  const { body, headers, options } = delivery(20_000);
  const verified = await hook.verifyAsync(body, headers, options);
  const first = verified.json();
  assert.deepEqual(first, JSON.parse(body));
  // Whoever changes theirs changes nobody else's.
  first.type = "changed";
  assert.equal(verified.data.type, "a.b");
  assert.equal(verified.json().type, "a.b");
  assert.equal(verified.data, verified.data);
  const text = Buffer.from(`${"x".repeat(20_000)} is no JSON`);
  const v1 = createHmac("sha256", SECRET).update(`${NOW / 1000}.`).update(text).digest("hex");
  const other = await hook.verifyAsync(text, { "stripe-signature": `t=${NOW / 1000},v1=${v1}` }, options);
  for (const read of [() => other.data, () => other.json()]) assert.throws(read, { code: "invalid_payload" });
  assert.ok(Buffer.from(other.body).equals(text));
});

test("id and type can be asked for long after the core did something else", () => {
  const hook = new lite.Webhook(stripe, SECRET);
  const { body, headers, options } = delivery(10);
  const verified = hook.verify(body, headers, options);
  for (let round = 0; round < 100; round += 1) new lite.Webhook(schemes.gitlab, SECRET);
  assert.throws(() => hook.verify(`${body} `, headers, options), { code: "no_match" });
  assert.deepEqual([verified.type, verified.id], ["a.b", null]);
});

test("what is changed while the platform hashes is not what is handed out", async () => {
  const { body, headers, options } = delivery(20_000);
  const sent = Buffer.from(body);
  const promise = new lite.Webhook(stripe, SECRET).verifyAsync(body, headers, options);
  await null;
  await new Promise((resolve) => setImmediate(resolve));
  body.fill(0x20);
  const verified = await promise.catch((error) => error.code);
  // Read before or after: never the changed bytes under the old signature.
  if (verified !== "no_match") assert.ok(Buffer.from(verified.body).equals(sent));
});

test("large bodies are refused for the same reasons", async () => {
  const hook = new lite.Webhook(stripe, SECRET);
  const { body, headers, options } = delivery(50_000);
  const changed = Buffer.from(body);
  changed[100] ^= 1;
  for (const [code, args] of [
    ["no_match", [changed, headers, options]],
    ["missing_header", [body, {}, options]],
    ["timestamp_too_old", [body, headers, { now: NOW + 3_600_000 }]],
    ["malformed_header", [body, { "stripe-signature": `t=${NOW / 1000},v1=00` }, options]],
    ["body_not_raw", [{}, headers, options]],
  ]) {
    await assert.rejects(hook.verifyAsync(...args), { name: "WebhookError", code });
    assert.throws(() => hook.verify(...args), { name: "WebhookError", code });
  }
});

/** Verifies bodies on both sides of every border, changed ones too, and says what came of each. */
const BORDERS = `
  const { Webhook } = await import("@hookseal/edge/lite");
  const { schemes } = await import("@hookseal/edge/schemes");
  const { default: stripe } = await import("@hookseal/edge/schemes/stripe");
  const { createHmac } = await import("node:crypto");
  const now = ${NOW};
  const secrets = ["the new secret, which is not in use yet", "${SECRET}"];
  for (const scheme of [stripe, schemes.stripe]) {
    const hook = new Webhook(scheme, secrets);
    for (const size of [10, 2_000, 2_200, 20_000, 70_000, 300_000]) {
      const body = Buffer.from(JSON.stringify({ type: "a.b", pad: "x".repeat(size) }));
      const v1 = createHmac("sha256", secrets[1]).update(now / 1000 + ".").update(body).digest("hex");
      const headers = { "stripe-signature": "t=" + now / 1000 + ",v1=" + v1 };
      for (const verify of ["verify", "verifyAsync"]) {
        const { type, keyIndex, body: verified } = await hook[verify](body, headers, { now });
        const changed = Buffer.from(body);
        changed[size] ^= 1;
        const refused = await (async () => hook[verify](changed, headers, { now }))().catch(({ code }) => code);
        console.log(size, verify, type, keyIndex, body.equals(verified), refused);
      }
    }
  }`;

test("bodies of every size verify alike with the hash of the core, of Node and of Web Crypto", () => {
  const options = { cwd: fileURLToPath(new URL("..", import.meta.url)), encoding: "utf8" };
  const print = (before) => execFileSync(process.execPath, ["--input-type=module", "-e", before + BORDERS], options);
  const lines = print("").trim().split("\n");
  assert.equal(lines.length, 24);
  for (const line of lines) assert.match(line, /^\d+ verify(Async)? a\.b 1 true no_match$/);
  const without = "process.getBuiltinModule = undefined;";
  const broken = "process.getBuiltinModule = () => ({});";
  for (const before of [without, `${without} delete globalThis.crypto;`, broken]) {
    assert.deepEqual(print(before).trim().split("\n"), lines, before);
  }
});

test("whatever scheme it is, large bodies are judged as by the whole package", async () => {
  const groups = Object.values(vectors).flatMap(({ testGroups }) => testGroups);
  let judged = 0;
  for (const id of Object.keys(schemes).filter((id) => !left.has(id))) {
    const group = groups.find(({ scheme, secrets }) => scheme === id && secrets?.length > 0);
    const { config, secrets } = group;
    const { method, url, nowMs: now, body, bodyBase64, headers: sent = [] } = group.tests[0];
    const whole = new Webhook(id, secrets, { config });
    const text = bodyBase64 === undefined ? body : Buffer.from(bodyBase64, "base64").toString();
    // Behind JSON, white space is nothing; what is no JSON takes any.
    const long = Buffer.from(`${text}${" ".repeat(70_000)}`);
    let signed;
    try {
      signed = whole.sign({ id: "msg_1", type: "a.b", body: long, headers: sent, method, url }, { now });
    } catch (error) {
      assert.ok(error instanceof WebhookError);
      continue; // Its signature is in the body.
    }
    const names = new Set(Object.keys(signed));
    const headers = [...sent.filter(([name]) => !names.has(name.toLowerCase())), ...Object.entries(signed)];
    const hook = new lite.Webhook(modules[id], secrets, { config });
    const changed = Buffer.from(long);
    changed[changed.length - 1] = 0x0a;
    for (const given of [long, long.subarray(0, text.length + 3_000), changed]) {
      const options = { method, url, now };
      const expected = verdictOf(() => whole.verify(given, headers, options));
      assert.deepEqual(verdictOf(() => hook.verify(given, headers, options)), expected, id);
      const promised = await hook.verifyAsync(given, headers, options).catch((error) => error);
      assert.deepEqual(verdictOf(() => promised), expected, id);
      judged += typeof expected === "string" ? 0 : 1;
    }
  }
  assert.ok(judged >= 170, `${judged}`);
});

function verdictOf(verify) {
  let verified;
  try {
    verified = verify();
  } catch (error) {
    verified = error;
  }
  if (verified instanceof Error) return verified.code;
  const { id, type, timestamp, keyIndex } = verified;
  return { id, type, timestamp, keyIndex };
}

test("a token is compared by the core, however large the body", async () => {
  const hook = new lite.Webhook(schemes.gitlab, SECRET);
  const body = Buffer.from(`{"pad":"${"x".repeat(20_000)}"}`);
  const headers = { "x-gitlab-token": SECRET, "x-gitlab-event": "Push Hook" };
  assert.equal((await hook.verifyAsync(body, headers)).keyIndex, 0);
  await assert.rejects(hook.verifyAsync(body, { ...headers, "x-gitlab-token": "no" }), { code: "no_match" });
});

test("what is no compiled scheme, or one for the whole core, is told what it is and what to do", () => {
  for (const [given, expected] of [
    ["stripe", "a value of type `string`"],
    [undefined, "undefined"],
    [{ id: "acme" }, "a value of type `object`"],
  ]) {
    assert.throws(() => new lite.Webhook(given, SECRET), {
      code: "invalid_scheme",
      message: `\`scheme\` takes a compiled scheme, got ${expected}`,
      hint: 'import it: `import scheme from "@hookseal/edge/schemes/stripe"`',
    });
  }
  assert.throws(() => new lite.Webhook(schemes.twilio, SECRET), {
    code: "invalid_scheme",
    message: "The scheme needs the whole core, or is of another version.",
    hint: 'use the whole core: `import { Webhook } from "@hookseal/edge"`',
  });
});

test("what the lite face says of an error tells what to do", () => {
  for (const call of [
    () => new lite.Webhook(schemes.twilio, SECRET),
    () => new lite.Webhook("stripe", SECRET),
    () => new lite.Webhook({ ...stripe, text: schemes.gitlab.text }, SECRET),
    () => new lite.Webhook(stripe, ""),
    () => new lite.Webhook(stripe, SECRET, { config: { a: "b" } }),
    () => new lite.Webhook(stripe, SECRET).verify({}, {}),
  ]) {
    assert.throws(call, (error) => error instanceof lite.WebhookError && error.message !== "" && error.hint !== "");
  }
});

test("the lite entry works in CommonJS", () => {
  const require = createRequire(import.meta.url);
  const required = require("@hookseal/edge/lite");
  const all = require("@hookseal/edge/schemes").schemes;
  const { body, headers, options } = delivery(10);
  for (const scheme of [stripe, require("@hookseal/edge/schemes/stripe").default, all.stripe]) {
    assert.equal(new required.Webhook(scheme, SECRET).verify(body, headers, options).type, "a.b");
  }
  const gitlab = require("@hookseal/edge/schemes/gitlab").default;
  assert.throws(() => new required.Webhook(gitlab, SECRET).verify("{}", { "x-gitlab-token": "no" }), { code: "no_match" });
  assert.deepEqual(Object.keys(all), Object.keys(schemes));
});

test("webhooks that nobody has any more make room for others", () => {
  const { body, headers, options } = delivery(10);
  for (let round = 0; round < 20_000; round += 1) new lite.Webhook(stripe, SECRET);
  assert.equal(new lite.Webhook(stripe, SECRET).verify(body, headers, options).type, "a.b");
});

test("bundles weigh no more than they may", async () => {
  for (const { name, gzip } of await sizes()) {
    if (name in BUDGETS) assert.ok(gzip <= BUDGETS[name], `${name}: ${gzip} bytes of gzip, at most ${BUDGETS[name]}`);
  }
});

test("the small cores import nothing and names no folder of the machine it was built on", () => {
  for (const name of ["small", "broad"]) {
    const wasm = readFileSync(new URL(`../dist/${name}.wasm`, import.meta.url));
    assert.deepEqual(WebAssembly.Module.imports(new WebAssembly.Module(wasm)), []);
    for (const folder of [homedir(), fileURLToPath(new URL("../../", import.meta.url))]) assert.ok(!wasm.includes(folder));
  }
});
