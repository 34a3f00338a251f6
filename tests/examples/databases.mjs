/** Databases of our own, in a folder of their own, on free ports; stopped by their process. */
import { execFileSync, spawn } from "node:child_process";
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { freePort } from "./server.mjs";

/** Starts Redis without a file; `use` gets its URL. */
export async function withRedis(use) {
  const port = await freePort();
  const args = ["--port", `${port}`, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"];
  await running("redis-server", args, {}, () => use(`redis://127.0.0.1:${port}`));
}

/** Makes a cluster of PostgreSQL and starts it; `use` gets the settings of a client. */
export async function withPostgres(use) {
  const folder = mkdtempSync(join(tmpdir(), "hookseal-postgres-"));
  // PostgreSQL does not run as root.
  const user = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
  if (user.uid) chownSync(folder, NOBODY, NOBODY);
  const port = await freePort();
  const data = join(folder, "data");
  try {
    const options = { ...user, cwd: folder, stdio: "ignore" };
    execFileSync(
      postgres("initdb"),
      ["--pgdata", data, "--username", "hookseal", "--auth", "trust", "--no-sync"],
      options,
    );
    const args = ["-D", data, "-p", `${port}`, "-k", folder, "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"];
    const settings = { host: "127.0.0.1", port, user: "hookseal", database: "postgres" };
    await running(postgres("postgres"), args, options, () => use(settings));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const NOBODY = 65_534;

/** A program of PostgreSQL, which Debian keeps in a folder by version. */
function postgres(name) {
  const versions = "/usr/lib/postgresql";
  const [newest] = existsSync(versions) ? readdirSync(versions).sort((a, b) => Number(b) - Number(a)) : [];
  return newest ? join(versions, newest, "bin", name) : name;
}

async function running(program, args, options, use) {
  const child = spawn(program, args, { stdio: "ignore", ...options });
  await once(child, "spawn"); // Rejects when there is no such program.
  try {
    await use();
  } finally {
    if (child.exitCode === null) {
      child.kill("SIGTERM"); // PostgreSQL waits for its clients to close.
      await once(child, "exit");
    }
  }
}

/** What `connect` gives, once the server that was just started lets it. */
export async function connected(connect) {
  for (let tries = 0; ; tries += 1) {
    try {
      return await connect();
    } catch (error) {
      if (tries === 100) throw error;
      await setTimeout(100);
    }
  }
}
