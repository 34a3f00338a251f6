/** A worker in workerd, and the time it takes, which is measured from outside: its own clock stands still. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { program } from "../test/project.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));

/** The oldest and least that is to be reckoned with. */
const OLD = 'compatibilityDate = "2023-01-01"';
/** With Node's modules, as many projects are set up. */
export const NODEJS_COMPAT = 'compatibilityDate = "2024-09-23", compatibilityFlags = ["nodejs_compat"]';

/** Bundles a worker as it is deployed, wasm files beside the script; gives its folder. */
export async function bundleWorker(stdin, wasm, compatibility = OLD) {
  const folder = mkdtempSync(join(tmpdir(), "hookseal-bench-"));
  await build({
    stdin: { contents: stdin, resolveDir: here },
    outfile: join(folder, "worker.js"),
    bundle: true,
    format: "esm",
    conditions: ["workerd"],
    external: ["*.wasm"],
    logLevel: "warning",
  });
  for (const name of wasm) copyFileSync(join(here, "../dist", name), join(folder, name));
  const modules = wasm.map((name) => `(name = "${name}", wasm = embed "${name}"),`).join("\n");
  writeFileSync(
    join(folder, "worker.capnp"),
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = (
    modules = [(name = "worker", esModule = embed "worker.js"), ${modules}],
    ${compatibility},
  ))],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
`,
  );
  return { folder, remove: () => rmSync(folder, { recursive: true }) };
}

/** Runs the worker of a folder while `use` asks it. */
export async function serving(folder, use) {
  const workerd = spawn(program("@cloudflare", "bin/workerd"), ["serve", "worker.capnp", "--control-fd=3"], {
    cwd: folder,
    stdio: ["ignore", "inherit", "inherit", "pipe"],
  });
  try {
    const port = await listening(workerd.stdio[3]);
    const ask = async (query) => {
      const response = await fetch(`http://127.0.0.1:${port}/?${new URLSearchParams(query)}`);
      const answer = await response.text();
      if (!response.ok) throw new Error(answer);
    };
    return await use(ask, () => millisOf(workerd.pid));
  } finally {
    workerd.kill();
    await once(workerd, "exit");
  }
}

/** The processor's time of a process where the system tells it to the nanosecond, which others cannot add to; or the clock. */
function millisOf(pid) {
  try {
    const threads = readdirSync(`/proc/${pid}/task`);
    const nanos = threads.map((thread) => Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8").split(" ")[0]));
    return nanos.reduce((sum, one) => sum + one, 0) / 1e6;
  } catch {
    return performance.now();
  }
}

async function listening(control) {
  for await (const line of createInterface({ input: control })) {
    const { event, port } = JSON.parse(line);
    if (event === "listen") return port;
  }
  throw new Error("workerd closed its control channel before it listened");
}
