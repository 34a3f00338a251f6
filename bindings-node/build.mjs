// Builds the addon, the bundles (ESM and CommonJS) and the types of both.
import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { rolldown } from "rolldown";
import { dts } from "rolldown-plugin-dts";
import { bundleAdapters } from "../bindings-js/generate/adapters.mjs";
import { bundleTypes } from "../bindings-js/generate/types.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
process.chdir(here);
rmSync("dist", { recursive: true, force: true });

run("napi", "build", "--platform", "--release", "--js", "native.cjs", "--dts", "native.d.cts", "--no-const-enum");

for (const [format, outfile] of [
  ["esm", "dist/index.js"],
  ["cjs", "dist/index.cjs"],
]) {
  await build({
    entryPoints: ["js/index.ts"],
    outfile,
    format,
    bundle: true,
    absWorkingDir: here,
    platform: "node",
    target: "node20",
    external: ["../native.cjs"],
    logLevel: "warning",
  });
}

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
    index: "out/types/bindings-js/index.d.ts",
    ...entriesOf(["express", "fastify", "koa", "nest"], "out/types/bindings-node/js/adapters"),
    ...entriesOf(["fetch", "hono", "next"], "out/types/bindings-js/adapters"),
  },
});

function entriesOf(names, folder) {
  return Object.fromEntries(names.map((name) => [name, `${folder}/${name}.d.ts`]));
}

function run(tool, ...args) {
  execFileSync(process.execPath, [`node_modules/.bin/${tool}`, ...args], { stdio: "inherit" });
}
