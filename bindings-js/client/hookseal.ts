import { Accounts, OwnAccount } from "./accounts.js";
import { ApiKeys } from "./api-keys.js";
import { Deliveries } from "./deliveries.js";
import { Endpoints } from "./endpoints.js";
import { EventTypes } from "./event-types.js";
import { Events } from "./events.js";
import type { ClientOptions } from "./options.js";
import { Sources } from "./sources.js";
import { Tenants } from "./tenants.js";
import { Transport } from "./transport.js";
import { userOf, Webhooks } from "./webhooks.js";

/**
 * The server's API. What fails with 408, 425, 429, 5xx or without an answer is tried again on the schedule that the core
 * has for it, `RetryPolicy.preset("api_client")`, where that cannot do a thing twice.
 *
 *     const client = new Hookseal({ apiKey: "hks_…", baseUrl: "https://hooks.example.com" });
 *     await client.events.send({ type: "invoice.paid", data: { amount: 5 } });
 */
export class Hookseal {
  /** The account of the key. */
  readonly account: OwnAccount;
  /** All accounts, for the operator of the server. */
  readonly accounts: Accounts;
  /** What opens the API. */
  readonly apiKeys: ApiKeys;
  /** Events on their way to endpoints. */
  readonly deliveries: Deliveries;
  /** Where events go. */
  readonly endpoints: Endpoints;
  /** What can happen, and the schema of its data. */
  readonly eventTypes: EventTypes;
  /** What happened. */
  readonly events: Events;
  /** Who sends webhooks to you. */
  readonly sources: Sources;
  /** Your users. */
  readonly tenants: Tenants;
  /** Endpoints in four words: `create(url, types)`, `list()`, `test(id)`, `remove(id)`. */
  readonly webhooks: Webhooks;

  /** @throws {WebhookError} `invalid_argument`, with the option and what it takes */
  constructor(options: ClientOptions = {}) {
    const transport = new Transport(options);
    this.account = new OwnAccount(transport);
    this.accounts = new Accounts(transport);
    this.apiKeys = new ApiKeys(transport);
    this.deliveries = new Deliveries(transport);
    this.endpoints = new Endpoints(transport);
    this.eventTypes = new EventTypes(transport);
    this.events = new Events(transport);
    this.sources = new Sources(transport);
    this.tenants = new Tenants(transport);
    this.webhooks = new Webhooks(this.endpoints);
  }

  /** What belongs to one of your users: its webhooks get that user's events only. */
  forUser(id: string): { readonly webhooks: Webhooks } {
    return { webhooks: new Webhooks(this.endpoints, userOf(id)) };
  }
}
