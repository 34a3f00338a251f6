import { path } from "./call.js";
import type { List } from "./list.js";
import type { CallOptions } from "./options.js";
import type { Transport } from "./transport.js";
import type { ApiKey, CreateApiKey, CreatedApiKey, ListApiKeys } from "./types.js";

/** What opens the API: `/v1/api-keys`. */
export class ApiKeys {
  readonly #transport: Transport;

  /** @internal */
  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Makes one, whose text is in this answer and in no other. */
  create(key: CreateApiKey, options?: CallOptions): Promise<CreatedApiKey> {
    return this.#transport.send({ method: "POST", path: path`/v1/api-keys`, body: key }, options);
  }

  /** Lists them, oldest first, without their texts. */
  list(filter?: ListApiKeys, options?: CallOptions): List<ApiKey> {
    return this.#transport.list("/v1/api-keys", "after", filter, options);
  }

  /** Shows one, without its text. */
  get(id: string, options?: CallOptions): Promise<ApiKey> {
    return this.#transport.send({ method: "GET", path: path`/v1/api-keys/${id}` }, options);
  }

  /** Revokes one. */
  delete(id: string, options?: CallOptions): Promise<void> {
    return this.#transport.send({ method: "DELETE", path: path`/v1/api-keys/${id}` }, options);
  }
}
