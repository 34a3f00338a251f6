import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { homedir } from "node:os";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import * as hookseal from "@hookseal/edge";
import * as slim from "@hookseal/edge/slim";
import { cases, runAll } from "../../bindings-js/test/conformance.mjs";
import { loadVectors } from "../../bindings-js/test/vectors.mjs";

const vectors = loadVectors();
const wasm = readFileSync(new URL("../dist/hookseal.wasm", import.meta.url));

for (const { name, run } of cases(hookseal, vectors)) test(name, run);

test("all vectors pass in CommonJS", () => {
  const { failures } = runAll(createRequire(import.meta.url)("@hookseal/edge"), vectors);
  assert.deepEqual(failures, []);
});

test("the slim entry works with bytes of the host, and says so when it has none", () => {
  for (const call of [
    () => slim.schemes(),
    () => slim.errorCodes(),
    () => new slim.Webhook("naive", "secret"),
    () => new slim.Webhook(7),
    () => new slim.WebhookError("no_match", ""),
    () => slim.RetryPolicy.profile("naive"),
    () => slim.RetryPolicy.from({}),
    () => slim.verifyWebhookSignature("secret", "", "00"),
    () => slim.verifyWebhookSignature("secret", {}, "00"),
  ]) {
    assert.throws(call, /^Error: hookseal is not initialised: call `init` or `initSync` first$/);
  }
  slim.initSync(wasm);
  assert.deepEqual(runAll(slim, vectors).failures, []);
});

test("all vectors pass in the entry for Vercel's edge runtime, bundled as that does", async () => {
  const compiled = {
    name: "compiled",
    setup({ onLoad, onResolve }) {
      onResolve({ filter: /\.wasm\?module$/ }, ({ path }) => ({ path, namespace: "compiled" }));
      onLoad({ filter: /^/, namespace: "compiled" }, ({ path }) => {
        assert.equal(path, "./hookseal.wasm?module");
        return { contents: "export default globalThis.compiledWasm;" };
      });
    },
  };
  const { outputFiles } = await build({
    stdin: { contents: 'export * from "@hookseal/edge";', resolveDir: fileURLToPath(new URL(".", import.meta.url)) },
    conditions: ["edge-light"],
    bundle: true,
    format: "esm",
    write: false,
    plugins: [compiled],
  });
  globalThis.compiledWasm = new WebAssembly.Module(wasm);
  const edge = await import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString("base64")}`);
  assert.deepEqual(runAll(edge, vectors).failures, []);
});

test("the wasm imports nothing but its own glue: no clock, no randomness, no environment", () => {
  const modules = new Set(WebAssembly.Module.imports(new WebAssembly.Module(wasm)).map((one) => one.module));
  assert.deepEqual([...modules], ["./hookseal_wasm_bg.js"]);
});

test("the wasm names no folder of the machine it was built on", () => {
  for (const folder of [homedir(), fileURLToPath(new URL("../../", import.meta.url))]) {
    assert.ok(!wasm.includes(folder), folder);
  }
});
