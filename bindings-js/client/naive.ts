/** naive's own API, as the dialect of the server serves it; the shape of its SDK. */
import { path } from "./call.js";
import type { CallOptions, ClientOptions } from "./options.js";
import { Transport } from "./transport.js";
import { userOf } from "./webhooks.js";

/** A subscription. */
export interface NaiveWebhook {
  id: string;
  url: string;
  eventTypes: string[];
  active: boolean;
  /** The user whose events it gets; `null` where it gets those of all. */
  tenant_user_id: string | null;
}

/** A subscription that was just made. */
export interface CreatedNaiveWebhook extends NaiveWebhook {
  /** What deliveries are signed with. No other answer has it: store it. */
  secret: string;
}

/** What came of a test event. */
export interface NaiveTest {
  /** Whether the receiver took it. */
  delivered: boolean;
  /** What it answered; `null` where there was no whole answer. */
  status: number | null;
  /** What went wrong, where there was none. */
  error: string | null;
  durationMs: number | null;
  /** The subscription. */
  id: string;
  /** The type of the event. */
  event: string;
  eventId: string;
  deliveryId: string;
}

/** Subscriptions: of the whole company, or of one user where `forUser` made it. */
export class NaiveWebhooks {
  readonly #transport: Transport;
  readonly #path: string;

  /** @internal */
  constructor(transport: Transport, path: string) {
    this.#transport = transport;
    this.#path = path;
  }

  /** Subscribes a URL to events of these types. */
  create(url: string, eventTypes: readonly string[], options?: CallOptions): Promise<CreatedNaiveWebhook> {
    return this.#transport.send({ method: "POST", path: this.#path, body: { url, eventTypes } }, options);
  }

  /** All of them, without their secrets. */
  async list(options?: CallOptions): Promise<NaiveWebhook[]> {
    const { data } = await this.#transport.send<{ data: NaiveWebhook[] }>({ method: "GET", path: this.#path }, options);
    return data;
  }

  /** The types that there are. */
  async eventTypes(options?: CallOptions): Promise<string[]> {
    const call = { method: "GET", path: `${this.#path}/event-types` } as const;
    const { eventTypes } = await this.#transport.send<{ eventTypes: string[] }>(call, options);
    return eventTypes;
  }

  /** Delivers a signed test event at once, and says what came of it. */
  test(id: string, options?: CallOptions): Promise<NaiveTest> {
    return this.#transport.send({ method: "POST", path: this.#path + path`/${id}/test` }, options);
  }

  /** Removes it; nothing more is sent to it. */
  async remove(id: string, options?: CallOptions): Promise<void> {
    await this.#transport.send({ method: "DELETE", path: this.#path + path`/${id}` }, options);
  }
}

/**
 * The client of naive, for a server that speaks its dialect.
 *
 *     const naive = new Naive({ apiKey: "…", baseUrl: "https://hooks.example.com" });
 *     const { id, secret } = await naive.webhooks.create("https://example.com/hooks", ["email.received"]);
 */
export class Naive {
  /** Subscriptions of the whole company: they get the events of all users. */
  readonly webhooks: NaiveWebhooks;
  readonly #transport: Transport;

  /** @throws {WebhookError} `invalid_argument`, with the option and what it takes */
  constructor(options: ClientOptions = {}) {
    this.#transport = new Transport(options);
    this.webhooks = new NaiveWebhooks(this.#transport, "/v1/webhooks");
  }

  /** What belongs to one user: its subscriptions get that user's events only. */
  forUser(id: string): { readonly webhooks: NaiveWebhooks } {
    return { webhooks: new NaiveWebhooks(this.#transport, path`/v1/users/${userOf(id)}/webhooks`) };
  }
}
