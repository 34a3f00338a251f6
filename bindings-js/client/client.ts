/** The clients of the server's API, and what they need of the face. */
export type { Accounts, OwnAccount } from "./accounts.js";
export { type ClientErrorCode, HooksealApiError } from "./api-error.js";
export type { ApiKeys } from "./api-keys.js";
export type { Deliveries } from "./deliveries.js";
export type { Endpoints } from "./endpoints.js";
export type { EventTypes } from "./event-types.js";
export type { Events } from "./events.js";
export { Hookseal } from "./hookseal.js";
export type { List, Page } from "./list.js";
export { type CreatedNaiveWebhook, Naive, type NaiveTest, type NaiveWebhook, type NaiveWebhooks } from "./naive.js";
export type { CallOptions, ClientOptions } from "./options.js";
export type { Sources } from "./sources.js";
export type { Tenants } from "./tenants.js";
export type * from "./types.js";
export type { Webhooks } from "./webhooks.js";
