// Starts the three receivers: our packages in Node, in Python and in the workers runtime.

import { writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { start } from "./process.mjs";

const file = (name) => fileURLToPath(new URL(`receivers/${name}`, import.meta.url));

/** By name: how to start the receiver with `demo` ({ port, secrets, busy }). */
export const receivers = {
  node: (demo) =>
    start("the Node receiver", process.execPath, [file("node.mjs")], {
      env: { DEMO: JSON.stringify(demo) },
      ready: /ready/,
    }),
  python: (demo) =>
    start("the Python receiver", process.env.PYTHON ?? "python3", [file("python.py")], {
      env: { DEMO: JSON.stringify(demo) },
      ready: /ready/,
    }),
  workerd: startWorkerd,
};

async function startWorkerd(demo, folder) {
  // As a deployment tool does it: one module, with the WebAssembly beside it.
  const { outputFiles } = await build({
    entryPoints: [file("worker.mjs")],
    bundle: true,
    format: "esm",
    conditions: ["workerd", "worker"],
    loader: { ".wasm": "copy" },
    assetNames: "[name]",
    outdir: folder,
    write: false,
  });
  const modules = [];
  for (const { path, contents } of outputFiles) {
    await writeFile(path, contents);
    const name = path.slice(folder.length + 1);
    modules.push({ name, kind: name.endsWith(".wasm") ? "wasm" : "esModule" });
  }
  modules.sort((a, b) => Number(b.kind === "esModule") - Number(a.kind === "esModule"));
  const config = join(folder, "config.capnp");
  await writeFile(config, capnp(demo, modules));
  const { default: workerd } = createRequire(import.meta.url)("workerd");
  await start("the workerd receiver", workerd, ["serve", config], {});
  await untilItAnswers(`http://127.0.0.1:${demo.port}/`);
}

function capnp(demo, modules) {
  const embeds = modules.map(({ name, kind }) => `(name = "${name}", ${kind} = embed "${name}")`).join(", ");
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "receiver", worker = .receiver)],
  sockets = [(name = "http", address = "127.0.0.1:${demo.port}", http = (), service = "receiver")]
);
const receiver :Workerd.Worker = (
  modules = [${embeds}],
  bindings = [(name = "DEMO", json = ${JSON.stringify(JSON.stringify({ secrets: demo.secrets, busy: demo.busy }))})],
  compatibilityDate = "2026-04-01"
);
`;
}

async function untilItAnswers(url) {
  const deadline = Date.now() + 20_000;
  for (;;) {
    try {
      return await fetch(url, { method: "POST" });
    } catch (error) {
      if (Date.now() > deadline) throw new Error(`nothing answers at ${url}: ${error.cause?.message ?? error.message}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}
