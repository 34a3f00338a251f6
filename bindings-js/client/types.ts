/** What goes to the server and comes from it, as its OpenAPI document has it. */
import type { Explanation, SchemeLike, WebhookError } from "../index.js";
import type { components } from "./openapi.js";

type Schemas = components["schemas"];

/** A schema with other types for some of its members. */
type With<T, Members> = Omit<T, keyof Members> & Members;

/** A moment: RFC 3339, such as `2026-04-25T10:05:23Z`, or a `Date`. */
export type Time = string | Date;

export type ApiKey = Schemas["ApiKey"];
export type CreateApiKey = Schemas["CreateApiKey"];
export type CreatedApiKey = Schemas["CreatedApiKey"];
export type ListApiKeys = Schemas["ListApiKeys"];

export type Account = Schemas["Account"];
export type ChangeAccount = Schemas["ChangeAccount"];
export type ChangeOwnAccount = Schemas["ChangeOwnAccount"];
export type CreateAccount = Schemas["CreateAccount"];
export type CreatedAccount = Schemas["CreatedAccount"];
export type ListAccounts = Schemas["ListAccounts"];

export type ChangeEventType = With<Schemas["ChangeEventType"], { example?: object | null; schema?: object | null }>;
export type CreateEventType = With<Schemas["CreateEventType"], { example?: object | null; schema?: object | null }>;
export type EventType = Schemas["EventType"];
export type EventTypeSummary = Schemas["EventTypeSummary"];
export type ListEventTypes = Schemas["ListEventTypes"];

export type ChangeEndpoint = Schemas["ChangeEndpoint"];
export type CreateEndpoint = Schemas["CreateEndpoint"];
export type Endpoint = Schemas["Endpoint"];
export type EndpointSettings = Schemas["EndpointSettings"];
export type EndpointWithSecret = Schemas["EndpointWithSecret"];
export type ListEndpoints = Schemas["ListEndpoints"];
export type RotateSecret = Schemas["RotateSecret"];

export type AcceptedBatch = Schemas["AcceptedBatch"];
export type AcceptedEvent = Schemas["AcceptedEvent"];
export type EventSummary = Schemas["EventSummary"];
export type ListEvents = Schemas["ListEvents"];
export type SendEvent = With<Schemas["SendEvent"], { data: object }>;
export type TestEvent = With<
  Schemas["SendTest"],
  {
    data?: object | null;
    /** Whether to wait for the attempt, and answer with what came of it. */
    wait?: boolean;
  }
>;
/** An event with all that became of it. */
export type StoredEvent = Schemas["Event"];

export type Delivery = Schemas["Delivery"];
export type DeliveryAttempt = Schemas["Attempt"];
export type DeliveryState = Schemas["DeliveryState"];
export type DeliverySummary = Schemas["DeliverySummary"];
export type ListDeliveries = With<
  Schemas["ListDeliveries"],
  { since?: Time; state?: DeliveryState | readonly DeliveryState[] }
>;
export type ListEventDeliveries = Schemas["ListEventDeliveries"];
export type Replayed = Schemas["Replayed"];
export type ReplayFailed = With<Schemas["ReplayFailed"], { since: Time }>;

export type ChangeSource = Schemas["ChangeSource"];
export type CreateSource = With<Schemas["CreateSource"], { scheme: SchemeLike }>;
export type HandedOverSecret = Schemas["HandedOverSecret"];
export type ListSources = Schemas["ListSources"];
/** A request that was refused, and why it does not verify. */
export type Refusal = With<
  Schemas["Refusal"],
  {
    /** As text, or in base64 where it is none; `null` where it was not kept. */
    body: { text: string } | { base64: string } | null;
    /** As of `explain`; `null` where the body was not kept. */
    explanation: With<Explanation, { error: Pick<WebhookError, "code" | "hint" | "message"> | null }> | null;
  }
>;
export type RefusalSummary = Schemas["RefusalSummary"];
export type Source = With<Schemas["Source"], { scheme: SchemeLike }>;
export type SourceSettings = Schemas["SourceSettings"];
export type SourceState = Schemas["SourceState"];
export type SourceWithCounts = With<Schemas["SourceWithCounts"], { scheme: SchemeLike }>;
