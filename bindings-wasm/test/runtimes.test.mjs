// The vectors in the runtimes that the package is for: the real programs, offline. Not starting is failing.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createReadStream, mkdirSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join } from "node:path";
import { createInterface } from "node:readline";
import { pipeline } from "node:stream/promises";
import { text } from "node:stream/consumers";
import { after, test } from "node:test";
import * as lite from "@hookseal/edge/lite";
import { schemes } from "@hookseal/edge/schemes";
import { cases } from "../../bindings-js/test/conformance.mjs";
import { loadVectors } from "../../bindings-js/test/vectors.mjs";
import { liteVectors } from "./lite-vectors.mjs";
import { makeProject, program } from "./project.mjs";

const { folder, total, remove } = makeProject();
after(remove);

const limit = { timeout: 120_000 };

for (const [config, how] of Object.entries({ config: "alone", withNode: "with Node's modules" })) {
  test(`all vectors pass in workerd ${how}, in the whole core and in the small ones; so does the client`, limit, async () => {
    const workerd = start(program("@cloudflare", "bin/workerd"), ["serve", "workerd.capnp", config, "--control-fd=3"], {
      stdio: ["ignore", "inherit", "inherit", "pipe"],
    });
    try {
      const port = await Promise.race([listening(workerd.stdio[3]), gone(workerd)]);
      const response = await fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(30_000) });
      const { files } = liteVectors(lite, schemes, loadVectors());
      // The small core's twice: all schemes in one module, and each in its own.
      judge(await response.json(), total + 2 * [...cases({}, files)].length);
    } finally {
      await stop(workerd);
    }
  });
}

test("all vectors and the client pass in Deno, without permissions", limit, async () => {
  const env = { DENO_DIR: join(folder, "deno"), DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1" };
  const args = ["run", "--no-prompt", "--no-remote", "--cached-only", "--node-modules-dir=manual", "report.mjs"];
  judge(JSON.parse(await output(program("@deno", "deno"), args, env)));
});

test("all vectors and the client pass in Bun", limit, async () => {
  const env = { BUN_INSTALL: join(folder, "bun"), DO_NOT_TRACK: "1" };
  judge(JSON.parse(await output(program("@oven", "bin/bun"), ["run", "--no-install", "report.mjs"], env)));
});

test("all vectors and the client pass in Chromium, with the wasm inside and fetched", limit, async () => {
  let answered;
  const report = new Promise((resolve) => (answered = resolve));
  const server = createServer(async (request, response) => {
    if (request.method === "POST") {
      answered(JSON.parse(await text(request)));
      response.end();
      return;
    }
    const path = request.url === "/" ? "/page.html" : request.url;
    response.setHeader("content-type", TYPES[extname(path)] ?? "text/plain");
    // What a careful site sends: the package needs no `unsafe-eval`.
    response.setHeader("content-security-policy", "script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval'");
    await pipeline(createReadStream(join(folder, path)), response).catch(() => response.writeHead(404).end());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  mkdirSync(join(folder, "chromium"));
  const chromium = start(
    process.env.CHROMIUM ?? "chromium",
    [...CHROMIUM_FLAGS, `http://127.0.0.1:${server.address().port}/`],
    {
      stdio: "ignore",
    },
  );
  try {
    judge(await Promise.race([report, gone(chromium)]));
  } finally {
    await stop(chromium);
    server.closeAllConnections();
    server.close();
  }
});

const TYPES = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".wasm": "application/wasm",
};

const CHROMIUM_FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  `--user-data-dir=${join(folder, "chromium")}`,
];

function judge({ passed, failures }, expected = total) {
  assert.deepEqual(failures, []);
  assert.equal(passed, expected);
}

/** A program in a process group of its own, so that what it starts is stopped with it. */
function start(path, args, options) {
  return spawn(path, args, { cwd: folder, detached: true, ...options });
}

async function stop(child) {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  process.kill(-child.pid, "SIGKILL");
  await once(child, "exit");
}

/** Rejects when the program cannot be started or ends by itself. */
async function gone(child) {
  const [code] = await once(child, "exit"); // rejects on "error"
  throw new Error(`${child.spawnfile} ended with code ${code} before it answered`);
}

async function output(path, args, env) {
  const child = start(path, args, { env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "inherit"] });
  const [printed, [code]] = await Promise.all([text(child.stdout), once(child, "exit")]);
  assert.equal(code, 0, `${path} ended with code ${code}`);
  return printed;
}

/** The port that workerd reports once it listens. */
async function listening(control) {
  for await (const line of createInterface({ input: control })) {
    const { event, port } = JSON.parse(line);
    if (event === "listen") return port;
  }
  throw new Error("workerd closed its control channel before it listened");
}
