import { path } from "./call.js";
import type { List } from "./list.js";
import type { CallOptions } from "./options.js";
import type { Transport } from "./transport.js";
import type {
  Account,
  ChangeAccount,
  ChangeOwnAccount,
  CreateAccount,
  CreatedAccount,
  ListAccounts,
} from "./types.js";

/** The account of the key: `/v1/account`. */
export class OwnAccount {
  readonly #transport: Transport;

  /** @internal */
  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Shows it. */
  get(options?: CallOptions): Promise<Account> {
    return this.#transport.send({ method: "GET", path: path`/v1/account` }, options);
  }

  /** Changes what is named and leaves alone what is not. */
  update(change: ChangeOwnAccount, options?: CallOptions): Promise<Account> {
    return this.#transport.send({ method: "PATCH", path: path`/v1/account`, body: change }, options);
  }
}

/** All accounts, for the operator of the server: `/v1/accounts`. */
export class Accounts {
  readonly #transport: Transport;

  /** @internal */
  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Makes one with its first key, whose text is in this answer and in no other. */
  create(account: CreateAccount, options?: CallOptions): Promise<CreatedAccount> {
    return this.#transport.send({ method: "POST", path: path`/v1/accounts`, body: account }, options);
  }

  /** Lists them, oldest first. */
  list(filter?: ListAccounts, options?: CallOptions): List<Account> {
    return this.#transport.list("/v1/accounts", "after", filter, options);
  }

  /** Shows one. */
  get(id: string, options?: CallOptions): Promise<Account> {
    return this.#transport.send({ method: "GET", path: path`/v1/accounts/${id}` }, options);
  }

  /** Changes or suspends one. */
  update(id: string, change: ChangeAccount, options?: CallOptions): Promise<Account> {
    return this.#transport.send({ method: "PATCH", path: path`/v1/accounts/${id}`, body: change }, options);
  }
}
