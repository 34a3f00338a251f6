import { path } from "./call.js";
import { List } from "./list.js";
import type { CallOptions } from "./options.js";
import type { Transport } from "./transport.js";
import type {
  ChangeEndpoint,
  CreateEndpoint,
  Delivery,
  Endpoint,
  EndpointWithSecret,
  ListEndpoints,
  Replayed,
  ReplayFailed,
  RotateSecret,
  TestEvent,
} from "./types.js";

/** Where events go: `/v1/endpoints`. */
export class Endpoints {
  readonly #transport: Transport;

  /** @internal */
  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Makes one, whose secret is in this answer and in no other. */
  create(endpoint: CreateEndpoint, options?: CallOptions): Promise<EndpointWithSecret> {
    return this.#transport.send({ method: "POST", path: path`/v1/endpoints`, body: endpoint }, options);
  }

  /** Lists them, oldest first. */
  list(filter?: ListEndpoints, options?: CallOptions): List<Endpoint> {
    return this.#transport.list("/v1/endpoints", "after", filter, options);
  }

  /** Shows one. */
  get(id: string, options?: CallOptions): Promise<Endpoint> {
    return this.#transport.send({ method: "GET", path: path`/v1/endpoints/${id}` }, options);
  }

  /** Changes what is named and leaves alone what is not. */
  update(id: string, change: ChangeEndpoint, options?: CallOptions): Promise<Endpoint> {
    return this.#transport.send({ method: "PATCH", path: path`/v1/endpoints/${id}`, body: change }, options);
  }

  /** Deletes it; nothing more is sent to it. */
  delete(id: string, options?: CallOptions): Promise<void> {
    return this.#transport.send({ method: "DELETE", path: path`/v1/endpoints/${id}` }, options);
  }

  /** Keeps what comes for it. */
  pause(id: string, options?: CallOptions): Promise<Endpoint> {
    return this.#transport.send({ method: "POST", path: path`/v1/endpoints/${id}/pause`, repeatable: true }, options);
  }

  /** Sends what was kept, and what comes. */
  resume(id: string, options?: CallOptions): Promise<Endpoint> {
    return this.#transport.send({ method: "POST", path: path`/v1/endpoints/${id}/resume`, repeatable: true }, options);
  }

  /** Makes a disabled one active again. */
  enable(id: string, options?: CallOptions): Promise<Endpoint> {
    return this.#transport.send({ method: "POST", path: path`/v1/endpoints/${id}/enable`, repeatable: true }, options);
  }

  /** Sends nothing more to it; what waits is cancelled. */
  disable(id: string, options?: CallOptions): Promise<Endpoint> {
    return this.#transport.send({ method: "POST", path: path`/v1/endpoints/${id}/disable`, repeatable: true }, options);
  }

  /** Gives it a new secret, which is in this answer and in no other; the old one goes on signing for a day, or as you say. */
  rotateSecret(id: string, rotation?: RotateSecret, options?: CallOptions): Promise<EndpointWithSecret> {
    const call = { method: "POST", path: path`/v1/endpoints/${id}/rotate-secret`, body: rotation } as const;
    return this.#transport.send(call, options);
  }

  /** Sends an event to it alone; with `wait`, at once and with what came of it. */
  test(id: string, event: TestEvent = {}, options?: CallOptions): Promise<Delivery> {
    const { wait, ...body } = event;
    const call = { method: "POST", path: path`/v1/endpoints/${id}/test`, query: { wait }, body } as const;
    return this.#transport.send(call, options);
  }

  /** Sends again what failed there since a time. */
  replayFailed(id: string, since: ReplayFailed, options?: CallOptions): Promise<Replayed> {
    return this.#transport.send({ method: "POST", path: path`/v1/endpoints/${id}/replay-failed`, body: since }, options);
  }
}
