import { copyFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";

/**
 * Bundles the declarations that the compiler wrote: one file per entry in `types`, which is committed, and a copy of it in
 * `dist/cjs`, because what `require` gives has other types than what `import` gives. Adapters import the face by the name
 * of the package, so that their events are those of it. What is there for the compiler only is exported as a type, which the
 * bundler forgets: who imports a class expects to find one.
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
    const values = await valuesOf(rolldown, input.replace("out/types", "..").replace(/\.d\.ts$/, ".ts"));
    const typed = code
      .replace(OF_THE_BUNDLER, "")
      .replace(EXPORTED, (_, names) => exporting(names.split(", "), values));
    writeFileSync(`types/${entry}.d.ts`, `${HEADER}${typed.trimEnd()}\n`);
    copyFileSync(`types/${entry}.d.ts`, `dist/cjs/${entry}.d.ts`);
  }
  writeFileSync("dist/cjs/package.json", '{ "type": "commonjs" }\n');
}

/** What a module exports when it runs. */
async function valuesOf(rolldown, input) {
  const resolve = { extensionAlias: { ".js": [".ts", ".js"] } };
  const bundle = await rolldown({ input, external: /^[^./]|\.cjs$|\.wasm$/, resolve, logLevel: "silent" });
  const [{ exports }] = (await bundle.generate({ format: "es" })).output;
  await bundle.close();
  return new Set(exports);
}

function exporting(names, values) {
  const types = names.filter((name) => !values.has(name)).map((name) => name.replace(/^type /, ""));
  const others = names.filter((name) => values.has(name));
  return `export { ${others.join(", ")} };\nexport type { ${types.join(", ")} };`;
}

const HEADER = "// Written by `npm run build` from the sources in TypeScript.\n";
/** Where a part comes from. */
const OF_THE_BUNDLER = /^\/\/(#(end)?region.*| .*\.d\.ts)\n/gm;
/** The list at the end. */
const EXPORTED = /^export \{ (.*) \};$/m;
