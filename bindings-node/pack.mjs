// Packs what is published: of each addon that lies here a package for its platform and, last, the package itself, which
// has them as optional dependencies: npm installs the one that fits.
//
//   node pack.mjs FOLDER    prints the archives, in the order in which they are to be published
import { execFileSync } from "node:child_process";
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
const to = resolve(process.argv[2] ?? "out");
mkdirSync(to, { recursive: true });
const stage = mkdtempSync(join(tmpdir(), "hookseal-pack-"));

const manifest = JSON.parse(readFileSync(join(here, "package.json"), "utf8"));
const addons = readdirSync(here).filter((name) => name.endsWith(".node"));
if (addons.length === 0) throw new Error("there is no addon to pack: run `make node`");

const optionalDependencies = {};
for (const addon of addons) {
  // hookseal.linux-x64-gnu.node
  const platform = addon.split(".")[1];
  const name = `@hookseal/node-${platform}`;
  optionalDependencies[name] = manifest.version;
  pack(platform, platformManifest(name, platform, addon), [addon]);
}
const published = { ...manifest };
for (const ours of ["devDependencies", "napi", "overrides", "scripts"]) delete published[ours];
const files = manifest.files.filter((name) => !name.includes("*"));
pack("hookseal", { ...published, files, optionalDependencies }, [...files, "README.md"]);
rmSync(stage, { recursive: true });

function platformManifest(name, platform, addon) {
  const [os, cpu, abi] = platform.split("-");
  const libc = { gnu: ["glibc"], musl: ["musl"] }[abi];
  const { version, license, repository, homepage, engines } = manifest;
  const description = `The native addon of hookseal for ${platform}`;
  const main = addon;
  return { name, version, description, license, repository, homepage, os: [os], cpu: [cpu], libc, engines, main, files: [addon] };
}

function pack(folder, contents, names) {
  const root = join(stage, folder);
  mkdirSync(root);
  for (const name of ["LICENSE-APACHE", "LICENSE-MIT"]) copyFileSync(join(here, name), join(root, name));
  for (const name of names) cpSync(join(here, name), join(root, name), { recursive: true });
  writeFileSync(join(root, "package.json"), `${JSON.stringify(contents, null, 2)}\n`);
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  const packed = execFileSync(npm, ["pack", "--silent", "--pack-destination", to], { cwd: root, encoding: "utf8" });
  console.log(join(to, packed.trim().split("\n").at(-1)));
}
