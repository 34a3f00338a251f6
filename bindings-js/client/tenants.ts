import { path } from "./call.js";
import type { CallOptions } from "./options.js";
import type { Transport } from "./transport.js";

/** Your users: `/v1/tenants`. */
export class Tenants {
  readonly #transport: Transport;

  /** @internal */
  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Erases all that belongs to a tenant: keys, endpoints, events. Broken off, it can be repeated. */
  erase(tenant: string, options?: CallOptions): Promise<void> {
    return this.#transport.send({ method: "DELETE", path: path`/v1/tenants/${tenant}` }, options);
  }
}
