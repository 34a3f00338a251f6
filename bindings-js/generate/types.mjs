import { copyFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";

/**
 * Bundles the declarations that the compiler wrote: one file per entry in `types`, which is committed, and a copy of it in
 * `dist/cjs`, because what `require` gives has other types than what `import` gives. Adapters import the face by the name
 * of the package, so that their events are those of it.
 *
 * `rolldown` and `dts` are the bundler and its plugin, which each package has for itself; `entries` are files by names, of
 * which `index` is the face.
 */
export async function bundleTypes(rolldown, dts, { name, entries }) {
  for (const folder of ["types", "dist/cjs"]) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
  }
  const face = {
    name: "face",
    resolveId: (id) => (id.endsWith("/index.js") ? { id: name, external: true } : undefined),
  };
  for (const [entry, input] of Object.entries(entries)) {
    const plugins = [...(entry === "index" ? [] : [face]), dts({ dtsInput: true, tsconfig: false })];
    const bundle = await rolldown({ input: { [entry]: input }, external: /^[^./]/, plugins });
    const [{ code }] = (await bundle.generate({ format: "es" })).output;
    await bundle.close();
    writeFileSync(`types/${entry}.d.ts`, `${HEADER}${code.replace(OF_THE_BUNDLER, "").trimEnd()}\n`);
    copyFileSync(`types/${entry}.d.ts`, `dist/cjs/${entry}.d.ts`);
  }
  writeFileSync("dist/cjs/package.json", '{ "type": "commonjs" }\n');
}

const HEADER = "// Written by `npm run build` from the sources in TypeScript.\n";
/** Where a part comes from. */
const OF_THE_BUNDLER = /^\/\/(#(end)?region.*| .*\.d\.ts)\n/gm;
