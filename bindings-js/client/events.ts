import { path } from "./call.js";
import type { List } from "./list.js";
import type { CallOptions } from "./options.js";
import type { Transport } from "./transport.js";
import type {
  AcceptedBatch,
  AcceptedEvent,
  DeliverySummary,
  EventSummary,
  ListEventDeliveries,
  ListEvents,
  Replayed,
  SendEvent,
  StoredEvent,
} from "./types.js";

/** What happened: `/v1/events`. */
export class Events {
  readonly #transport: Transport;

  /** @internal */
  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Sends one; it is on disk when this resolves. A repeat of its `id`, or of the idempotency key, is the same event. */
  send(event: SendEvent, options?: CallOptions): Promise<AcceptedEvent> {
    return this.#transport.send({ method: "POST", path: path`/v1/events`, body: event, repeatable: true }, options);
  }

  /**
   * Sends up to 1,000, and says in their order what became of each: accepted, or refused because its `id` was used for
   * another. With a mistake in one of them the whole batch is refused.
   */
  sendBatch(events: readonly SendEvent[], options?: CallOptions): Promise<AcceptedBatch> {
    const call = { method: "POST", path: path`/v1/events/batch`, body: { events }, repeatable: true } as const;
    return this.#transport.send(call, options);
  }

  /** Lists them, newest first, without their data. */
  list(filter?: ListEvents, options?: CallOptions): List<EventSummary> {
    return this.#transport.list("/v1/events", "before", filter, options);
  }

  /** Shows one with its first 250 deliveries and every attempt. */
  get(id: string, options?: CallOptions): Promise<StoredEvent> {
    return this.#transport.send({ method: "GET", path: path`/v1/events/${id}` }, options);
  }

  /** Lists its deliveries, each with its last attempt. */
  deliveries(id: string, filter?: ListEventDeliveries, options?: CallOptions): List<DeliverySummary> {
    return this.#transport.list(path`/v1/events/${id}/deliveries`, "after", filter, options);
  }

  /** Sends it again to all endpoints that it went to. */
  replay(id: string, options?: CallOptions): Promise<Replayed> {
    return this.#transport.send({ method: "POST", path: path`/v1/events/${id}/replay` }, options);
  }
}
