// The packages as users get them: their archives, installed where the source tree is not.
import assert from "node:assert/strict";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { archives, install, root, run, tool, write } from "./project.mjs";

before(install);

/** Signs, verifies, and says with which core. */
const USE = `
const hook = new Webhook("standard_webhooks", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
const body = JSON.stringify({ type: "invoice.paid" });
const event = hook.verify(body, hook.sign({ id: "msg_1", body }));
console.log(event.id, event.type, event.data.type, typeof core === "undefined" ? "wasm" : core);
`;
const FORMS = {
  "main.mjs": (name) => `import * as all from "${name}";\nconst { Webhook, core } = all;${USE}`,
  "main.cjs": (name) => `const { Webhook, core } = require("${name}");${USE}`,
};

for (const [name, core] of [
  ["hookseal", "native"],
  ["@hookseal/edge", "wasm"],
]) {
  for (const [file, code] of Object.entries(FORMS)) {
    test(`${name} works from its archive (${file})`, () => {
      assert.equal(run(process.execPath, [write(file, code(name))]), `msg_1 invoice.paid invoice.paid ${core}`);
    });
  }
}

for (const name of ["hookseal", "hookseal/client", "@hookseal/edge/client"]) {
  for (const [file, get] of [
    ["client.mjs", `import * as all from "${name}";\nconst { Hookseal, Naive, verifyWebhookSignature } = all;`],
    ["client.cjs", `const { Hookseal, Naive, verifyWebhookSignature } = require("${name}");`],
  ]) {
    test(`${name} has the clients (${file})`, () => {
      const code = `${get}
const options = { apiKey: "hks_1", baseUrl: "https://localhost", fetch: async (url) => Response.json({ id: url, data: [] }) };
const print = async () => console.log(
  (await new Hookseal(options).events.get("1")).id,
  (await new Naive(options).webhooks.list()).length,
  verifyWebhookSignature("whsec_1", "{}", ""),
);
print();`;
      assert.equal(run(process.execPath, [write(file, code)]), "https://localhost/v1/events/1 0 false");
    });
  }
}

for (const [file, code] of Object.entries({
  "lite.mjs": `import { readFileSync } from "node:fs";
import { Webhook } from "@hookseal/edge/lite";
import { schemes } from "@hookseal/edge/schemes";
import stripe from "@hookseal/edge/schemes/stripe";
import { fileURLToPath } from "node:url";
import * as slim from "@hookseal/edge/slim";
const wasm = fileURLToPath(import.meta.resolve("@hookseal/edge/hookseal.wasm"));`,
  "lite.cjs": `const { readFileSync } = require("node:fs");
const { Webhook } = require("@hookseal/edge/lite");
const { schemes } = require("@hookseal/edge/schemes");
const { default: stripe } = require("@hookseal/edge/schemes/stripe");
const slim = require("@hookseal/edge/slim");
const wasm = require.resolve("@hookseal/edge/hookseal.wasm");`,
})) {
  test(`the small cores and the slim entry work from the archive (${file})`, () => {
    const use = `
slim.initSync(readFileSync(wasm));
const headers = new slim.Webhook("stripe", "whsec_1").sign({ body: "{}" });
console.log(new Webhook(stripe, "whsec_1").verify("{}", headers).keyIndex, new Webhook(schemes.stripe, "whsec_1").scheme);`;
    assert.equal(run(process.execPath, [write(file, code + use)]), "0 stripe");
  });
}

test("hookseal has no dependency but its addon, and brings no source or addon of another platform", () => {
  const installed = readdirSync(join(root, "node_modules")).filter((name) => !name.startsWith("."));
  assert.deepEqual(installed.sort(), ["@hookseal", "hookseal"]);
  const brought = readdirSync(join(root, "node_modules/hookseal")).sort();
  assert.deepEqual(brought, ["LICENSE-APACHE", "LICENSE-MIT", "README.md", "dist", "package.json", "types"]);
});

for (const [resolution, module, file] of [
  ["node16", "node16", "main.mts"],
  ["node16", "node16", "main.cts"],
  ["nodenext", "nodenext", "main.mts"],
  ["bundler", "esnext", "main.ts"],
]) {
  test(`types are found and right (${resolution}, ${file})`, () => {
    const options = { module, moduleResolution: resolution, strict: true, noEmit: true, target: "es2022", types: ["node"] };
    const config = { compilerOptions: { ...options, lib: ["es2022", "dom"] }, files: [file] };
    write(`types-${file}/tsconfig.json`, JSON.stringify(config));
    write(`types-${file}/${file}`, TYPED);
    tool("tsc", "--project", `types-${file}`);
  });
}
const TYPED = `
import { core, Webhook, WebhookError, type SchemeName } from "hookseal";
import { type Endpoint, Hookseal } from "hookseal/client";
import { Webhook as EdgeWebhook } from "@hookseal/edge";
import { Naive, type NaiveWebhook } from "@hookseal/edge/client";
import { Webhook as LiteWebhook } from "@hookseal/edge/lite";
import { schemes } from "@hookseal/edge/schemes";
import stripe from "@hookseal/edge/schemes/stripe";
import { initSync } from "@hookseal/edge/slim";
const scheme: SchemeName = "github";
// @ts-expect-error: no such scheme
const unknown: SchemeName = "githib";
const which: "native" | "wasm" = core;
const id: string | null = new Webhook(scheme, "secret").verify(Buffer.from(""), {}).id;
for (const compiled of [stripe, schemes.github]) new LiteWebhook(compiled, "secret").verify(Buffer.from(""), {});
// @ts-expect-error: a name in the place of a compiled scheme
new LiteWebhook("stripe", "secret");
const start: (source: BufferSource | WebAssembly.Module) => void = initSync;
// @ts-expect-error: a parsed body
new EdgeWebhook(scheme, "secret").verify({ type: "a" }, {});
const endpoints: Promise<Endpoint[]> = new Hookseal().endpoints.list().all();
const subscriptions: Promise<NaiveWebhook[]> = new Naive().webhooks.list();
// @ts-expect-error: an event has data
void new Hookseal().events.send({ type: "a.b" });
export { endpoints, id, start, subscriptions, unknown, which, WebhookError };
`;

for (const name of ["hookseal", "@hookseal/edge"]) {
  test(`what the types of ${name} export as a value is there`, () => {
    const { exports } = JSON.parse(readFileSync(join(root, "node_modules", name, "package.json"), "utf8"));
    for (const [entry, conditions] of Object.entries(exports)) {
      const types = conditions.import?.types ?? conditions.types;
      // Those of compiled schemes are one file for all.
      if (!types || entry.includes("*")) continue;
      const typed = readFileSync(join(root, "node_modules", name, types), "utf8");
      const [, values] = /^export \{ (.*) \};$/m.exec(typed) ?? [];
      if (!values) continue;
      const path = name + entry.slice(1);
      if (path === "hookseal/nest") continue; // It needs its framework, which is not here.
      const code = `import { ${values} } from "${path}";\nconsole.log([${values}].includes(undefined));`;
      assert.equal(run(process.execPath, [write("values.mjs", code)]), "false", path);
    }
  });
}

for (const name of ["node", "edge"]) {
  test(`publint finds nothing in the archive (${name})`, () => {
    assert.match(tool("publint", "run", archives[name], "--strict"), /All good/);
  });

  test(`are the types wrong? they are not (${name})`, () => {
    assert.match(tool("attw", archives[name]), /No problems found/);
  });
}

test("without its addon hookseal works as before", () => {
  const addons = join(root, "node_modules/@hookseal");
  const folder = readdirSync(addons).find((name) => name.startsWith("node-"));
  const addon = readdirSync(join(addons, folder)).find((name) => name.endsWith(".node"));
  rmSync(join(addons, folder, addon));
  for (const [file, code] of Object.entries(FORMS)) {
    const printed = run(process.execPath, [write(file, code("hookseal"))]);
    assert.equal(printed, "msg_1 invoice.paid invoice.paid wasm");
  }
});
