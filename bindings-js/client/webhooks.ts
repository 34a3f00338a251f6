import { HooksealApiError } from "./api-error.js";
import type { Endpoints } from "./endpoints.js";
import { type CallOptions, invalid } from "./options.js";
import type { Delivery, Endpoint, EndpointWithSecret } from "./types.js";

/** Endpoints in four words: of the whole account, or of one user where `forUser` made it. */
export class Webhooks {
  readonly #endpoints: Endpoints;
  readonly #tenant: string | undefined;

  /** @internal */
  constructor(endpoints: Endpoints, tenant?: string) {
    this.#endpoints = endpoints;
    this.#tenant = tenant;
  }

  /** Sends events of these types to a URL. The secret is in this answer and in no other. */
  create(url: string, types: readonly string[], options?: CallOptions): Promise<EndpointWithSecret> {
    const tenant = this.#tenant;
    const endpoint = { url, event_types: [...types], ...(tenant !== undefined && { tenant }) };
    return this.#endpoints.create(endpoint, options);
  }

  /** All of them, without their secrets. */
  list(options?: CallOptions): Promise<Endpoint[]> {
    return this.#endpoints.list(this.#tenant === undefined ? {} : { tenant: this.#tenant }, options).all();
  }

  /** Sends a signed test event to it, and says what came of that. */
  async test(id: string, options?: CallOptions): Promise<Delivery> {
    await this.#own(id, options);
    return await this.#endpoints.test(id, { wait: true }, options);
  }

  /** Removes it; nothing more is sent to it. */
  async remove(id: string, options?: CallOptions): Promise<void> {
    await this.#own(id, options);
    await this.#endpoints.delete(id, options);
  }

  /** The key may see more than this user's. The tenant of an endpoint never changes: what is looked up stays true. */
  async #own(id: string, options: CallOptions | undefined): Promise<void> {
    if (this.#tenant === undefined) return;
    const { tenant } = await this.#endpoints.get(id, options);
    if (tenant === this.#tenant) return;
    const message = `this user has no webhook \`${id}\``;
    const hint = "take the id from `list()` of the same user";
    throw new HooksealApiError({ code: "not_found", message, hint, status: 404 });
  }
}

/** The id of a user, which is the tenant of what belongs to it. */
export function userOf(id: unknown): string {
  if (typeof id === "string" && id !== "") return id;
  throw invalid("`forUser` takes the id of a user: a string, not an empty one");
}
