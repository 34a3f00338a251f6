// Child processes: started, awaited by a line that they print, ended by pid.

import { spawn } from "node:child_process";
import { createServer } from "node:net";
import { createInterface } from "node:readline";

const running = new Set();

/** Starts a program; resolves with the match of the first line that fits `ready`, if that is given. */
export function start(name, command, args, { env = {}, ready, timeoutMs = 20_000 }) {
  // What the shell says to a server of its own is not meant for these.
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith("HOOKSEAL_"));
  const child = spawn(command, args, {
    env: { ...Object.fromEntries(inherited), ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const entry = { name, child, ended: new Promise((resolve) => child.once("close", resolve)) };
  running.add(entry);
  const errors = [];
  createInterface({ input: child.stderr }).on("line", (line) => errors.push(line));
  const lines = createInterface({ input: child.stdout });
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => fail(`was not ready within ${timeoutMs / 1000} s`), timeoutMs);
    const fail = (why) => {
      clearTimeout(timer);
      reject(new Error([`${name} ${why}`, ...errors.slice(-20)].join("\n")));
    };
    const succeed = (match) => {
      clearTimeout(timer);
      resolve(match);
    };
    child.once("error", (error) => fail(`did not start: ${error.message}`));
    child.once("close", (code, signal) => fail(`ended too early (${signal ?? `exit code ${code}`})`));
    if (!ready) child.once("spawn", succeed);
    else lines.on("line", (line) => ready.test(line) && succeed(ready.exec(line)));
  });
}

/** Asks every child to end, and makes those that do not. */
export async function stopAll() {
  await Promise.all(
    [...running].map(async ({ child, ended }) => {
      child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), 5_000);
      await ended;
      clearTimeout(timer);
    }),
  );
  running.clear();
}

/** A port that nothing listens on at the moment. */
export function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}
