// Written by `make client-types` from docs/openapi.json; the SHA-256 of its schemas is
// a3c180ffaa244bd74a354da872a377782770dbeeed571fad353461c0ae004365.

export interface components {
    schemas: {
        /** @description What became of each event of a batch, in their order. */
        AcceptedBatch: {
            /** @description One for each event that was sent. */
            events: components["schemas"]["BatchItem"][];
        };
        /** @description A delivery that will be made. */
        AcceptedDelivery: {
            /** @description The endpoint. */
            endpoint_id: string;
            /** @description The delivery. */
            id: string;
        };
        /** @description The answer to an event that is on disk. */
        AcceptedEvent: {
            /** @description One for each endpoint that wants it. */
            deliveries: components["schemas"]["AcceptedDelivery"][];
            /** @description The event. */
            id: string;
        };
        /** @description An account: what is of one does not exist for another. */
        Account: {
            /**
             * Format: date-time
             * @description When it was made.
             */
            created_at: string;
            /** @description Its id. */
            id: string;
            /** @description For people. */
            name: string | null;
            /** @description Whether its keys are refused. What it accepted is still delivered. */
            suspended: boolean;
            /** @description Which events are held against the schemas of their types when they are accepted. */
            validate_events: components["schemas"]["Validation"];
        };
        /** @description One page. */
        AccountList: {
            /** @description The rows. */
            data: components["schemas"]["Account"][];
            /** @description What to send as `after` or `before` for the next page; `null` on the last. */
            next: string | null;
        };
        /** @description An API key as the API shows it; never the key itself. */
        ApiKey: {
            /**
             * Format: date-time
             * @description When it was made.
             */
            created_at: string;
            /** @description Not the key: what names it. */
            id: string;
            /** @description For people. */
            name: string | null;
            /** @description How it came to be. */
            origin: components["schemas"]["KeyOrigin"];
            /** @description What it may do. */
            scope: components["schemas"]["Scope"];
            /** @description The tenant that it is limited to. */
            tenant: string | null;
        };
        /** @description One page. */
        ApiKeyList: {
            /** @description The rows. */
            data: components["schemas"]["ApiKey"][];
            /** @description What to send as `after` or `before` for the next page; `null` on the last. */
            next: string | null;
        };
        /** @description One POST. Phases that did not happen, as on a connection used again, are `null`. */
        Attempt: {
            /** @description The address that was connected to. */
            address: string | null;
            /**
             * Format: date-time
             * @description When it began.
             */
            at: string;
            /**
             * Format: double
             * @description Connecting.
             */
            connect_ms: number | null;
            /**
             * Format: double
             * @description Looking the host up.
             */
            dns_ms: number | null;
            /**
             * Format: uint32
             * @description How long it took in all.
             */
            duration_ms: number;
            /** @description What went wrong, where there was no whole answer. */
            error: string | null;
            /**
             * Format: double
             * @description From the request to the first byte of the answer.
             */
            first_byte_ms: number | null;
            /**
             * Format: uint32
             * @description The first is 1.
             */
            number: number;
            /** @description The beginning of the body of the answer. */
            response_body: string;
            /** @description The head of the answer. */
            response_head: string | null;
            /**
             * Format: uint16
             * @description The status of the answer.
             */
            status: number | null;
            /**
             * Format: double
             * @description Making the connection private.
             */
            tls_ms: number | null;
        };
        /** @description One page. */
        AttemptList: {
            /** @description The rows. */
            data: components["schemas"]["Attempt"][];
            /** @description What to send as `after` or `before` for the next page; `null` on the last. */
            next: string | null;
        };
        /** @description An event that is on disk, or why it is not. */
        BatchItem: components["schemas"]["AcceptedEvent"] | components["schemas"]["Error"];
        /** @description What is to change; as JSON, the body of `PATCH /v1/accounts/{id}`. What is left out stays. */
        ChangeAccount: {
            /** @description Another name, or none. */
            name?: string | null;
            /** @description Whether its keys are refused. What it accepted is still delivered. */
            suspended?: boolean | null;
            /** @description Which events are held against the schemas of their types when they are accepted. */
            validate_events?: components["schemas"]["Validation"] | null;
        };
        /** @description What is to change; as JSON, the body of `PATCH /v1/endpoints/{id}`. What is left out stays. */
        ChangeEndpoint: {
            /** @description Another text, or none. */
            description?: string | null;
            /** @description Other events. */
            event_types?: string[] | null;
            /** @description Other settings. */
            settings?: components["schemas"]["SettingsChange"] | null;
            /**
             * Format: uri
             * @description Another URL.
             */
            url?: string | null;
        };
        /** @description What is to change; as JSON, the body of `PATCH /v1/event-types/{name}`. What is left out stays. */
        ChangeEventType: {
            /** @description Whether it is not to be used any more. */
            archived?: boolean | null;
            /** @description Another text, or none. */
            description?: string | null;
            /** @description Another example, or none. */
            example?: {
                [key: string]: unknown;
            } | null;
            /** @description The schema of its next version. Versions of before are kept. */
            schema?: {
                [key: string]: unknown;
            } | null;
        };
        /** @description What is to change; as JSON, the body of `PATCH /v1/account`. What is left out stays. */
        ChangeOwnAccount: {
            /** @description Another name, or none. */
            name?: string | null;
            /** @description Which events are held against the schemas of their types when they are accepted. */
            validate_events?: components["schemas"]["Validation"] | null;
        };
        /** @description What is to change; as JSON, the body of `PATCH /v1/sources/{id}`. What is left out stays. */
        ChangeSource: {
            /** @description Other values of the scheme, all of them. */
            config?: {
                [key: string]: string;
            } | null;
            /** @description Another name. */
            name?: string | null;
            /** @description Other secrets, all of them, the newest first. */
            secrets?: string[] | null;
            /** @description Other settings. */
            settings?: components["schemas"]["SourceSettingsChange"] | null;
            /** @description Paused, or listened to again. */
            state?: components["schemas"]["SourceState"] | null;
        };
        /** @description What the operator wants; as JSON, the body of `POST /v1/accounts`. */
        CreateAccount: {
            /** @description For people. */
            name: string;
            /** @description Which events are held against the schemas of their types when they are accepted. */
            validate_events?: components["schemas"]["Validation"];
        };
        /** @description What the caller wants; as JSON, the body of `POST /v1/api-keys`. */
        CreateApiKey: {
            /** @description For people. */
            name?: string | null;
            /** @description What it may do. */
            scope: components["schemas"]["Scope"];
            /** @description Limits it to what belongs to this tenant. */
            tenant?: string | null;
        };
        /** @description What the caller wants; as JSON, the body of `POST /v1/endpoints`. */
        CreateEndpoint: {
            /** @description For people. */
            description?: string | null;
            /** @description Which events: types, beginnings such as `invoice.*`, or `*` alone for all. */
            event_types: string[];
            /**
             * @description How they are written, signed and retried.
             * @default standard_webhooks
             */
            profile?: components["schemas"]["ProfileName"];
            /** @description Only where the profile lets the user choose it. */
            secret?: string | null;
            /** @description What it has of its own, instead of what its profile says. */
            settings?: components["schemas"]["SettingsChange"];
            /** @description Only the events of this tenant. */
            tenant?: string | null;
            /**
             * Format: uri
             * @description Where to: an `https://` URL with a public host.
             */
            url: string;
        };
        /** @description A type to register; as JSON, the body of `POST /v1/event-types`. */
        CreateEventType: {
            /** @description For people. */
            description?: string | null;
            /** @description Data that such an event could have; it has to fit the schema. */
            example?: {
                [key: string]: unknown;
            } | null;
            /** @description What events of it say under `type`. */
            name: string;
            /** @description A JSON Schema of the data of its events, draft 2020-12 or 07, of at most 64 KiB. It refers to its own parts only. */
            schema?: {
                [key: string]: unknown;
            } | null;
        };
        /** @description What the caller wants; as JSON, the body of `POST /v1/sources`. */
        CreateSource: {
            /**
             * @description The values of the scheme that only its user knows.
             * @default {}
             */
            config?: {
                [key: string]: string;
            };
            /** @description For people, and what event types begin with. */
            name: string;
            /** @description The name of a scheme, or a scheme of one's own. */
            scheme: unknown;
            /**
             * @description As the sender shows them, the newest first. None for a sender that hands its secret over.
             * @default []
             */
            secrets?: string[];
            /** @description What it has of its own. */
            settings?: components["schemas"]["SourceSettingsChange"];
            /** @description Whose events it brings. */
            tenant?: string | null;
        };
        /** @description The answer to "create": the only one that holds the key. */
        CreatedAccount: {
            /** @description Its first key, of the scope `admin`. */
            api_key: components["schemas"]["CreatedApiKey"];
            /**
             * Format: date-time
             * @description When it was made.
             */
            created_at: string;
            /** @description Its id. */
            id: string;
            /** @description For people. */
            name: string | null;
            /** @description Whether its keys are refused. What it accepted is still delivered. */
            suspended: boolean;
            /** @description Which events are held against the schemas of their types when they are accepted. */
            validate_events: components["schemas"]["Validation"];
        };
        /** @description The answer to "create": the only one that holds the key. */
        CreatedApiKey: {
            /**
             * Format: date-time
             * @description When it was made.
             */
            created_at: string;
            /** @description Not the key: what names it. */
            id: string;
            /** @description The key itself. */
            key: string;
            /** @description For people. */
            name: string | null;
            /** @description How it came to be. */
            origin: components["schemas"]["KeyOrigin"];
            /** @description What it may do. */
            scope: components["schemas"]["Scope"];
            /** @description The tenant that it is limited to. */
            tenant: string | null;
        };
        /** @description One event for one endpoint, with what was tried. */
        Delivery: {
            /**
             * Format: uint32
             * @description How often it was tried.
             */
            attempt_count: number;
            /** @description Every attempt, first to last. */
            attempts: components["schemas"]["Attempt"][];
            /**
             * Format: date-time
             * @description When the event was accepted.
             */
            created_at: string;
            /** @description The endpoint. */
            endpoint_id: string;
            /** @description The event. */
            event_id: string;
            /** @description The type of the event. */
            event_type: string;
            /** @description Its id. */
            id: string;
            /**
             * Format: date-time
             * @description When it is tried next, while it is pending.
             */
            next_attempt_at: string | null;
            /** @description Why it failed or was cancelled. */
            reason: string | null;
            /** @description How far it is. */
            state: components["schemas"]["DeliveryState"];
        };
        /** @enum {string} */
        DeliveryState: "cancelled" | "delivered" | "delivering" | "failed" | "pending";
        /** @description The same in a list: with the last attempt only. */
        DeliverySummary: {
            /**
             * Format: uint32
             * @description How often it was tried.
             */
            attempt_count: number;
            /**
             * Format: date-time
             * @description When the event was accepted.
             */
            created_at: string;
            /** @description The endpoint. */
            endpoint_id: string;
            /** @description The event. */
            event_id: string;
            /** @description The type of the event. */
            event_type: string;
            /** @description Its id. */
            id: string;
            /** @description The last attempt, if there was one. */
            last_attempt: components["schemas"]["Attempt"] | null;
            /**
             * Format: date-time
             * @description When it is tried next, while it is pending.
             */
            next_attempt_at: string | null;
            /** @description Why it failed or was cancelled. */
            reason: string | null;
            /** @description How far it is. */
            state: components["schemas"]["DeliveryState"];
        };
        /** @description One page. */
        DeliverySummaryList: {
            /** @description The rows. */
            data: components["schemas"]["DeliverySummary"][];
            /** @description What to send as `after` or `before` for the next page; `null` on the last. */
            next: string | null;
        };
        /** @description An endpoint as the API shows it; never with its secret. */
        Endpoint: {
            /**
             * Format: date-time
             * @description When it was made.
             */
            created_at: string;
            /** @description For people. */
            description: string | null;
            /** @description Which events: types, beginnings such as `invoice.*`, or `*` alone for all. */
            event_types: string[];
            /**
             * Format: date-time
             * @description Since when no attempt succeeds.
             */
            failing_since: string | null;
            /** @description Its id. */
            id: string;
            /** @description How deliveries are written, signed and retried. */
            profile: components["schemas"]["ProfileName"];
            /** @description Why it is disabled. */
            reason: string | null;
            /** @description What it has of its own. */
            settings: components["schemas"]["EndpointSettings"];
            /** @description Whether deliveries are signed. */
            signed: boolean;
            /** @description Whether it gets events. */
            state: components["schemas"]["EndpointState"];
            /** @description Gets the events of this tenant only. */
            tenant: string | null;
            /**
             * Format: uri
             * @description Where to.
             */
            url: string;
        };
        /** @description One page. */
        EndpointList: {
            /** @description The rows. */
            data: components["schemas"]["Endpoint"][];
            /** @description What to send as `after` or `before` for the next page; `null` on the last. */
            next: string | null;
        };
        /** @description What an endpoint has of its own; `null` where its profile decides. */
        EndpointSettings: {
            /**
             * Format: uint32
             * @description Attempts at once, at most.
             */
            concurrency: number | null;
            /** @description Headers sent with every delivery; keys below the scope `admin` see `(hidden)` for each value. */
            headers: {
                [key: string]: string;
            };
            /** @description In which order it gets its events. */
            order: components["schemas"]["Order"];
            /**
             * Format: uint32
             * @description Attempts per second, at most.
             */
            rate_limit: number | null;
            /** @description When a failed delivery is tried again. */
            retry: components["schemas"]["RetryPolicy"] | null;
            /**
             * Format: uint32
             * @description How long an attempt may take, in milliseconds.
             */
            timeout_ms: number | null;
        };
        /** @enum {string} */
        EndpointState: "active" | "disabled" | "paused";
        /** @description The answer to "create" and "rotate secret": the only ones that hold the secret. */
        EndpointWithSecret: {
            /**
             * Format: date-time
             * @description When it was made.
             */
            created_at: string;
            /** @description For people. */
            description: string | null;
            /** @description Which events: types, beginnings such as `invoice.*`, or `*` alone for all. */
            event_types: string[];
            /**
             * Format: date-time
             * @description Since when no attempt succeeds.
             */
            failing_since: string | null;
            /** @description Its id. */
            id: string;
            /** @description How deliveries are written, signed and retried. */
            profile: components["schemas"]["ProfileName"];
            /** @description Why it is disabled. */
            reason: string | null;
            /** @description The secret that the server made; `null` where the caller chose it, or there is none. */
            secret: string | null;
            /** @description What it has of its own. */
            settings: components["schemas"]["EndpointSettings"];
            /** @description Whether deliveries are signed. */
            signed: boolean;
            /** @description Whether it gets events. */
            state: components["schemas"]["EndpointState"];
            /** @description Gets the events of this tenant only. */
            tenant: string | null;
            /**
             * Format: uri
             * @description Where to.
             */
            url: string;
        };
        /** @description The body of every answer that is not a success. */
        Error: {
            /** @description What went wrong. */
            error: components["schemas"]["ErrorBody"];
        };
        /** @description What went wrong. */
        ErrorBody: {
            /** @description Never changes its meaning. */
            code: string;
            /** @description Where in the request, with `/` between members. */
            field: string | null;
            /** @description What to do. */
            hint: string;
            /** @description What is wrong, for people. */
            message: string;
        };
        /** @description An event with all that became of it. */
        Event: {
            /**
             * Format: date-time
             * @description When it was accepted.
             */
            created_at: string;
            /** @description What was sent, byte for byte. */
            data: {
                [key: string]: unknown;
            };
            /** @description What became of it, for each endpoint that wanted it: the first 250. */
            deliveries: components["schemas"]["Delivery"][];
            /** @description Its id. */
            id: string;
            /** @description What to send as `after` to `GET /v1/events/{id}/deliveries` for those that follow; `null` where there are no more. */
            next_deliveries: string | null;
            /** @description What keeps it in order. */
            ordering_key: string | null;
            /** @description The one profile that was asked for. */
            profile: components["schemas"]["ProfileName"] | null;
            /** @description The tenant it belongs to. */
            tenant: string | null;
            /** @description The type. */
            type: string;
        };
        /** @description The same in a list: without its data. */
        EventSummary: {
            /**
             * Format: date-time
             * @description When it was accepted.
             */
            created_at: string;
            /** @description Its id. */
            id: string;
            /** @description What keeps it in order. */
            ordering_key: string | null;
            /** @description The one profile that was asked for. */
            profile: components["schemas"]["ProfileName"] | null;
            /** @description The tenant it belongs to. */
            tenant: string | null;
            /** @description The type. */
            type: string;
        };
        /** @description One page. */
        EventSummaryList: {
            /** @description The rows. */
            data: components["schemas"]["EventSummary"][];
            /** @description What to send as `after` or `before` for the next page; `null` on the last. */
            next: string | null;
        };
        /** @description A type of events. */
        EventType: {
            /** @description Whether it is not to be used any more. */
            archived: boolean;
            /**
             * Format: date-time
             * @description When it was registered.
             */
            created_at: string | null;
            /** @description For people. */
            description: string | null;
            /** @description Data that fits the newest schema. */
            example: {
                [key: string]: unknown;
            } | null;
            /** @description What events of it say under `type`. */
            name: string;
            /** @description The profile whose registry holds it; `null` for what the account registered. */
            profile: components["schemas"]["ProfileName"] | null;
            /** @description The JSON Schema of the data of its events. */
            schema: {
                [key: string]: unknown;
            } | null;
            /**
             * Format: uint32
             * @description The version that `schema` is of.
             */
            schema_version: number | null;
            /**
             * Format: uint32
             * @description That of its newest schema; 0 where it has none.
             */
            version: number;
        };
        /** @description A type of events in a list: without its schema. */
        EventTypeSummary: {
            /** @description Whether it is not to be used any more. */
            archived: boolean;
            /**
             * Format: date-time
             * @description When it was registered.
             */
            created_at: string | null;
            /** @description For people. */
            description: string | null;
            /** @description What events of it say under `type`. */
            name: string;
            /** @description The profile whose registry holds it; `null` for what the account registered. */
            profile: components["schemas"]["ProfileName"] | null;
            /**
             * Format: uint32
             * @description That of its newest schema; 0 where it has none.
             */
            version: number;
        };
        /** @description One page. */
        EventTypeSummaryList: {
            /** @description The rows. */
            data: components["schemas"]["EventTypeSummary"][];
            /** @description What to send as `after` or `before` for the next page; `null` on the last. */
            next: string | null;
        };
        /** @description The secret that a sender handed over. */
        HandedOverSecret: {
            /** @description As the sender wrote it. */
            secret: string;
        };
        /** @enum {string} */
        KeyOrigin: "api" | "environment" | "generated";
        /** @description The filters of what lists accounts; for the operator. */
        ListAccounts: {
            /** @description Those after this one: the `next` of the page before. */
            after?: string;
            /**
             * @description Rows of a page.
             * @default 50
             */
            limit?: number;
        };
        /** @description The filters of what lists keys, without the keys themselves. */
        ListApiKeys: {
            after?: string;
            /** @default 50 */
            limit?: number;
        };
        /** @description The filters of what lists deliveries; `?state=failed` are the undelivered. */
        ListDeliveries: {
            /** @description Those before this one: the `next` of the page before. */
            before?: string;
            /** @description Those to this endpoint. */
            endpoint_id?: string;
            /**
             * @description Rows of a page.
             * @default 50
             */
            limit?: number;
            /**
             * Format: date-time
             * @description Those of events accepted since then.
             */
            since?: string;
            /** @description Those in one of these states; `failed` are the undelivered. */
            state?: components["schemas"]["DeliveryState"][];
            /** @description Those of events of this tenant. */
            tenant?: string;
        };
        /** @description The filters of what lists endpoints. */
        ListEndpoints: {
            /** @description Those after this one: the `next` of the page before. */
            after?: string;
            /**
             * @description Rows of a page.
             * @default 50
             */
            limit?: number;
            /** @description Those of this profile. */
            profile?: string;
            /** @description Those of this tenant. */
            tenant?: string;
        };
        /** @description The filters of what lists its deliveries. */
        ListEventDeliveries: {
            /** @description Those after this one: the `next` of the page before. */
            after?: string;
            /**
             * @description Rows of a page.
             * @default 50
             */
            limit?: number;
        };
        /** @description The filters of what lists types of events; `?profile=naive` those of a profile. */
        ListEventTypes: {
            /** @description Those after this one: the `next` of the page before. */
            after?: string;
            /**
             * @description Rows of a page.
             * @default 50
             */
            limit?: number;
            /** @description Those of the registry of this profile, instead of those of the account. */
            profile?: components["schemas"]["ProfileName"];
        };
        /** @description The filters of what lists events. */
        ListEvents: {
            /** @description Those before this one: the `next` of the page before. */
            before?: string;
            /**
             * @description Rows of a page.
             * @default 50
             */
            limit?: number;
            /** @description Those of this tenant. */
            tenant?: string;
            /** @description Those of this type. */
            type?: string;
        };
        /** @description The filters of what lists sources. */
        ListSources: {
            /** @description Those made after this one: `next` of the page before. */
            after?: string;
            /**
             * @description Rows of the page.
             * @default 50
             */
            limit?: number;
            /** @description Those of this tenant. */
            tenant?: string;
        };
        /** @enum {string} */
        Order: "none" | "endpoint" | "key";
        /**
         * @description How deliveries are written, signed and retried.
         * @enum {string}
         */
        ProfileName: "standard_webhooks" | "naive" | "ainative" | "yativo" | "nativemsg";
        /** @description A refused request with all that is known, and why it does not verify. */
        Refusal: {
            /** @description `{"text"}` or `{"base64"}`; `null` where it was not kept. */
            body: unknown;
            /**
             * Format: uint
             * @description How long its body was; `null` where it was not kept.
             */
            body_bytes: number | null;
            /** @description Why. */
            code: string;
            /**
             * Format: date-time
             * @description When it came.
             */
            created_at: string;
            /** @description `{"verified", "error", "findings"}`; `null` where the body was not kept. */
            explanation: unknown;
            /** @description Its headers, without secrets. */
            headers: [
                string,
                string
            ][];
            /** @description The id. */
            id: string;
            /** @description The same in words. */
            message: string;
            /** @description The method of the request. */
            method: string;
            /** @description Where it was sent to. */
            url: string;
        };
        /** @description A request that was refused. */
        RefusalSummary: {
            /**
             * Format: uint
             * @description How long its body was; `null` where it was not kept.
             */
            body_bytes: number | null;
            /** @description Why. */
            code: string;
            /**
             * Format: date-time
             * @description When it came.
             */
            created_at: string;
            /** @description The id. */
            id: string;
            /** @description The same in words. */
            message: string;
            /** @description The method of the request. */
            method: string;
        };
        /** @description One page. */
        RefusalSummaryList: {
            /** @description The rows. */
            data: components["schemas"]["RefusalSummary"][];
            /** @description What to send as `after` or `before` for the next page; `null` on the last. */
            next: string | null;
        };
        /** @description The body of `POST /v1/endpoints/{id}/replay-failed`. */
        ReplayFailed: {
            /**
             * Format: date-time
             * @description What failed of events accepted since then.
             */
            since: string;
        };
        /** @description How many deliveries will be sent. */
        Replayed: {
            /**
             * Format: uint64
             * @description So many.
             */
            deliveries: number;
        };
        /** @description How a delay is spread, so that receivers that failed together are not tried again together. */
        RetryJitter: ("decorrelated" | "equal" | "full" | "none") | {
            /** Format: double */
            plus_minus: number;
        };
        /** @description When a failed delivery is tried again, and when no more. Times are seconds, with fractions where wanted, up to a year. */
        RetryPolicy: {
            /**
             * @description Statuses with which the receiver says that it wants nothing more.
             * @default [
             *       410
             *     ]
             */
            disable_statuses?: number[];
            /** @description Statuses after which trying again is of no use. */
            final_statuses?: number[];
            /**
             * @description How a delay is spread.
             * @default none
             */
            jitter?: components["schemas"]["RetryJitter"];
            /**
             * Format: double
             * @description Give up when the next attempt would be later than this after the first.
             */
            max_age_seconds?: number | null;
            /**
             * Format: double
             * @description Give up when the header `Retry-After` asks for more.
             * @default 604800
             */
            max_retry_after_seconds?: number;
            /** @description The delays between attempts. */
            schedule: components["schemas"]["RetrySchedule"];
        };
        /** @description The delays between attempts. */
        RetrySchedule: {
            exponential: {
                /** Format: double */
                factor: number;
                /** Format: double */
                initial_seconds: number;
                /** Format: uint32 */
                max_attempts: number;
                /** Format: double */
                max_seconds: number;
            };
        } | {
            list: number[];
        };
        /** @description What secret follows; as JSON, the body of `POST /v1/endpoints/{id}/rotate-secret`. */
        RotateSecret: {
            /**
             * Format: uint32
             * @description How long the secret of before signs too, in seconds.
             * @default 86400
             */
            overlap_seconds?: number;
            /** @description The new one, where the profile lets the user choose it. */
            secret?: string | null;
        };
        /** @enum {string} */
        Scope: "admin" | "send" | "read";
        /** @description The body of `POST /v1/events/batch`. */
        SendBatch: {
            /** @description The events, each on its own terms. */
            events: components["schemas"]["SendEvent"][];
        };
        /** @description An event to send; as JSON, the body of `POST /v1/events`. */
        SendEvent: {
            /** @description A JSON object. Its bytes are kept as they came, so that big numbers and the order of members survive. */
            data: {
                [key: string]: unknown;
            };
            /** @description The caller's own id; unique within the account. */
            id?: string | null;
            /** @description Endpoints that keep an order by key get events of the same one in the order of their acceptance. */
            ordering_key?: string | null;
            /** @description Only endpoints of this profile. */
            profile?: components["schemas"]["ProfileName"] | null;
            /** @description The tenant it belongs to. */
            tenant?: string | null;
            /** @description The type. */
            type: string;
        };
        /** @description What to send; as JSON, the body of `POST /v1/endpoints/{id}/test`. */
        SendTest: {
            /** @description A JSON object; where none is given, `{"test":true}` with what receivers of the type rely on. */
            data?: {
                [key: string]: unknown;
            } | null;
            /** @description The type; one that the endpoint wants, where none is given. */
            type?: string | null;
        };
        /** @description Settings to change; as JSON, the member `settings`. What is left out stays, what is `null` goes back to the default. */
        SettingsChange: {
            /**
             * Format: uint32
             * @description Attempts at once, at most.
             */
            concurrency?: number | null;
            /** @description Headers sent with every delivery, all of them. */
            headers?: {
                [key: string]: string;
            } | null;
            /** @description In which order. */
            order?: components["schemas"]["Order"] | null;
            /**
             * Format: uint32
             * @description Attempts per second, at most.
             */
            rate_limit?: number | null;
            /** @description A retry policy instead of the profile's. */
            retry?: components["schemas"]["RetryPolicy"] | null;
            /**
             * Format: uint32
             * @description How long an attempt may take, in milliseconds, instead of the profile's.
             */
            timeout_ms?: number | null;
        };
        /** @description A source as the API shows it; never with its secrets. */
        Source: {
            /** @description The names of what was given. */
            config: string[];
            /**
             * Format: date-time
             * @description When it was made.
             */
            created_at: string;
            /** @description The id, which is in the URL that its sender is given. */
            id: string;
            /** @description For people, and what its event types begin with. */
            name: string;
            /** @description The name of a scheme, or a scheme of one's own. */
            scheme: unknown;
            /**
             * Format: uint
             * @description How many.
             */
            secrets: number;
            /** @description What it has of its own. */
            settings: components["schemas"]["SourceSettings"];
            /** @description Whether it is listened to. */
            state: components["schemas"]["SourceState"];
            /** @description Whose events it brings. */
            tenant: string | null;
            /** @description What its sender is given. */
            url: string;
        };
        SourceCounts: {
            /**
             * Format: uint64
             * @description Stored as events.
             */
            accepted: number;
            /**
             * Format: uint64
             * @description Known already.
             */
            duplicates: number;
            /** @description Refused, by code. */
            refused: {
                [key: string]: number;
            };
        };
        /** @description One page. */
        SourceList: {
            /** @description The rows. */
            data: components["schemas"]["Source"][];
            /** @description What to send as `after` or `before` for the next page; `null` on the last. */
            next: string | null;
        };
        /** @description What a source has of its own; `null` for the default. */
        SourceSettings: {
            /**
             * Format: uint32
             * @description For how long a repeat is known, in seconds.
             */
            dedupe_seconds: number | null;
            /** @description What event types begin with, instead of the name. */
            event_prefix: string | null;
            /** @description The sender's types that get another name. */
            event_types: {
                [key: string]: string;
            };
            /** @description Where the id is. */
            id_from: string | null;
            /**
             * Format: uint32
             * @description Bytes of a body, at most.
             */
            max_body_bytes: number | null;
            /** @description The URL that the sender was given. */
            public_url: string | null;
            /**
             * Format: uint32
             * @description Requests per second, at most.
             */
            rate_limit: number | null;
            /**
             * Format: uint32
             * @description How far timestamps may be off, in seconds.
             */
            tolerance_seconds: number | null;
            /** @description Where the type is. */
            type_from: string | null;
        };
        /** @description Settings to change; as JSON, the member `settings`. What is left out stays, what is `null` goes back to the default. */
        SourceSettingsChange: {
            /**
             * Format: uint32
             * @description For how long a repeat is known.
             */
            dedupe_seconds?: number | null;
            /** @description What types begin with. */
            event_prefix?: string | null;
            /** @description The sender's types that get another name, all of them. */
            event_types?: {
                [key: string]: string;
            } | null;
            /** @description Where the id is. */
            id_from?: string | null;
            /**
             * Format: uint32
             * @description Bytes of a body, at most.
             */
            max_body_bytes?: number | null;
            /** @description The URL that the sender was given. */
            public_url?: string | null;
            /**
             * Format: uint32
             * @description Requests per second, at most.
             */
            rate_limit?: number | null;
            /**
             * Format: uint32
             * @description How far timestamps may be off.
             */
            tolerance_seconds?: number | null;
            /** @description Where the type is. */
            type_from?: string | null;
        };
        /** @enum {string} */
        SourceState: "active" | "paused";
        /** @description The same, with what was counted. */
        SourceWithCounts: {
            /** @description The names of what was given. */
            config: string[];
            /** @description What became of its webhooks. */
            counts: components["schemas"]["SourceCounts"];
            /**
             * Format: date-time
             * @description When it was made.
             */
            created_at: string;
            /** @description The id, which is in the URL that its sender is given. */
            id: string;
            /** @description For people, and what its event types begin with. */
            name: string;
            /** @description The name of a scheme, or a scheme of one's own. */
            scheme: unknown;
            /**
             * Format: uint
             * @description How many.
             */
            secrets: number;
            /** @description What it has of its own. */
            settings: components["schemas"]["SourceSettings"];
            /** @description Whether it is listened to. */
            state: components["schemas"]["SourceState"];
            /** @description Whose events it brings. */
            tenant: string | null;
            /** @description What its sender is given. */
            url: string;
        };
        /** @enum {string} */
        Validation: "off" | "known" | "all";
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
