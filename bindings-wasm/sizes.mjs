// What a bundle with this package weighs, made as a deployment makes it: esbuild, minified; wasm and script together.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { build } from "esbuild";

const here = fileURLToPath(new URL(".", import.meta.url));

const ONE = `import { Webhook } from "@hookseal/edge/lite";
  import scheme from "@hookseal/edge/schemes/stripe";
  export const verify = (body, headers, secret) => new Webhook(scheme, secret).verify(body, headers);`;
const OTHER = ONE.replace("stripe", "gitlab");
const ALL = `import { Webhook } from "@hookseal/edge/lite";
  import { schemes } from "@hookseal/edge/schemes";
  export const verify = (name, body, headers, secret) => new Webhook(schemes[name], secret).verify(body, headers);`;
const WHOLE = `export * from "@hookseal/edge";`;

/** The largest each may be, in bytes of gzip. */
export const BUDGETS = { one: 20_480, "one of the others": 24_600, all: 30_250, "one, wasm inside": 25_200 };

/** Rows of name, raw, gzip and brotli; the parts of one provider's bundle among them. */
export async function sizes() {
  const small = readFileSync(`${here}dist/small.wasm`);
  const broad = readFileSync(`${here}dist/broad.wasm`);
  const one = await bundle(ONE, "workerd");
  return [
    row("small.wasm", small),
    row("broad.wasm", broad),
    row("script of one", one),
    row("one", small, one),
    row("one of the others", broad, await bundle(OTHER, "workerd")),
    row("all", broad, await bundle(ALL, "workerd")),
    row("one, wasm inside", await bundle(ONE, "import")),
    row("the whole package", readFileSync(`${here}dist/hookseal.wasm`), await bundle(WHOLE, "workerd")),
  ];
}

/** Files are compressed each for itself, as they are served. */
function row(name, ...files) {
  const sum = (size) => files.reduce((total, file) => total + size(file), 0);
  return {
    name,
    raw: sum((file) => file.length),
    gzip: sum((file) => gzipSync(file, { level: 9 }).length),
    brotli: sum((file) => brotliCompressSync(file, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }).length),
  };
}

async function bundle(contents, condition) {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: here },
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    conditions: [condition],
    external: ["*.wasm"],
    write: false,
    logLevel: "warning",
  });
  return outputFiles[0].contents;
}
