/** Bundles an example for a runtime that takes one script, and its wasm as the runtime wants it. */
import { createRequire } from "node:module";
import { join } from "node:path";
import { ROOT } from "./project.mjs";

const { build } = createRequire(join(ROOT, "bindings-wasm/package.json"))("esbuild");

/** As wrangler: the wasm is a file beside the script. */
export async function forWorkers(project, entry, outdir) {
  await build({
    entryPoints: [join(project, entry)],
    outdir,
    bundle: true,
    format: "esm",
    conditions: ["workerd"],
    external: ["node:*"],
    loader: { ".wasm": "copy" },
    assetNames: "[name]",
    logLevel: "warning",
  });
}

/** As Vercel: the wasm is compiled beforehand; `globalThis.compiledWasm` is what the import gives. */
export async function forVercel(project, code) {
  const compiled = {
    name: "compiled",
    setup({ onLoad, onResolve }) {
      onResolve({ filter: /\.wasm\?module$/ }, ({ path }) => ({ path, namespace: "compiled" }));
      onLoad({ filter: /^/, namespace: "compiled" }, () => ({ contents: "export default globalThis.compiledWasm;" }));
    },
  };
  const { outputFiles } = await build({
    stdin: { contents: code, resolveDir: project },
    bundle: true,
    format: "iife",
    conditions: ["edge-light"],
    write: false,
    plugins: [compiled],
    logLevel: "warning",
  });
  return outputFiles[0].text;
}
