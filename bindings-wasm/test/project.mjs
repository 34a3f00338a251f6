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
  bundleForWorkerd(folder, "client", 'export * from "@hookseal/edge/client";');
  bundleForWorkerd(folder, "lite", liteModule(readdirSync(join(installed, "dist/schemes"))));
  const vectors = loadVectors();
  writeFileSync(join(folder, "vectors.mjs"), `export default ${JSON.stringify(vectors)};\n`);
  writeFileSync(join(folder, "package.json"), '{ "type": "module", "dependencies": { "@hookseal/edge": "*" } }\n');
  const total = [...cases({}, vectors)].length;
  return { folder, total, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** The lite entry with all schemes, and each scheme as its own module has it. */
function liteModule(files) {
  const ids = files.flatMap((name) => /^(.*)\.js$/.exec(name)?.[1] ?? []).filter((id) => id !== "index");
  const imports = ids.map((id, number) => `import _${number} from "@hookseal/edge/schemes/${id}";`);
  const entries = ids.map((id, number) => `${JSON.stringify(id)}: _${number}`);
  return `export * as lite from "@hookseal/edge/lite"; export { schemes } from "@hookseal/edge/schemes";
${imports.join("\n")}
export const modules = { ${entries.join(", ")} };`;
}

/** A part of the package as a deployment tool bundles it for workerd, the wasm beside the script. */
function bundleForWorkerd(folder, name, contents) {
  buildSync({
    stdin: { contents, resolveDir: folder },
    outfile: join(folder, `${name}.workerd.js`),
    bundle: true,
    format: "esm",
    conditions: ["workerd"],
    external: ["*.wasm"],
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
