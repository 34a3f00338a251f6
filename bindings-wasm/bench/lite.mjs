// `npm run bench:lite`: the lite entry in Node and in workerd, against the pure JavaScript library and the platform.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { program } from "../test/project.mjs";
import { contenders, SIZES } from "./contenders.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const ROUNDS = 15;
/** How long one sample takes, in milliseconds: much longer than what is around it. */
const SAMPLE = 40;

const CONFIG = `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = (
    modules = [
      (name = "worker", esModule = embed "worker.js"),
      (name = "engine.wasm", wasm = embed "engine.wasm"),
    ],
    compatibilityDate = "2023-01-01",
  ))],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
`;

const names = Object.keys(await contenders(SIZES[0]));
const inNode = await Promise.all(SIZES.map((size) => contenders(size)));
await measure("Node", async (name, size, times) => {
  const start = performance.now();
  await inNode[size][name](times);
  return performance.now() - start;
});
await inWorkerd((run) => measure("workerd", run));

/** Prints a table of medians in microseconds, and what they are of the others' time. */
async function measure(runtime, run) {
  for (const [index, size] of SIZES.entries()) {
    const samples = Object.fromEntries(names.map((name) => [name, []]));
    const times = {};
    for (const name of names) {
      let count = 20;
      while ((await run(name, index, count)) < SAMPLE) count *= 2;
      times[name] = count;
    }
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const name of names) samples[name].push((await run(name, index, times[name])) / times[name]);
    }
    const median = (name) => samples[name].sort((a, b) => a - b)[ROUNDS >> 1] * 1000;
    const row = names.map((name) => `${name} ${median(name).toFixed(2)} µs`).join(", ");
    const best = Math.min(median("lite verify"), median("lite verifyAsync"));
    const ratio = (name) => `${(median(name) / best).toFixed(2)} × as fast as ${name}`;
    const others = ["standardwebhooks", "bare crypto.subtle", "crypto.subtle and JSON"];
    console.log(`${runtime}, ${size} bytes: ${row}\n  lite is ${others.map(ratio).join(", ")}`);
  }
}

async function inWorkerd(use) {
  const folder = mkdtempSync(join(tmpdir(), "hookseal-bench-"));
  await build({
    entryPoints: [join(here, "worker.mjs")],
    outfile: join(folder, "worker.js"),
    bundle: true,
    format: "esm",
    conditions: ["workerd"],
    external: ["*.wasm"],
    logLevel: "warning",
  });
  copyFileSync(join(here, "../dist/engine.wasm"), join(folder, "engine.wasm"));
  writeFileSync(join(folder, "bench.capnp"), CONFIG);
  const workerd = spawn(program("@cloudflare", "bin/workerd"), ["serve", "bench.capnp", "--control-fd=3"], {
    cwd: folder,
    stdio: ["ignore", "inherit", "inherit", "pipe"],
  });
  try {
    const port = await listening(workerd.stdio[3]);
    await use(async (name, size, times) => {
      const start = performance.now();
      const query = new URLSearchParams({ name, size, times });
      const response = await fetch(`http://127.0.0.1:${port}/?${query}`);
      if ((await response.text()) !== "done") throw new Error(`${name} failed in workerd`);
      return performance.now() - start;
    });
  } finally {
    workerd.kill();
    await once(workerd, "exit");
    rmSync(folder, { recursive: true });
  }
}

async function listening(control) {
  for await (const line of createInterface({ input: control })) {
    const { event, port } = JSON.parse(line);
    if (event === "listen") return port;
  }
  throw new Error("workerd closed its control channel before it listened");
}
