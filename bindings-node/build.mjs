// Builds the addon, the bundles (ESM and CommonJS) and the types of both.
import { execFileSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { bundleAdapters } from "../bindings-js/generate/adapters.mjs";

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

run("tsc", "--outDir", "dist/types");
run("tsc", "--outDir", "dist/cjs");
// The same declarations, of a CommonJS module: what `require` gives has other types than what `import` gives.
writeFileSync("dist/cjs/package.json", '{ "type": "commonjs" }\n');

function run(tool, ...args) {
  execFileSync(process.execPath, [`node_modules/.bin/${tool}`, ...args], { stdio: "inherit" });
}
