// Builds the addon, the bundles (ESM and CommonJS), the WebAssembly to fall back to, and the types.
import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { rolldown } from "rolldown";
import { dts } from "rolldown-plugin-dts";
import { bundleAdapters } from "../bindings-js/generate/adapters.mjs";
import { clientName } from "../bindings-js/generate/client-name.mjs";
import { bundleTypes } from "../bindings-js/generate/types.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
process.chdir(here);
rmSync("dist", { recursive: true, force: true });

const wasm = join(here, "../bindings-wasm/out/hookseal_wasm_bg.wasm");
if (!existsSync(wasm)) throw new Error("the WebAssembly core is missing: run `make wasm`");

run("napi", "build", "--platform", "--release", "--no-js", "--dts", "native.d.cts", "--no-const-enum");

await bundle("js/index.ts", "esm", "dist/index.js");
await bundle("js/index.ts", "cjs", "dist/index.cjs");
await bundle("js/core.cts", "cjs", "dist/core.cjs");
await bundle("js/wasm.mjs", "cjs", "dist/wasm.cjs");
copyFileSync(wasm, "dist/hookseal.wasm");

await bundleAdapters(build, {
  name: "hookseal",
  entryPoints: [
    ...["express", "fastify", "koa", "nest"].map((name) => `js/adapters/${name}.ts`),
    ...["fetch", "hono", "next"].map((name) => `../bindings-js/adapters/${name}.ts`),
  ].map((path) => ({ in: path, out: basename(path, ".ts") })),
  absWorkingDir: here,
  platform: "node",
  target: "node20",
});

rmSync("out/types", { recursive: true, force: true });
run("tsc");
await bundleTypes(rolldown, dts, {
  name: "hookseal",
  entries: {
    index: "out/types/bindings-node/js/index.d.ts",
    ...entriesOf(["express", "fastify", "koa", "nest"], "out/types/bindings-node/js/adapters"),
    ...entriesOf(["fetch", "hono", "next"], "out/types/bindings-js/adapters"),
  },
});

// The clients are part of the package itself; this is the name that they have in `@hookseal/edge`, too.
for (const [file, contents] of Object.entries({
  "dist/client.js": 'export * from "./index.js";\n',
  "dist/client.cjs": 'module.exports = require("./index.cjs");\n',
  "types/client.d.ts": 'export * from "./index.js";\n',
  "dist/cjs/client.d.ts": 'export * from "./index.js";\n',
})) {
  writeFileSync(file, contents);
}

function entriesOf(names, folder) {
  return Object.fromEntries(names.map((name) => [name, `${folder}/${name}.d.ts`]));
}

async function bundle(entry, format, outfile) {
  await build({
    entryPoints: [entry],
    outfile,
    format,
    bundle: true,
    absWorkingDir: here,
    platform: "node",
    target: "node20",
    external: ["./core.cjs", "./wasm.cjs"],
    define: clientName("hookseal-node"),
    logLevel: "warning",
  });
}

function run(tool, ...args) {
  execFileSync(process.execPath, [`node_modules/.bin/${tool}`, ...args], { stdio: "inherit" });
}
