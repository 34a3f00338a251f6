// Builds the wasm, the JavaScript around it, an entry for each kind of runtime, and the types.
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { rolldown } from "rolldown";
import { dts } from "rolldown-plugin-dts";
import { bundleAdapters } from "../bindings-js/generate/adapters.mjs";
import { clientName } from "../bindings-js/generate/client-name.mjs";
import { bundleTypes } from "../bindings-js/generate/types.mjs";
import { trim } from "./trim.mjs";

/** What every runtime of the package has. wasm-opt must be told: with all that it knows, Node 20 does not read it. */
const FEATURES = [
  "bulk-memory",
  "bulk-memory-opt",
  "call-indirect-overlong",
  "multivalue",
  "mutable-globals",
  "nontrapping-float-to-int",
  "reference-types",
  "sign-ext",
  "simd",
];

/** The errors that verifying can give. */
const LITE_CODES = new Set([
  "body_not_raw",
  "claim_mismatch",
  "header_too_long",
  "invalid_argument",
  "invalid_config",
  "invalid_payload",
  "invalid_scheme",
  "invalid_secret",
  "malformed_body",
  "malformed_header",
  "malformed_timestamp",
  "malformed_url",
  "missing_config",
  "missing_header",
  "missing_value",
  "no_match",
  "timestamp_too_new",
  "timestamp_too_old",
  "too_many_signatures",
  "unsupported_signature",
]);

const here = fileURLToPath(new URL(".", import.meta.url));
const root = resolve(here, "..");
const target = resolve(root, process.env.CARGO_TARGET_DIR ?? "target");
process.chdir(here);
for (const folder of ["dist", "out"]) rmSync(folder, { recursive: true, force: true });
mkdirSync("dist");

buildWasm();
copyFileSync("out/hookseal_wasm.d.ts", "native.d.ts");
copyFileSync("out/hookseal_wasm_bg.wasm", "dist/hookseal.wasm");

buildEngine();
writeSchemes();

const entries = ["index", "index.workerd", "index.edge-light", "slim", "lite.index", "lite.workerd", "lite.edge-light"];
for (const entry of entries) await bundle(entry, "esm", ".js");
for (const entry of ["index", "lite.index"]) await bundle(entry, "cjs", ".cjs");

await bundleAdapters(build, {
  name: "@hookseal/edge",
  entryPoints: [
    ...["fetch", "hono", "next"].map((name) => ({ in: `../bindings-js/adapters/${name}.ts`, out: name })),
    { in: "js/client.ts", out: "client" },
  ],
  define: clientName("hookseal-edge"),
  absWorkingDir: here,
  platform: "browser",
  target: "es2022",
});

run(process.execPath, "node_modules/.bin/tsc");
await bundleTypes(rolldown, dts, {
  name: "@hookseal/edge",
  entries: {
    index: "out/types/bindings-js/index.d.ts",
    slim: "out/types/bindings-wasm/js/slim.d.ts",
    lite: "out/types/bindings-wasm/js/lite.d.ts",
    fetch: "out/types/bindings-js/adapters/fetch.d.ts",
    hono: "out/types/bindings-js/adapters/hono.d.ts",
    next: "out/types/bindings-js/adapters/next.d.ts",
    client: "out/types/bindings-wasm/js/client.d.ts",
  },
});

/** The small core: without names, panics and whatever only they need. */
function buildEngine() {
  const wasm = ["--package", "hookseal-engine", "--target", "wasm32-unknown-unknown", "--profile", "edge"];
  const env = cargoEnv("-Cllvm-args=-inline-threshold=5");
  execFileSync("cargo", ["build", ...wasm], { stdio: "inherit", env });
  const built = join(target, "wasm32-unknown-unknown/edge/hookseal_engine.wasm");
  writeFileSync("out/engine.trimmed.wasm", trim(readFileSync(built)));
  const features = FEATURES.map((feature) => `--enable-${feature}`);
  const strip = ["--strip-debug", "--strip-producers", "--strip-target-features"];
  const files = ["out/engine.trimmed.wasm", "-o", "dist/engine.wasm"];
  run(process.execPath, "node_modules/.bin/wasm-opt", "-Oz", "--converge", ...features, ...strip, ...files);
  copyFileSync("dist/engine.wasm", "out/engine.wasm");
}

/** Schemes as modules of one text each, and what the face of the small core reads of the table of errors. */
function writeSchemes() {
  const printed = execFileSync(join(target, "tool/wasm-schemes"), { maxBuffer: 2 ** 24 });
  const { schemes, errors } = JSON.parse(printed);
  const numbered = Object.entries(errors).filter(([, { code }]) => LITE_CODES.has(code));
  writeFileSync("out/errors.js", `export default ${JSON.stringify(Object.fromEntries(numbered))};\n`);
  mkdirSync("dist/schemes");
  const types = 'import type { CompiledScheme } from "@hookseal/edge/lite";\n';
  const one = `${types}declare const scheme: CompiledScheme;\nexport default scheme;\n`;
  for (const [id, text] of Object.entries(schemes)) {
    writeFileSync(`dist/schemes/${id}.js`, `export default ${JSON.stringify(text)};\n`);
    writeFileSync(`dist/schemes/${id}.d.ts`, one);
  }
  writeFileSync("dist/schemes/index.js", `export const schemes = ${JSON.stringify(schemes)};\n`);
  const ids = Object.keys(schemes).map((id) => JSON.stringify(id));
  const all = `${types}export declare const schemes: Readonly<Record<${ids.join(" | ")}, CompiledScheme>>;\n`;
  writeFileSync("dist/schemes/index.d.ts", all);
}

function cargoEnv(...more) {
  const cargoHome = process.env.CARGO_HOME ?? join(homedir(), ".cargo");
  const flags = [
    // Half the size and a fifth faster; every runtime has it since 2023.
    "-Ctarget-feature=+simd128",
    // The package is the same wherever it is built, and names no folder of the machine.
    `--remap-path-prefix=${cargoHome}=/cargo`,
    `--remap-path-prefix=${root}=/hookseal`,
    ...more,
  ];
  return { ...process.env, CARGO_ENCODED_RUSTFLAGS: flags.join("\x1f") };
}

function buildWasm() {
  run("cargo", "build", "--profile", "tool", "--package", "wasm-glue");
  const wasm = ["--package", "hookseal-wasm", "--target", "wasm32-unknown-unknown", "--profile", "wasm"];
  execFileSync("cargo", ["build", ...wasm], { stdio: "inherit", env: cargoEnv() });
  run(join(target, "tool/wasm-glue"), join(target, "wasm32-unknown-unknown/wasm/hookseal_wasm.wasm"), "out");
}

async function bundle(entry, format, extension) {
  await build({
    entryPoints: [`js/${entry}.ts`],
    outfile: `dist/${entry}${extension}`,
    format,
    bundle: true,
    absWorkingDir: here,
    platform: "browser",
    target: "es2022",
    loader: { ".wasm": "binary" },
    external: ["./hookseal.wasm", "./hookseal.wasm?module", "./engine.wasm", "./engine.wasm?module"],
    logLevel: "warning",
  });
}

function run(program, ...args) {
  execFileSync(program, args, { stdio: "inherit" });
}
