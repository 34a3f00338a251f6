/** An example as a project of its own in a temporary folder, with the packages installed as npm would publish them. */
import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

export const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const run = promisify(execFile);

/** Packs both packages; `projectOf` makes projects with them, `remove` removes everything. */
export async function packed() {
  const folder = mkdtempSync(join(tmpdir(), "hookseal-examples-"));
  const tarballs = {};
  for (const [name, source] of [
    ["hookseal", "bindings-node"],
    ["@hookseal/edge", "bindings-wasm"],
  ]) {
    const into = join(folder, source);
    mkdirSync(into);
    await npm(join(ROOT, source), "pack", "--ignore-scripts", "--pack-destination", into);
    tarballs[name] = `file:${join(into, readdirSync(into)[0])}`;
  }
  return {
    /** Copies an example and installs it, with `others` in the versions that are said. */
    async projectOf(example, others = {}, name = example) {
      const project = join(folder, name);
      cpSync(join(ROOT, "examples", example), project, { recursive: true });
      const manifest = JSON.parse(readFileSync(join(project, "package.json"), "utf8"));
      for (const dependency of Object.keys(manifest.dependencies)) {
        manifest.dependencies[dependency] = tarballs[dependency] ?? manifest.dependencies[dependency];
      }
      Object.assign(manifest.dependencies, others);
      delete manifest.devDependencies; // The compiler is ours.
      writeFileSync(join(project, "package.json"), JSON.stringify(manifest));
      await npm(project, "install", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline");
      return project;
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

export async function npm(cwd, ...args) {
  const env = { ...process.env, NEXT_TELEMETRY_DISABLED: "1", CI: "1" };
  try {
    return await run("npm", args, { cwd, env, maxBuffer: 2 ** 26, timeout: 500_000 });
  } catch (error) {
    throw new Error(`npm ${args.join(" ")} failed in ${cwd}:\n${error.stdout ?? ""}${error.stderr ?? ""}`, {
      cause: error,
    });
  }
}

/** Checks the types of `files`, those of ours (`types.*.ts`) among them. */
export async function typecheck(project, files, flags = ["--types", "node"]) {
  const strict = ["--noEmit", "--strict", "--allowJs", "--checkJs", "--target", "ES2022", "--module", "NodeNext"];
  const ours = files.filter((name) => name.startsWith("types."));
  for (const name of ours) cpSync(join(ROOT, "tests/examples/types", name.slice(6)), join(project, name));
  await compile(project, ...strict, ...flags, ...files);
}

/** Runs the compiler of the Node package in a project. */
export async function compile(project, ...args) {
  const tsc = join(ROOT, "bindings-node/node_modules/typescript/bin/tsc");
  try {
    await run(process.execPath, [tsc, ...args], { cwd: project });
  } catch (error) {
    throw new Error(`${project} does not type-check:\n${error.stdout}`, { cause: error });
  }
}
