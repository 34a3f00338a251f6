import { path } from "./call.js";
import type { List } from "./list.js";
import type { CallOptions } from "./options.js";
import type { Transport } from "./transport.js";
import type { Delivery, DeliveryAttempt, DeliverySummary, ListDeliveries } from "./types.js";

/** Events on their way to endpoints: `/v1/deliveries`. */
export class Deliveries {
  readonly #transport: Transport;

  /** @internal */
  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Lists them, newest first, each with its last attempt; `{ state: "failed" }` are the undelivered. */
  list(filter?: ListDeliveries, options?: CallOptions): List<DeliverySummary> {
    return this.#transport.list("/v1/deliveries", "before", filter, options);
  }

  /** Shows one with every attempt. */
  get(id: string, options?: CallOptions): Promise<Delivery> {
    return this.#transport.send({ method: "GET", path: path`/v1/deliveries/${id}` }, options);
  }

  /** Lists its attempts, first to last. */
  attempts(id: string, options?: CallOptions): List<DeliveryAttempt> {
    return this.#transport.list(path`/v1/deliveries/${id}/attempts`, "after", undefined, options);
  }

  /** Sends it again, from the first step of its schedule. */
  replay(id: string, options?: CallOptions): Promise<Delivery> {
    return this.#transport.send({ method: "POST", path: path`/v1/deliveries/${id}/replay` }, options);
  }
}
