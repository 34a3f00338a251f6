// The stores of claims, on the databases that they are for, through the clients that people use.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { Redis as Upstash } from "@upstash/redis";
import { Redis } from "ioredis";
import mysql from "mysql2";
import pg from "pg";
import postgres from "postgres";
import { createClient } from "redis";
import * as hookseal from "../../bindings-node/dist/index.js";
import { storeCases } from "../../bindings-js/test/store.mjs";
import { program } from "../../bindings-wasm/test/project.mjs";
import { forWorkers } from "./bundle.mjs";
import { configOf } from "./d1/config.mjs";
import { connected, withPostgres, withRedis } from "./databases.mjs";
import { serving } from "./server.mjs";
import { withUpstash } from "./upstash.mjs";

const { Idempotency, RedisStore, SqlStore } = hookseal;
const limit = { timeout: 120_000 };

test("claims are kept in Redis, through redis and ioredis", limit, async (t) => {
  await withRedis(async (url) => {
    const redis = createClient({ url }).on("error", () => {});
    await connected(() => (redis.isOpen ? redis.ping() : redis.connect()));
    const ioredis = new Redis(url);
    try {
      await check(t, "redis", () => new RedisStore(redis));
      await check(t, "ioredis", () => new RedisStore(ioredis));
      await t.test("both see the claims of the other, under the prefix", async () => {
        const one = new Idempotency(new RedisStore(redis, "shop:"));
        const other = new Idempotency(new RedisStore(ioredis, "shop:"));
        assert.equal(await one.claim("a"), "claimed");
        assert.equal(await other.claim("a"), "in_progress");
        await other.release("a");
        assert.equal(await other.claim("a"), "in_progress");
        await one.complete("a");
        assert.equal(await other.claim("a"), "done");
        assert.deepEqual(await ioredis.keys("shop:*"), ["shop:a"]);
        assert.ok((await ioredis.pttl("shop:a")) > 6 * 24 * 3_600_000);
      });
    } finally {
      ioredis.disconnect();
      redis.destroy();
    }
  });
});

test("claims are kept in Redis, through @upstash/redis", limit, async (t) => {
  await withRedis(async (url) => {
    const redis = new Redis(url);
    const token = "a token";
    try {
      await connected(() => redis.ping());
      await withUpstash(
        ([name, ...args]) => redis.call(name, ...args),
        token,
        (url) => check(t, "@upstash/redis", () => new RedisStore(new Upstash({ url, token, enableTelemetry: false }))),
      );
    } finally {
      redis.disconnect();
    }
  });
});

test("claims are kept in Cloudflare D1, in workerd", limit, async () => {
  const folder = mkdtempSync(join(tmpdir(), "hookseal-d1-"));
  try {
    await forWorkers(import.meta.dirname, "d1/stores.mjs", folder);
    copyFileSync(new URL("d1/database.mjs", import.meta.url), join(folder, "database.mjs"));
    const args = (port) => {
      writeFileSync(join(folder, "d1.capnp"), configOf(port, folder));
      return ["serve", "--experimental", "d1.capnp"];
    };
    await serving(folder, program("@cloudflare", "bin/workerd"), args, {}, async (url) => {
      const { count, failures } = await (await fetch(url, { signal: AbortSignal.timeout(60_000) })).json();
      assert.deepEqual(failures, []);
      assert.equal(count, 2 * storeCases(hookseal, () => {}).length);
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test("a client of MySQL is refused with what is taken", async () => {
  const pool = mysql.createPool({ host: "127.0.0.1" });
  const connection = await import("mysql2/promise").then(({ createPool }) => createPool({ host: "127.0.0.1" }));
  for (const client of [pool, pool.promise(), connection]) {
    assert.throws(
      () => new SqlStore(client),
      ({ code, message, hint }) => {
        return code === "invalid_argument" && message.includes("MySQL") && hint.includes("`pg`");
      },
    );
  }
  await Promise.all([pool.promise().end(), connection.end()]);
});

test("claims are kept in PostgreSQL, through pg and postgres", limit, async (t) => {
  await withPostgres(async (settings) => {
    const pool = new pg.Pool({ ...settings, max: 8 });
    const sql = postgres({ ...settings, max: 8, onnotice: () => {} });
    try {
      await connected(() => pool.query("SELECT 1"));
      const store = new SqlStore(pool);
      await store.createTable();
      await store.createTable();
      await check(t, "pg", () => store);
      await check(t, "postgres", () => new SqlStore(sql));
      await t.test("expired rows can be deleted", async () => {
        const short = new Idempotency(store, { ttlSeconds: 0.001 });
        await short.run("gone", () => {});
        await connected(async () => {
          await store.prune();
          const { rows } = await pool.query("SELECT key FROM hookseal_idempotency WHERE key = 'gone'");
          assert.deepEqual(rows, []);
        });
        const { rows } = await pool.query(
          "SELECT count(*)::int AS kept FROM hookseal_idempotency WHERE state = 'done'",
        );
        assert.ok(rows[0].kept > 0);
      });
    } finally {
      await sql.end();
      await pool.end();
    }
  });
});

for (const [name, scope, path, args] of [
  ["node:sqlite, in Deno", "@deno", "deno", ["run", "--no-prompt", "--no-remote", "--allow-read"]],
  ["bun:sqlite, in Bun", "@oven", "bin/bun", ["run", "--no-install"]],
]) {
  test(`claims are kept in SQLite, through ${name}`, limit, () => {
    const script = fileURLToPath(new URL("sqlite.mjs", import.meta.url));
    const env = { ...process.env, DENO_NO_UPDATE_CHECK: "1", DO_NOT_TRACK: "1", NO_COLOR: "1" };
    const { status, stdout, stderr } = spawnSync(program(scope, path), [...args, script], { env, encoding: "utf8" });
    assert.equal(status, 0, stderr);
    assert.equal(Number(stdout), storeCases(hookseal, () => {}).length);
  });
}

async function check(t, name, open) {
  for (const one of storeCases(hookseal, open)) await t.test(`${name}: ${one.name}`, one.run);
}
