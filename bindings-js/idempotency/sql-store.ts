import { kindOf } from "../argument.js";
import { WebhookError } from "../error.js";
import type { ClaimState, IdempotencyStore } from "./idempotency.js";

/** A client or a pool of `pg`, also of what has its methods. */
export interface PostgresClient {
  query(text: string, values: (number | string)[]): Promise<{ rows: unknown[] }>;
}

/** The `sql` of `postgres` (postgres.js). */
export interface PostgresJsClient {
  (...args: never[]): unknown;
  unsafe(text: string, values: (number | string)[]): PromiseLike<unknown[]>;
}

/** A database of `node:sqlite` (`DatabaseSync`) or of `better-sqlite3`. */
export interface SqliteClient {
  prepare(text: string): {
    all(...values: (number | string)[]): unknown[];
    run(...values: (number | string)[]): unknown;
  };
}

/** A database of Cloudflare D1, or a session of it. */
export interface D1Client {
  prepare(text: string): { bind(...values: (number | string)[]): { all(): Promise<{ results: unknown[] }> } };
  batch: unknown;
}

const TABLE = "hookseal_idempotency";

/**
 * Keeps claims in the table `hookseal_idempotency` of PostgreSQL, SQLite (3.35 and newer) or Cloudflare D1, for as many
 * processes as there are. Times are milliseconds since the epoch, of the clock of whoever writes them.
 */
export class SqlStore implements IdempotencyStore {
  readonly #rows: Rows;

  /** @throws {WebhookError} `invalid_argument` for what is no such client; MySQL has not the statements that this needs */
  constructor(client: PostgresClient | PostgresJsClient | SqliteClient | D1Client) {
    this.#rows = rowsOf(client);
  }

  /** Makes the table if it is not there. Once, when the application is deployed. */
  async createTable(): Promise<void> {
    const columns = "key text PRIMARY KEY, state text NOT NULL, token text NOT NULL, expires_at bigint NOT NULL";
    await this.#rows(`CREATE TABLE IF NOT EXISTS ${TABLE} (${columns})`, []);
  }

  /** Deletes what has expired. Now and then, so that the table does not grow without end. */
  async prune(): Promise<void> {
    await this.#rows(`DELETE FROM ${TABLE} WHERE expires_at <= ?`, [Date.now()]);
  }

  async claim(key: string, token: string, leaseMs: number): Promise<ClaimState> {
    for (let attempt = 0; attempt < 3; attempt += 1) {
      const now = Date.now();
      const claimed = await this.#rows(
        `INSERT INTO ${TABLE} (key, state, token, expires_at) VALUES (?, 'in_progress', ?, ?)
         ON CONFLICT (key) DO UPDATE SET state = excluded.state, token = excluded.token, expires_at = excluded.expires_at
         WHERE ${TABLE}.expires_at <= ? RETURNING key`,
        [key, token, expiry(now, leaseMs), now],
      );
      if (claimed.length > 0) return "claimed";
      const [held] = await this.#rows(`SELECT state FROM ${TABLE} WHERE key = ? AND expires_at > ?`, [key, now]);
      if (held) return (held as { state: string }).state === "done" ? "done" : "in_progress";
      // It was released between the two, and is free.
    }
    return "in_progress";
  }

  async complete(key: string, token: string, ttlMs: number): Promise<void> {
    await this.#rows(
      `INSERT INTO ${TABLE} (key, state, token, expires_at) VALUES (?, 'done', ?, ?)
       ON CONFLICT (key) DO UPDATE SET state = excluded.state, token = excluded.token, expires_at = excluded.expires_at`,
      [key, token, expiry(Date.now(), ttlMs)],
    );
  }

  async release(key: string, token: string): Promise<void> {
    await this.#rows(`DELETE FROM ${TABLE} WHERE key = ? AND token = ? AND state = 'in_progress'`, [key, token]);
  }
}

function expiry(now: number, forMs: number): number {
  return now + Math.ceil(forMs);
}

/** Runs a statement, with `?` for each value. */
type Rows = (text: string, values: (number | string)[]) => Promise<unknown[]>;

const TAKES =
  "pass a client or pool of `pg`, the `sql` of `postgres`, a database of `node:sqlite`, `better-sqlite3` or `bun:sqlite`, " +
  "or one of Cloudflare D1; for others make a store of your own with `claim`, `complete` and `release`";

/** Each client by the methods that only it has. */
function rowsOf(client: unknown): Rows {
  const { batch, escapeId, prepare, query, unsafe } = (client ?? {}) as Record<string, unknown>;
  if (typeof escapeId === "function") {
    throw new WebhookError("invalid_argument", "`client` is one of MySQL, which has no `ON CONFLICT`", TAKES);
  }
  if (typeof prepare === "function") {
    return typeof batch === "function" ? d1(client as D1Client) : sqlite(client as SqliteClient);
  }
  if (typeof query === "function") return postgres(client as PostgresClient);
  if (typeof client === "function" && typeof unsafe === "function") return postgresJs(client as PostgresJsClient);
  throw new WebhookError("invalid_argument", `\`client\` is none that is known, got ${kindOf(client)}`, TAKES);
}

function sqlite(client: SqliteClient): Rows {
  return async (text, values) => {
    const statement = client.prepare(text);
    // better-sqlite3 refuses `all` for a statement that gives no rows.
    if (/^SELECT|RETURNING/.test(text)) return statement.all(...values);
    statement.run(...values);
    return [];
  };
}

function d1(client: D1Client): Rows {
  return async (text, values) => (await client.prepare(text).bind(...values).all()).results;
}

function postgres(client: PostgresClient): Rows {
  return async (text, values) => {
    const result = await client.query(numbered(text), values);
    if (Array.isArray(result?.rows)) return result.rows;
    throw new WebhookError("invalid_argument", "`query` of `client` gives no `rows`, as that of `pg` does", TAKES);
  };
}

function postgresJs(client: PostgresJsClient): Rows {
  return async (text, values) => await client.unsafe(numbered(text), values);
}

/** `$1`, `$2`, … in the place of each `?`. */
function numbered(text: string): string {
  let place = 0;
  return text.replaceAll("?", () => `$${(place += 1)}`);
}
