// Where the addon cannot be loaded, WebAssembly takes its place: by itself, and with the same results.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL("..", import.meta.url));
const shared = new URL("../../bindings-js/test/", import.meta.url);
const addon = readdirSync(here).find((name) => name.endsWith(".node"));
const folder = mkdtempSync(join(tmpdir(), "hookseal-"));
after(() => rmSync(folder, { recursive: true }));

/** The package without its addon, or with `content` in its place, installed in a project. */
function project(name, content) {
  const root = join(folder, name);
  const to = join(root, "node_modules/hookseal");
  mkdirSync(to, { recursive: true });
  cpSync(join(here, "package.json"), join(to, "package.json"));
  cpSync(join(here, "dist"), join(to, "dist"), { recursive: true });
  if (content !== undefined) writeFileSync(join(to, addon), content);
  return root;
}

function run(cwd, type, code, env = {}) {
  const options = { cwd, encoding: "utf8", env: { ...process.env, HOOKSEAL_CORE: "", ...env } };
  const { status, stdout, stderr } = spawnSync(process.execPath, [`--input-type=${type}`, "--eval", code], options);
  return { status, stdout: stdout.trim(), stderr };
}

const WHICH = {
  module: 'import { core } from "hookseal"; console.log(core);',
  commonjs: 'console.log(require("hookseal").core);',
};

for (const [type, load] of Object.entries({ module: 'await import("hookseal")', commonjs: 'require("hookseal")' })) {
  test(`without the addon all vectors pass (${type})`, () => {
    const code = `(async () => {
      const { runAll } = await import(${JSON.stringify(new URL("conformance.mjs", shared).href)});
      const { loadVectors } = await import(${JSON.stringify(new URL("vectors.mjs", shared).href)});
      const hookseal = ${load};
      console.log(JSON.stringify({ core: hookseal.core, ...runAll(hookseal, loadVectors()) }));
    })();`;
    const { stdout, stderr } = run(project(`without-${type}`), type, code);
    assert.notEqual(stdout, "", stderr);
    const { core, passed, failures } = JSON.parse(stdout);
    assert.deepEqual([core, failures], ["wasm", []]);
    assert.ok(passed > 2000, `${passed} vectors`);
  });

  test(`the reason is told once, and only to who did not choose it (${type})`, () => {
    const absent = run(project(`absent-${type}`), type, WHICH[type]);
    assert.deepEqual([absent.status, absent.stdout], [0, "wasm"]);
    assert.match(absent.stderr, /HOOKSEAL_WASM.*cannot be loaded on .*it is not installed/);
    assert.equal(absent.stderr.match(/HOOKSEAL_WASM/g).length, 1);
    const broken = run(project(`broken-${type}`, "not a library"), type, WHICH[type]);
    assert.deepEqual([broken.status, broken.stdout], [0, "wasm"]);
    assert.match(broken.stderr, /HOOKSEAL_WASM/);
    const chosen = run(join(folder, `absent-${type}`), type, WHICH[type], { HOOKSEAL_CORE: "wasm" });
    assert.deepEqual(chosen, { status: 0, stdout: "wasm", stderr: "" });
  });
}

test("HOOKSEAL_CORE asks for a core, and is refused what there is not", () => {
  for (const wanted of ["native", "wasm"]) {
    assert.equal(run(here, "commonjs", WHICH.commonjs, { HOOKSEAL_CORE: wanted }).stdout, wanted);
  }
  const without = run(project("refused"), "commonjs", WHICH.commonjs, { HOOKSEAL_CORE: "native" });
  assert.equal(without.status, 1);
  assert.match(without.stderr, /Error: the native addon of hookseal cannot be loaded/);
  const unknown = run(here, "commonjs", WHICH.commonjs, { HOOKSEAL_CORE: "rust" });
  assert.match(unknown.stderr, /HOOKSEAL_CORE takes `native` or `wasm`, got `rust`/);
});

test("what is imported and what is required share one core", () => {
  const code = `import { createRequire } from "node:module";
    import { core } from "hookseal";
    console.log(core, createRequire(process.cwd() + "/x")("hookseal").core);`;
  assert.deepEqual(run(here, "module", code), { status: 0, stdout: "native native", stderr: "" });
});
