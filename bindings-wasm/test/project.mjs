/** A project of its own in a temporary folder, with the package installed as its files list says. */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";
import { cases } from "../../bindings-js/test/conformance.mjs";
import { loadVectors } from "../../bindings-js/test/vectors.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));

export function makeProject() {
  const folder = mkdtempSync(join(tmpdir(), "hookseal-edge-"));
  const installed = join(folder, "node_modules/@hookseal/edge");
  mkdirSync(installed, { recursive: true });
  for (const part of ["package.json", "dist"])
    cpSync(join(here, "..", part), join(installed, part), { recursive: true });
  cpSync(join(here, "runtimes"), folder, { recursive: true });
  cpSync(join(here, "../../bindings-js/test/conformance.mjs"), join(folder, "conformance.mjs"));
  cpSync(join(here, "lite-vectors.mjs"), join(folder, "lite-vectors.mjs"));
  bundleClient(folder);
  const vectors = loadVectors();
  writeFileSync(join(folder, "vectors.mjs"), `export default ${JSON.stringify(vectors)};\n`);
  writeFileSync(join(folder, "package.json"), '{ "type": "module", "dependencies": { "@hookseal/edge": "*" } }\n');
  const total = [...cases({}, vectors)].length;
  return { folder, total, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** The clients as a deployment tool bundles them for workerd, the wasm beside the script. */
function bundleClient(folder) {
  buildSync({
    stdin: { contents: 'export * from "@hookseal/edge/client";', resolveDir: folder },
    outfile: join(folder, "client.workerd.js"),
    bundle: true,
    format: "esm",
    conditions: ["workerd"],
    external: ["./hookseal.wasm"],
    logLevel: "warning",
  });
}

/** A runtime's own program, which its npm package brings in a package per platform. */
export function program(scope, path) {
  const folder = join(here, "../node_modules", scope);
  const [platform] = readdirSync(folder).filter((name) =>
    /-(linux|darwin|win32|windows)|^(linux|darwin|win32)/.test(name),
  );
  if (!platform) throw new Error(`${scope} brought no program for this platform: run npm ci again`);
  return join(folder, platform, path);
}
