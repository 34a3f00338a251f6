/** Starts a server as a process of its own on a free port, and stops it. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { setTimeout } from "node:timers/promises";

export const WEBHOOK_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
export const SLACK_SECRET = "8f742231b10e8888abcd99yyyzzz85a5";

/** `use` gets the address once the server listens; what it wrote is shown when something fails. */
export async function serving(cwd, command, args, env, use) {
  const port = await freePort();
  const child = spawn(command, args(port), {
    cwd,
    detached: true, // A group of its own, so that what it starts is stopped with it.
    env: { ...process.env, PORT: `${port}`, SLACK_SECRET, WEBHOOK_SECRET, NO_COLOR: "1", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let written = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (written += text));
  try {
    const gone = once(child, "exit").then(([code]) => Promise.reject(new Error(`it ended with code ${code}`)));
    gone.catch(() => {}); // Awaited below, or expected.
    await Promise.race([listening(port), gone]);
    await use(`http://127.0.0.1:${port}`);
  } catch (error) {
    throw new Error(`${error.message}\n--- ${command} wrote:\n${written}`, { cause: error });
  } finally {
    if (child.exitCode === null && child.signalCode === null && child.pid !== undefined) {
      process.kill(-child.pid, "SIGKILL");
      await once(child, "exit");
    }
  }
}

export async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

async function listening(port) {
  for (let tries = 0; tries < 600; tries += 1) {
    if (await accepts(port)) return;
    await setTimeout(100);
  }
  throw new Error("it did not listen within a minute");
}

function accepts(port) {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}
