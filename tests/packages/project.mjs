/** A project outside the source tree, with the packages as they are published: packed, and installed from the archives. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
const repository = join(here, "../..");
/** Below this folder, so that the tools that are installed here are found; the packages are not. */
export const root = join(here, "out");
/** The archives by name of the package. */
export const archives = {};

/** Packs and installs; again for each run, since the sources may have changed. */
export function install() {
  rmSync(root, { recursive: true, force: true });
  mkdirSync(root);
  const packs = join(root, "packs");
  npmRun(process.execPath, [join(repository, "bindings-node/pack.mjs"), packs], root);
  npmRun("npm", ["pack", "--silent", "--pack-destination", packs], join(repository, "bindings-wasm"));
  const found = readdirSync(packs).sort();
  archives.edge = join(packs, found.find((name) => name.startsWith("hookseal-edge")));
  archives.node = join(packs, found.find((name) => /^hookseal-\d/.test(name)));
  archives.addon = join(packs, found.find((name) => name.startsWith("hookseal-node-")));
  write("package.json", '{ "private": true }');
  const quiet = ["--offline", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  npmRun("npm", ["install", ...quiet, ...Object.values(archives)], root);
}

/** Writes a file of the project. */
export function write(name, content) {
  mkdirSync(dirname(join(root, name)), { recursive: true });
  writeFileSync(join(root, name), content);
  return join(root, name);
}

/** Runs a program in the project; what it prints, or an error with that. */
export function run(program, args, { cwd = root, env = {}, timeout = 240_000 } = {}) {
  const options = { cwd, encoding: "utf8", timeout, env: { ...process.env, NO_COLOR: "1", ...env } };
  const { status, stdout, stderr, error } = spawnSync(program, args, options);
  if (status === 0) return stdout.trim();
  throw new Error(`${[program, ...args].join(" ")}: ${error?.message ?? `exit code ${status}`}\n${stdout}\n${stderr}`);
}

/** A tool that is installed here. */
export function tool(name, ...args) {
  return run(process.execPath, [join(here, "node_modules/.bin", name), ...args]);
}

function npmRun(program, args, cwd) {
  execFileSync(program, args, { cwd, stdio: ["ignore", "ignore", "inherit"] });
}
