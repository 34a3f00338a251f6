import { path } from "./call.js";
import type { List } from "./list.js";
import type { CallOptions } from "./options.js";
import type { Transport } from "./transport.js";
import type { ChangeEventType, CreateEventType, EventType, EventTypeSummary, ListEventTypes } from "./types.js";

/** What can happen, and the schema of its data: `/v1/event-types`. */
export class EventTypes {
  readonly #transport: Transport;

  /** @internal */
  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Registers one, with the JSON Schema of its data where you have one. */
  create(type: CreateEventType, options?: CallOptions): Promise<EventType> {
    return this.#transport.send({ method: "POST", path: path`/v1/event-types`, body: type }, options);
  }

  /** Lists them, without their schemas; `{ profile: "naive" }` those of a profile. */
  list(filter?: ListEventTypes, options?: CallOptions): List<EventTypeSummary> {
    return this.#transport.list("/v1/event-types", "after", filter, options);
  }

  /** Shows one with its newest schema, or with that of a version. */
  get(name: string, which: { version?: number } = {}, options?: CallOptions): Promise<EventType> {
    return this.#transport.send({ method: "GET", path: path`/v1/event-types/${name}`, query: which }, options);
  }

  /** Changes or archives it, or adds a version of its schema. */
  update(name: string, change: ChangeEventType, options?: CallOptions): Promise<EventType> {
    // Each schema that is sent is another version.
    const repeatable = change.schema === undefined;
    return this.#transport.send({ method: "PATCH", path: path`/v1/event-types/${name}`, body: change, repeatable }, options);
  }

  /** Removes it with all its versions. */
  delete(name: string, options?: CallOptions): Promise<void> {
    return this.#transport.send({ method: "DELETE", path: path`/v1/event-types/${name}` }, options);
  }
}
