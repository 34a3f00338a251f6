import { invalidArgument, kindOf } from "../argument.js";
import type { ClaimState, IdempotencyStore } from "./idempotency.js";

/** A client or a pool of `pg`. */
export interface PostgresClient {
  query(text: string, values: (number | string)[]): Promise<{ rows: unknown[] }>;
}

/** A database of `node:sqlite` (`DatabaseSync`) or of `better-sqlite3`. */
export interface SqliteClient {
  prepare(text: string): {
    all(...values: (number | string)[]): unknown[];
    run(...values: (number | string)[]): unknown;
  };
}

const TABLE = "hookseal_idempotency";

/**
 * Keeps claims in the table `hookseal_idempotency` of PostgreSQL or of SQLite (3.35 and newer), for as many processes as
 * there are. Times are milliseconds since the epoch, of the clock of whoever writes them.
 */
export class SqlStore implements IdempotencyStore {
  readonly #rows: (text: string, values: (number | string)[]) => Promise<unknown[]>;

  constructor(client: PostgresClient | SqliteClient) {
    const { prepare, query } = (client ?? {}) as Partial<PostgresClient & SqliteClient>;
    if (typeof prepare === "function") this.#rows = sqlite(client as SqliteClient);
    else if (typeof query === "function") this.#rows = postgres(client as PostgresClient);
    else
      throw invalidArgument(
        `\`client\` takes one of \`pg\`, \`node:sqlite\` or \`better-sqlite3\`, got ${kindOf(client)}`,
      );
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

function sqlite(client: SqliteClient) {
  return async (text: string, values: (number | string)[]) => {
    const statement = client.prepare(text);
    // better-sqlite3 refuses `all` for a statement that gives no rows.
    if (/^SELECT|RETURNING/.test(text)) return statement.all(...values);
    statement.run(...values);
    return [];
  };
}

function postgres(client: PostgresClient) {
  return async (text: string, values: (number | string)[]) => {
    let place = 0;
    const numbered = text.replaceAll("?", () => `$${(place += 1)}`);
    return (await client.query(numbered, values)).rows;
  };
}
