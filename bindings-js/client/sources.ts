import { path } from "./call.js";
import type { List } from "./list.js";
import type { CallOptions } from "./options.js";
import type { Transport } from "./transport.js";
import type {
  ChangeSource,
  CreateSource,
  HandedOverSecret,
  ListSources,
  Refusal,
  RefusalSummary,
  Source,
  SourceWithCounts,
} from "./types.js";

/** Who sends webhooks to you: `/v1/sources`. */
export class Sources {
  readonly #transport: Transport;

  /** @internal */
  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Makes one; its `url` is what the sender is given. */
  create(source: CreateSource, options?: CallOptions): Promise<Source> {
    return this.#transport.send({ method: "POST", path: path`/v1/sources`, body: source }, options);
  }

  /** Lists them, oldest first. */
  list(filter?: ListSources, options?: CallOptions): List<Source> {
    return this.#transport.list("/v1/sources", "after", filter, options);
  }

  /** Shows one, and how many requests it took and refused. */
  get(id: string, options?: CallOptions): Promise<SourceWithCounts> {
    return this.#transport.send({ method: "GET", path: path`/v1/sources/${id}` }, options);
  }

  /** Changes what is named and leaves alone what is not; `secrets` are all of them, the newest first. */
  update(id: string, change: ChangeSource, options?: CallOptions): Promise<Source> {
    return this.#transport.send({ method: "PATCH", path: path`/v1/sources/${id}`, body: change }, options);
  }

  /** Deletes it; nothing more is taken, its events stay. */
  delete(id: string, options?: CallOptions): Promise<void> {
    return this.#transport.send({ method: "DELETE", path: path`/v1/sources/${id}` }, options);
  }

  /** Shows the secret that its sender handed over, for a sender that wants it pasted somewhere. */
  handedOverSecret(id: string, options?: CallOptions): Promise<HandedOverSecret> {
    return this.#transport.send({ method: "GET", path: path`/v1/sources/${id}/handed-over-secret` }, options);
  }

  /** Lists the last requests that it refused, newest first. */
  refusals(id: string, options?: CallOptions): List<RefusalSummary> {
    return this.#transport.list(path`/v1/sources/${id}/refusals`, "after", undefined, options);
  }

  /** Shows one of them, and why it does not verify with the secrets of now. */
  refusal(id: string, refusal: string, options?: CallOptions): Promise<Refusal> {
    return this.#transport.send({ method: "GET", path: path`/v1/sources/${id}/refusals/${refusal}` }, options);
  }
}
