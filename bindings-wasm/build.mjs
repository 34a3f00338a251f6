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

const here = fileURLToPath(new URL(".", import.meta.url));

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

/** No load of safe Rust traps, and nothing but the end of the stack lies in the first kilobyte. */
const LIMITS = ["--one-caller-inline-max-function-size=20", "-iit", "--low-memory-unused"];
/** Flat code is optimised further; functions of one crate side by side are what gzip likes. */
const FLAT = ["--flatten", "--rereloop"];
const PASSES = [...LIMITS, ...FLAT, "-O3", "-Oz", ...FLAT, "-Oz", "--converge", "--reorder-functions-by-name"];

/** The small cores, from the one that reads least: a scheme comes with the first that reads it. */
const CORES = [
  { name: "small", features: [] },
  { name: "broad", features: ["--features", "broad"] },
];

/** How a module of a scheme gives it to `import`. */
const DEFAULT = "export default ";
/** What one for `require` begins with. */
const COMMON_JS = '"use strict";\nObject.defineProperty(exports, "__esModule", { value: true });\n';

/** What lies beside the scripts, for the runtimes that compile it. */
const WASM = ["hookseal", ...CORES.map(({ name }) => name)];

/** The small core is not behind the interface of the whole one, and not in frameworks for Node alone. */
const smallNative = {
  name: "small-native",
  setup({ onResolve }) {
    onResolve({ filter: /\/(native|raw-body)\.js$/ }, ({ path }) => ({
      path: join(here, `js/lite-${path.split("/").at(-1).replace(".js", ".ts")}`),
    }));
  },
};

/** The errors that every small core and their face give. */
const LITE_CODES = new Set([
  "body_not_raw",
  "header_too_long",
  "invalid_argument",
  "invalid_config",
  "invalid_payload",
  "invalid_scheme",
  "invalid_secret",
  "malformed_header",
  "malformed_timestamp",
  "malformed_url",
  "missing_header",
  "no_match",
  "timestamp_too_new",
  "timestamp_too_old",
  "too_many_signatures",
  "unsupported_signature",
]);
/** What a small core means by a scheme that is not well-formed: its schemes are compiled, and were checked. */
const UNREAD = {
  meaning: "The scheme needs the whole core, or is of another version.",
  hint: 'use the whole core: `import { Webhook } from "@hookseal/edge"`',
};
/** Those that the larger of the small cores gives besides. */
const BROAD_CODES = new Set(["claim_mismatch", "malformed_body", "missing_config", "missing_value"]);

const root = resolve(here, "..");
const target = resolve(root, process.env.CARGO_TARGET_DIR ?? "target");
process.chdir(here);
for (const folder of ["dist", "out"]) rmSync(folder, { recursive: true, force: true });
mkdirSync("dist");

buildWasm();
copyFileSync("out/hookseal_wasm.d.ts", "native.d.ts");
copyFileSync("out/hookseal_wasm_bg.wasm", "dist/hookseal.wasm");

for (const core of CORES) buildCore(core);
const compiled = writeErrors();

const entries = ["index", "index.workerd", "index.edge-light", "slim", "lite"];
const cores = CORES.flatMap(({ name }) => [name, `${name}.workerd`, `${name}.edge-light`]);
for (const entry of [...entries, ...cores]) await bundle(entry, "esm", ".js");
for (const entry of ["index", "slim", "lite", ...CORES.map(({ name }) => name)]) await bundle(entry, "cjs", ".cjs");
await writeSchemes(compiled);

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

writeSchemeTypes(Object.keys(compiled));

/** A small core: without names, panics and whatever only they need. */
function buildCore({ name, features: also }) {
  const wasm = ["--package", "hookseal-engine", ...also, "--target", "wasm32-unknown-unknown", "--profile", "edge"];
  const env = cargoEnv("-Cllvm-args=-inline-threshold=5");
  execFileSync("cargo", ["build", ...wasm], { stdio: "inherit", env });
  const built = join(target, "wasm32-unknown-unknown/edge/hookseal_engine.wasm");
  writeFileSync(`out/${name}.trimmed.wasm`, trim(readFileSync(built)));
  const features = FEATURES.map((feature) => `--enable-${feature}`);
  const strip = ["--strip-debug", "--strip-producers", "--strip-target-features"];
  const files = [`out/${name}.trimmed.wasm`, "-o", `dist/${name}.wasm`];
  run(process.execPath, "node_modules/.bin/wasm-opt", ...PASSES, ...features, ...strip, ...files);
  copyFileSync(`dist/${name}.wasm`, `out/${name}.wasm`);
}

/** Writes what the face of the small core reads of the table of errors; gives the compiled schemes by id. */
function writeErrors() {
  const printed = execFileSync(join(target, "tool/wasm-schemes"), { maxBuffer: 2 ** 24 });
  const { schemes, errors } = JSON.parse(printed);
  const rows = errors.map(({ code, httpStatus, ...row }, number) => {
    const { meaning, hint } = code === "invalid_scheme" ? UNREAD : row;
    return [number, code, httpStatus, meaning, hint];
  });
  const of = (codes) => JSON.stringify(rows.filter(([, code]) => codes.has(code)));
  writeFileSync("out/errors.js", `export default ${of(LITE_CODES)};\n`);
  writeFileSync("dist/broad-errors.js", `export default ${of(BROAD_CODES)};\n`);
  writeFileSync("dist/broad-errors.cjs", `module.exports = ${of(BROAD_CODES)};\n`);
  return schemes;
}

/** Schemes as modules, each with the first core that reads it; all of them with the one that reads most. */
async function writeSchemes(schemes) {
  const lite = await import(resolve("dist/lite.js"));
  const modules = CORES.map(({ name }) => new WebAssembly.Module(readFileSync(`dist/${name}.wasm`)));
  const isReadBy = (core, text) => {
    try {
      new lite.Webhook({ core, text }, "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE");
    } catch (error) {
      return error.code !== "invalid_scheme";
    }
    return true;
  };
  const [smallest, largest] = CORES;
  const coreOf = (text) => CORES.find((_, index) => isReadBy(modules[index], text));
  mkdirSync("dist/schemes");
  const read = {};
  for (const [id, compiled] of Object.entries(schemes)) {
    const core = coreOf(compiled);
    // What none of them reads is refused without it, too.
    const text = (read[id] = core ? compiled : "");
    const scheme = `{ core, text: ${JSON.stringify(text)}${core === largest ? ", errors" : ""} }`;
    writeScheme(id, core ?? smallest, (name) => `${name}${scheme};\n`);
  }
  const texts = `/* @__PURE__ */ Object.entries(${JSON.stringify(read)})`;
  const all = `/* @__PURE__ */ Object.fromEntries(${texts}.map(([id, text]) => [id, { core, text, errors }]))`;
  writeScheme("index", largest, (name) => `${name === DEFAULT ? "export const schemes" : "exports.schemes"} = ${all};\n`);
}

/** A module of schemes as `import` takes it, and as `require` does. */
function writeScheme(id, { name, features }, exporting) {
  const errors = features.length > 0 ? "../broad-errors" : undefined;
  const imports = [`import core from "#${name}-core";\n`, errors && `import errors from "${errors}.js";\n`];
  writeFileSync(`dist/schemes/${id}.js`, imports.join("") + exporting(DEFAULT));
  const requires = [`const core = require("#${name}-core").default;\n`, errors && `const errors = require("${errors}.cjs");\n`];
  writeFileSync(`dist/schemes/${id}.cjs`, `${COMMON_JS}${requires.join("")}${exporting("exports.default = ")}`);
}

/** The types of schemes, of one and of all; beside them those of the wasm, as bundlers and workerd give it. */
function writeSchemeTypes(ids) {
  const named = ids.map((id) => JSON.stringify(id)).join(" | ");
  for (const folder of ["types", "dist/cjs"]) {
    const types = '// Written by `npm run build`.\nimport type { CompiledScheme } from "./lite.js";\n';
    writeFileSync(`${folder}/scheme.d.ts`, `${types}declare const scheme: CompiledScheme;\nexport default scheme;\n`);
    const all = `export declare const schemes: Readonly<Record<${named}, CompiledScheme>>;\n`;
    writeFileSync(`${folder}/schemes.d.ts`, types + all);
    const wasm = "declare const module: WebAssembly.Module;\nexport default module;\n";
    writeFileSync(`${folder}/wasm.d.ts`, `// Written by \`npm run build\`.\n${wasm}`);
  }
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
    external: WASM.flatMap((name) => [`./${name}.wasm`, `./${name}.wasm?module`]),
    // What is required does not know where it is: `slim` fetches from beside the page.
    define: format === "cjs" ? { "import.meta.url": "location.href" } : {},
    plugins: entry === "lite" ? [smallNative] : [],
    logLevel: "warning",
  });
}

function run(program, ...args) {
  execFileSync(program, args, { stdio: "inherit" });
}
