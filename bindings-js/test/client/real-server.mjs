import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const BUILT = fileURLToPath(new URL("../../../target/debug/hookseal", import.meta.url));

/** Starts the server on a free port, in a folder of its own; `close` ends it and removes the folder. */
export async function realServer(...more) {
  const folder = await mkdtemp(join(tmpdir(), "hookseal-client-"));
  const apiKey = "hks_client_test_0123456789abcdef";
  const args = ["serve", "--listen", "127.0.0.1:0", "--data", folder, "--log", "error", "--allow-http"];
  args.push("--allow-network", "127.0.0.0/8", "--retry-delay-factor", "0", ...more);
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith("HOOKSEAL_"));
  const child = spawn(process.env.HOOKSEAL_BIN ?? BUILT, args, {
    env: { ...Object.fromEntries(inherited), HOOKSEAL_ADMIN_KEY: apiKey },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise((resolve) => child.once("close", resolve));
  const started = new Promise((resolve, reject) => {
    child.once("error", ({ message }) => reject(new Error(`${message}: build the server with scripts/build.sh server-debug`)));
    child.once("close", (code) => reject(new Error(`the server ended with ${code} before it was ready`)));
    createInterface({ input: child.stdout }).on("line", (line) => {
      const url = /listening on (http:\S+)/.exec(line)?.[1];
      if (url) resolve(url);
    });
  });
  const close = async () => {
    child.kill();
    const timer = setTimeout(() => child.kill("SIGKILL"), 5_000);
    await ended;
    clearTimeout(timer);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    return { url: await started, apiKey, close };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

/** Resolves when `read` gives something else than `undefined`. */
export async function eventually(read, timeoutMs = 20_000) {
  const until = performance.now() + timeoutMs;
  for (;;) {
    const found = await read();
    if (found !== undefined) return found;
    if (performance.now() > until) throw new Error(`it did not come within ${timeoutMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** A receiver that answers with what `handle` says of a body and its headers; `close` ends it. */
export async function receiver(handle) {
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    response.writeHead(await handle(Buffer.concat(chunks), request.headers)).end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const close = async () => {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  };
  return { url: `http://127.0.0.1:${server.address().port}/`, close };
}
