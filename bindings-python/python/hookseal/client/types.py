"""What goes to the server and comes from it, as its OpenAPI document has it.

Written by `make client-types` from docs/openapi.json; the SHA-256 of its schemas is
a3c180ffaa244bd74a354da872a377782770dbeeed571fad353461c0ae004365.
"""

from __future__ import annotations

from typing import Any, Literal, Optional, Union

from typing_extensions import NotRequired, TypeAlias, TypedDict


class AcceptedDelivery(TypedDict):
    """A delivery that will be made."""

    endpoint_id: str
    """The endpoint."""
    id: str
    """The delivery."""


class AcceptedEvent(TypedDict):
    """The answer to an event that is on disk."""

    deliveries: list[AcceptedDelivery]
    """One for each endpoint that wants it."""
    id: str
    """The event."""


class Attempt(TypedDict):
    """One POST. Phases that did not happen, as on a connection used again, are `null`."""

    address: Optional[str]
    """The address that was connected to."""
    at: str
    """When it began."""
    connect_ms: Optional[float]
    """Connecting."""
    dns_ms: Optional[float]
    """Looking the host up."""
    duration_ms: int
    """How long it took in all."""
    error: Optional[str]
    """What went wrong, where there was no whole answer."""
    first_byte_ms: Optional[float]
    """From the request to the first byte of the answer."""
    number: int
    """The first is 1."""
    response_body: str
    """The beginning of the body of the answer."""
    response_head: Optional[str]
    """The head of the answer."""
    status: Optional[int]
    """The status of the answer."""
    tls_ms: Optional[float]
    """Making the connection private."""


class AttemptList(TypedDict):
    """One page."""

    data: list[Attempt]
    """The rows."""
    next: Optional[str]
    """What to send as `after` or `before` for the next page; `null` on the last."""


EventType: TypeAlias = str


class ChangeEventType(TypedDict):
    """What is to change; as JSON, the body of `PATCH /v1/event-types/{name}`. What is left out stays."""

    archived: NotRequired[Optional[bool]]
    """Whether it is not to be used any more."""
    description: NotRequired[Optional[str]]
    """Another text, or none."""
    example: NotRequired[Optional[dict[str, Any]]]
    """Another example, or none."""
    schema: NotRequired[Optional[dict[str, Any]]]
    """The schema of its next version. Versions of before are kept."""


class CreateEventType(TypedDict):
    """A type to register; as JSON, the body of `POST /v1/event-types`."""

    description: NotRequired[Optional[str]]
    """For people."""
    example: NotRequired[Optional[dict[str, Any]]]
    """Data that such an event could have; it has to fit the schema."""
    name: str
    """What events of it say under `type`."""
    schema: NotRequired[Optional[dict[str, Any]]]
    """A JSON Schema of the data of its events, draft 2020-12 or 07, of at most 64 KiB. It refers to its own parts only."""


DeliveryState: TypeAlias = Literal["cancelled", "delivered", "delivering", "failed", "pending"]


class DeliverySummary(TypedDict):
    """The same in a list: with the last attempt only."""

    attempt_count: int
    """How often it was tried."""
    created_at: str
    """When the event was accepted."""
    endpoint_id: str
    """The endpoint."""
    event_id: str
    """The event."""
    event_type: str
    """The type of the event."""
    id: str
    """Its id."""
    last_attempt: Optional[Attempt]
    """The last attempt, if there was one."""
    next_attempt_at: Optional[str]
    """When it is tried next, while it is pending."""
    reason: Optional[str]
    """Why it failed or was cancelled."""
    state: DeliveryState
    """How far it is."""


class DeliverySummaryList(TypedDict):
    """One page."""

    data: list[DeliverySummary]
    """The rows."""
    next: Optional[str]
    """What to send as `after` or `before` for the next page; `null` on the last."""


EndpointState: TypeAlias = Literal["active", "disabled", "paused"]


class ErrorBody(TypedDict):
    """What went wrong."""

    code: str
    """Never changes its meaning."""
    field: Optional[str]
    """Where in the request, with `/` between members."""
    hint: str
    """What to do."""
    message: str
    """What is wrong, for people."""


class HandedOverSecret(TypedDict):
    """The secret that a sender handed over."""

    secret: str
    """As the sender wrote it."""


KeyOrigin: TypeAlias = Literal["api", "environment", "generated"]


class ListAccounts(TypedDict):
    """The filters of what lists accounts; for the operator."""

    after: NotRequired[str]
    """Those after this one: the `next` of the page before."""
    limit: NotRequired[int]
    """Rows of a page."""


class ListApiKeys(TypedDict):
    """The filters of what lists keys, without the keys themselves."""

    after: NotRequired[str]
    limit: NotRequired[int]


class ListDeliveries(TypedDict):
    """The filters of what lists deliveries; `?state=failed` are the undelivered."""

    before: NotRequired[str]
    """Those before this one: the `next` of the page before."""
    endpoint_id: NotRequired[str]
    """Those to this endpoint."""
    limit: NotRequired[int]
    """Rows of a page."""
    since: NotRequired[str]
    """Those of events accepted since then."""
    state: NotRequired[list[DeliveryState]]
    """Those in one of these states; `failed` are the undelivered."""
    tenant: NotRequired[str]
    """Those of events of this tenant."""


class ListEndpoints(TypedDict):
    """The filters of what lists endpoints."""

    after: NotRequired[str]
    """Those after this one: the `next` of the page before."""
    limit: NotRequired[int]
    """Rows of a page."""
    profile: NotRequired[str]
    """Those of this profile."""
    tenant: NotRequired[str]
    """Those of this tenant."""


class ListEventDeliveries(TypedDict):
    """The filters of what lists its deliveries."""

    after: NotRequired[str]
    """Those after this one: the `next` of the page before."""
    limit: NotRequired[int]
    """Rows of a page."""


class ListEvents(TypedDict):
    """The filters of what lists events."""

    before: NotRequired[str]
    """Those before this one: the `next` of the page before."""
    limit: NotRequired[int]
    """Rows of a page."""
    tenant: NotRequired[str]
    """Those of this tenant."""
    type: NotRequired[str]
    """Those of this type."""


class ListSources(TypedDict):
    """The filters of what lists sources."""

    after: NotRequired[str]
    """Those made after this one: `next` of the page before."""
    limit: NotRequired[int]
    """Rows of the page."""
    tenant: NotRequired[str]
    """Those of this tenant."""


Order: TypeAlias = Literal["none", "endpoint", "key"]


ProfileName: TypeAlias = Literal["standard_webhooks", "naive", "ainative", "yativo", "nativemsg"]
"""How deliveries are written, signed and retried."""


class Refusal(TypedDict):
    """A refused request with all that is known, and why it does not verify."""

    body: Any
    """`{"text"}` or `{"base64"}`; `null` where it was not kept."""
    body_bytes: Optional[int]
    """How long its body was; `null` where it was not kept."""
    code: str
    """Why."""
    created_at: str
    """When it came."""
    explanation: Any
    """`{"verified", "error", "findings"}`; `null` where the body was not kept."""
    headers: list[tuple[str, str]]
    """Its headers, without secrets."""
    id: str
    """The id."""
    message: str
    """The same in words."""
    method: str
    """The method of the request."""
    url: str
    """Where it was sent to."""


class RefusalSummary(TypedDict):
    """A request that was refused."""

    body_bytes: Optional[int]
    """How long its body was; `null` where it was not kept."""
    code: str
    """Why."""
    created_at: str
    """When it came."""
    id: str
    """The id."""
    message: str
    """The same in words."""
    method: str
    """The method of the request."""


class RefusalSummaryList(TypedDict):
    """One page."""

    data: list[RefusalSummary]
    """The rows."""
    next: Optional[str]
    """What to send as `after` or `before` for the next page; `null` on the last."""


class ReplayFailed(TypedDict):
    """The body of `POST /v1/endpoints/{id}/replay-failed`."""

    since: str
    """What failed of events accepted since then."""


class Replayed(TypedDict):
    """How many deliveries will be sent."""

    deliveries: int
    """So many."""


class RetryJitter1(TypedDict):
    """The delay, more or less by up to this part of it."""

    plus_minus: float


RetryJitter: TypeAlias = Union[
    Literal["decorrelated", "equal", "full", "none"],
    RetryJitter1,
]
"""How a delay is spread, so that receivers that failed together are not tried again together."""


class Exponential(TypedDict):
    factor: float
    initial_seconds: float
    max_attempts: int
    max_seconds: float


class RetrySchedule1(TypedDict):
    """Each time `factor` times as long, from `initial_seconds` up to `max_seconds`."""

    exponential: Exponential


ListItem: TypeAlias = float


class RetrySchedule2(TypedDict):
    """One delay after each attempt but the last."""

    list: list[ListItem]


RetrySchedule: TypeAlias = Union[RetrySchedule1, RetrySchedule2]
"""The delays between attempts."""


class RotateSecret(TypedDict):
    """What secret follows; as JSON, the body of `POST /v1/endpoints/{id}/rotate-secret`."""

    overlap_seconds: NotRequired[int]
    """How long the secret of before signs too, in seconds."""
    secret: NotRequired[Optional[str]]
    """The new one, where the profile lets the user choose it."""


Scope: TypeAlias = Literal["admin", "send", "read"]


class SendEvent(TypedDict):
    """An event to send; as JSON, the body of `POST /v1/events`."""

    data: dict[str, Any]
    """A JSON object. Its bytes are kept as they came, so that big numbers and the order of members survive."""
    id: NotRequired[Optional[str]]
    """The caller's own id; unique within the account."""
    ordering_key: NotRequired[Optional[str]]
    """Endpoints that keep an order by key get events of the same one in the order of their acceptance."""
    profile: NotRequired[Optional[ProfileName]]
    """Only endpoints of this profile."""
    tenant: NotRequired[Optional[str]]
    """The tenant it belongs to."""
    type: str
    """The type."""


class SendTest(TypedDict):
    """What to send; as JSON, the body of `POST /v1/endpoints/{id}/test`."""

    data: NotRequired[Optional[dict[str, Any]]]
    """A JSON object; where none is given, `{"test":true}` with what receivers of the type rely on."""
    type: NotRequired[Optional[str]]
    """The type; one that the endpoint wants, where none is given."""


class SourceCounts(TypedDict):
    accepted: int
    """Stored as events."""
    duplicates: int
    """Known already."""
    refused: dict[str, int]
    """Refused, by code."""


class SourceSettings(TypedDict):
    """What a source has of its own; `null` for the default."""

    dedupe_seconds: Optional[int]
    """For how long a repeat is known, in seconds."""
    event_prefix: Optional[str]
    """What event types begin with, instead of the name."""
    event_types: dict[str, str]
    """The sender's types that get another name."""
    id_from: Optional[str]
    """Where the id is."""
    max_body_bytes: Optional[int]
    """Bytes of a body, at most."""
    public_url: Optional[str]
    """The URL that the sender was given."""
    rate_limit: Optional[int]
    """Requests per second, at most."""
    tolerance_seconds: Optional[int]
    """How far timestamps may be off, in seconds."""
    type_from: Optional[str]
    """Where the type is."""


class SourceSettingsChange(TypedDict):
    """Settings to change; as JSON, the member `settings`. What is left out stays, what is `null` goes back to the default."""

    dedupe_seconds: NotRequired[Optional[int]]
    """For how long a repeat is known."""
    event_prefix: NotRequired[Optional[str]]
    """What types begin with."""
    event_types: NotRequired[Optional[dict[str, Any]]]
    """The sender's types that get another name, all of them."""
    id_from: NotRequired[Optional[str]]
    """Where the id is."""
    max_body_bytes: NotRequired[Optional[int]]
    """Bytes of a body, at most."""
    public_url: NotRequired[Optional[str]]
    """The URL that the sender was given."""
    rate_limit: NotRequired[Optional[int]]
    """Requests per second, at most."""
    tolerance_seconds: NotRequired[Optional[int]]
    """How far timestamps may be off."""
    type_from: NotRequired[Optional[str]]
    """Where the type is."""


SourceState: TypeAlias = Literal["active", "paused"]


class SourceWithCounts(TypedDict):
    """The same, with what was counted."""

    config: list[str]
    """The names of what was given."""
    counts: SourceCounts
    """What became of its webhooks."""
    created_at: str
    """When it was made."""
    id: str
    """The id, which is in the URL that its sender is given."""
    name: str
    """For people, and what its event types begin with."""
    scheme: Any
    """The name of a scheme, or a scheme of one's own."""
    secrets: int
    """How many."""
    settings: SourceSettings
    """What it has of its own."""
    state: SourceState
    """Whether it is listened to."""
    tenant: Optional[str]
    """Whose events it brings."""
    url: str
    """What its sender is given."""


Validation: TypeAlias = Literal["off", "known", "all"]


class Account(TypedDict):
    """An account: what is of one does not exist for another."""

    created_at: str
    """When it was made."""
    id: str
    """Its id."""
    name: Optional[str]
    """For people."""
    suspended: bool
    """Whether its keys are refused. What it accepted is still delivered."""
    validate_events: Validation
    """Which events are held against the schemas of their types when they are accepted."""


class AccountList(TypedDict):
    """One page."""

    data: list[Account]
    """The rows."""
    next: Optional[str]
    """What to send as `after` or `before` for the next page; `null` on the last."""


class ApiKey(TypedDict):
    """An API key as the API shows it; never the key itself."""

    created_at: str
    """When it was made."""
    id: str
    """Not the key: what names it."""
    name: Optional[str]
    """For people."""
    origin: KeyOrigin
    """How it came to be."""
    scope: Scope
    """What it may do."""
    tenant: Optional[str]
    """The tenant that it is limited to."""


class ApiKeyList(TypedDict):
    """One page."""

    data: list[ApiKey]
    """The rows."""
    next: Optional[str]
    """What to send as `after` or `before` for the next page; `null` on the last."""


class ChangeAccount(TypedDict):
    """What is to change; as JSON, the body of `PATCH /v1/accounts/{id}`. What is left out stays."""

    name: NotRequired[Optional[str]]
    """Another name, or none."""
    suspended: NotRequired[Optional[bool]]
    """Whether its keys are refused. What it accepted is still delivered."""
    validate_events: NotRequired[Optional[Validation]]
    """Which events are held against the schemas of their types when they are accepted."""


class ChangeOwnAccount(TypedDict):
    """What is to change; as JSON, the body of `PATCH /v1/account`. What is left out stays."""

    name: NotRequired[Optional[str]]
    """Another name, or none."""
    validate_events: NotRequired[Optional[Validation]]
    """Which events are held against the schemas of their types when they are accepted."""


class ChangeSource(TypedDict):
    """What is to change; as JSON, the body of `PATCH /v1/sources/{id}`. What is left out stays."""

    config: NotRequired[Optional[dict[str, Any]]]
    """Other values of the scheme, all of them."""
    name: NotRequired[Optional[str]]
    """Another name."""
    secrets: NotRequired[Optional[list[str]]]
    """Other secrets, all of them, the newest first."""
    settings: NotRequired[Optional[SourceSettingsChange]]
    """Other settings."""
    state: NotRequired[Optional[SourceState]]
    """Paused, or listened to again."""


class CreateAccount(TypedDict):
    """What the operator wants; as JSON, the body of `POST /v1/accounts`."""

    name: str
    """For people."""
    validate_events: NotRequired[Validation]
    """Which events are held against the schemas of their types when they are accepted."""


class CreateApiKey(TypedDict):
    """What the caller wants; as JSON, the body of `POST /v1/api-keys`."""

    name: NotRequired[Optional[str]]
    """For people."""
    scope: Scope
    """What it may do."""
    tenant: NotRequired[Optional[str]]
    """Limits it to what belongs to this tenant."""


class CreateSource(TypedDict):
    """What the caller wants; as JSON, the body of `POST /v1/sources`."""

    config: NotRequired[dict[str, str]]
    """The values of the scheme that only its user knows."""
    name: str
    """For people, and what event types begin with."""
    scheme: Any
    """The name of a scheme, or a scheme of one's own."""
    secrets: NotRequired[list[str]]
    """As the sender shows them, the newest first. None for a sender that hands its secret over."""
    settings: NotRequired[SourceSettingsChange]
    """What it has of its own."""
    tenant: NotRequired[Optional[str]]
    """Whose events it brings."""


class CreatedApiKey(TypedDict):
    """The answer to "create": the only one that holds the key."""

    created_at: str
    """When it was made."""
    id: str
    """Not the key: what names it."""
    key: str
    """The key itself."""
    name: Optional[str]
    """For people."""
    origin: KeyOrigin
    """How it came to be."""
    scope: Scope
    """What it may do."""
    tenant: Optional[str]
    """The tenant that it is limited to."""


class Delivery(TypedDict):
    """One event for one endpoint, with what was tried."""

    attempt_count: int
    """How often it was tried."""
    attempts: list[Attempt]
    """Every attempt, first to last."""
    created_at: str
    """When the event was accepted."""
    endpoint_id: str
    """The endpoint."""
    event_id: str
    """The event."""
    event_type: str
    """The type of the event."""
    id: str
    """Its id."""
    next_attempt_at: Optional[str]
    """When it is tried next, while it is pending."""
    reason: Optional[str]
    """Why it failed or was cancelled."""
    state: DeliveryState
    """How far it is."""


class Error(TypedDict):
    """The body of every answer that is not a success."""

    error: ErrorBody
    """What went wrong."""


class Event(TypedDict):
    """An event with all that became of it."""

    created_at: str
    """When it was accepted."""
    data: dict[str, Any]
    """What was sent, byte for byte."""
    deliveries: list[Delivery]
    """What became of it, for each endpoint that wanted it: the first 250."""
    id: str
    """Its id."""
    next_deliveries: Optional[str]
    """What to send as `after` to `GET /v1/events/{id}/deliveries` for those that follow; `null` where there are no more."""
    ordering_key: Optional[str]
    """What keeps it in order."""
    profile: Optional[ProfileName]
    """The one profile that was asked for."""
    tenant: Optional[str]
    """The tenant it belongs to."""
    type: str
    """The type."""


class EventSummary(TypedDict):
    """The same in a list: without its data."""

    created_at: str
    """When it was accepted."""
    id: str
    """Its id."""
    ordering_key: Optional[str]
    """What keeps it in order."""
    profile: Optional[ProfileName]
    """The one profile that was asked for."""
    tenant: Optional[str]
    """The tenant it belongs to."""
    type: str
    """The type."""


class EventSummaryList(TypedDict):
    """One page."""

    data: list[EventSummary]
    """The rows."""
    next: Optional[str]
    """What to send as `after` or `before` for the next page; `null` on the last."""


class EventType2(TypedDict):
    """A type of events."""

    archived: bool
    """Whether it is not to be used any more."""
    created_at: Optional[str]
    """When it was registered."""
    description: Optional[str]
    """For people."""
    example: Optional[dict[str, Any]]
    """Data that fits the newest schema."""
    name: str
    """What events of it say under `type`."""
    profile: Optional[ProfileName]
    """The profile whose registry holds it; `null` for what the account registered."""
    schema: Optional[dict[str, Any]]
    """The JSON Schema of the data of its events."""
    schema_version: Optional[int]
    """The version that `schema` is of."""
    version: int
    """That of its newest schema; 0 where it has none."""


class EventTypeSummary(TypedDict):
    """A type of events in a list: without its schema."""

    archived: bool
    """Whether it is not to be used any more."""
    created_at: Optional[str]
    """When it was registered."""
    description: Optional[str]
    """For people."""
    name: str
    """What events of it say under `type`."""
    profile: Optional[ProfileName]
    """The profile whose registry holds it; `null` for what the account registered."""
    version: int
    """That of its newest schema; 0 where it has none."""


class EventTypeSummaryList(TypedDict):
    """One page."""

    data: list[EventTypeSummary]
    """The rows."""
    next: Optional[str]
    """What to send as `after` or `before` for the next page; `null` on the last."""


class ListEventTypes(TypedDict):
    """The filters of what lists types of events; `?profile=naive` those of a profile."""

    after: NotRequired[str]
    """Those after this one: the `next` of the page before."""
    limit: NotRequired[int]
    """Rows of a page."""
    profile: NotRequired[ProfileName]
    """Those of the registry of this profile, instead of those of the account."""


class RetryPolicy(TypedDict):
    """When a failed delivery is tried again, and when no more. Times are seconds, with fractions where wanted, up to a year."""

    disable_statuses: NotRequired[list[int]]
    """Statuses with which the receiver says that it wants nothing more."""
    final_statuses: NotRequired[list[int]]
    """Statuses after which trying again is of no use."""
    jitter: NotRequired[RetryJitter]
    """How a delay is spread."""
    max_age_seconds: NotRequired[Optional[float]]
    """Give up when the next attempt would be later than this after the first."""
    max_retry_after_seconds: NotRequired[float]
    """Give up when the header `Retry-After` asks for more."""
    schedule: RetrySchedule
    """The delays between attempts."""


class SendBatch(TypedDict):
    """The body of `POST /v1/events/batch`."""

    events: list[SendEvent]
    """The events, each on its own terms."""


class SettingsChange(TypedDict):
    """Settings to change; as JSON, the member `settings`. What is left out stays, what is `null` goes back to the default."""

    concurrency: NotRequired[Optional[int]]
    """Attempts at once, at most."""
    headers: NotRequired[dict[str, str]]
    """Headers sent with every delivery, all of them."""
    order: NotRequired[Optional[Order]]
    """In which order."""
    rate_limit: NotRequired[Optional[int]]
    """Attempts per second, at most."""
    retry: NotRequired[Optional[RetryPolicy]]
    """A retry policy instead of the profile's."""
    timeout_ms: NotRequired[Optional[int]]
    """How long an attempt may take, in milliseconds, instead of the profile's."""


class Source(TypedDict):
    """A source as the API shows it; never with its secrets."""

    config: list[str]
    """The names of what was given."""
    created_at: str
    """When it was made."""
    id: str
    """The id, which is in the URL that its sender is given."""
    name: str
    """For people, and what its event types begin with."""
    scheme: Any
    """The name of a scheme, or a scheme of one's own."""
    secrets: int
    """How many."""
    settings: SourceSettings
    """What it has of its own."""
    state: SourceState
    """Whether it is listened to."""
    tenant: Optional[str]
    """Whose events it brings."""
    url: str
    """What its sender is given."""


class SourceList(TypedDict):
    """One page."""

    data: list[Source]
    """The rows."""
    next: Optional[str]
    """What to send as `after` or `before` for the next page; `null` on the last."""


BatchItem: TypeAlias = Union[AcceptedEvent, Error]
"""An event that is on disk, or why it is not."""


class ChangeEndpoint(TypedDict):
    """What is to change; as JSON, the body of `PATCH /v1/endpoints/{id}`. What is left out stays."""

    description: NotRequired[Optional[str]]
    """Another text, or none."""
    event_types: NotRequired[Optional[list[EventType]]]
    """Other events."""
    settings: NotRequired[Optional[SettingsChange]]
    """Other settings."""
    url: NotRequired[Optional[str]]
    """Another URL."""


class CreateEndpoint(TypedDict):
    """What the caller wants; as JSON, the body of `POST /v1/endpoints`."""

    description: NotRequired[Optional[str]]
    """For people."""
    event_types: list[EventType]
    """Which events: types, beginnings such as `invoice.*`, or `*` alone for all."""
    profile: NotRequired[ProfileName]
    """How they are written, signed and retried."""
    secret: NotRequired[Optional[str]]
    """Only where the profile lets the user choose it."""
    settings: NotRequired[SettingsChange]
    """What it has of its own, instead of what its profile says."""
    tenant: NotRequired[Optional[str]]
    """Only the events of this tenant."""
    url: str
    """Where to: an `https://` URL with a public host."""


class CreatedAccount(TypedDict):
    """The answer to "create": the only one that holds the key."""

    api_key: CreatedApiKey
    """Its first key, of the scope `admin`."""
    created_at: str
    """When it was made."""
    id: str
    """Its id."""
    name: Optional[str]
    """For people."""
    suspended: bool
    """Whether its keys are refused. What it accepted is still delivered."""
    validate_events: Validation
    """Which events are held against the schemas of their types when they are accepted."""


class EndpointSettings(TypedDict):
    """What an endpoint has of its own; `null` where its profile decides."""

    concurrency: Optional[int]
    """Attempts at once, at most."""
    headers: dict[str, str]
    """Headers sent with every delivery; keys below the scope `admin` see `(hidden)` for each value."""
    order: Order
    """In which order it gets its events."""
    rate_limit: Optional[int]
    """Attempts per second, at most."""
    retry: Optional[RetryPolicy]
    """When a failed delivery is tried again."""
    timeout_ms: Optional[int]
    """How long an attempt may take, in milliseconds."""


class EndpointWithSecret(TypedDict):
    """The answer to "create" and "rotate secret": the only ones that hold the secret."""

    created_at: str
    """When it was made."""
    description: Optional[str]
    """For people."""
    event_types: list[str]
    """Which events: types, beginnings such as `invoice.*`, or `*` alone for all."""
    failing_since: Optional[str]
    """Since when no attempt succeeds."""
    id: str
    """Its id."""
    profile: ProfileName
    """How deliveries are written, signed and retried."""
    reason: Optional[str]
    """Why it is disabled."""
    secret: Optional[str]
    """The secret that the server made; `null` where the caller chose it, or there is none."""
    settings: EndpointSettings
    """What it has of its own."""
    signed: bool
    """Whether deliveries are signed."""
    state: EndpointState
    """Whether it gets events."""
    tenant: Optional[str]
    """Gets the events of this tenant only."""
    url: str
    """Where to."""


class AcceptedBatch(TypedDict):
    """What became of each event of a batch, in their order."""

    events: list[BatchItem]
    """One for each event that was sent."""


class Endpoint(TypedDict):
    """An endpoint as the API shows it; never with its secret."""

    created_at: str
    """When it was made."""
    description: Optional[str]
    """For people."""
    event_types: list[str]
    """Which events: types, beginnings such as `invoice.*`, or `*` alone for all."""
    failing_since: Optional[str]
    """Since when no attempt succeeds."""
    id: str
    """Its id."""
    profile: ProfileName
    """How deliveries are written, signed and retried."""
    reason: Optional[str]
    """Why it is disabled."""
    settings: EndpointSettings
    """What it has of its own."""
    signed: bool
    """Whether deliveries are signed."""
    state: EndpointState
    """Whether it gets events."""
    tenant: Optional[str]
    """Gets the events of this tenant only."""
    url: str
    """Where to."""


class EndpointList(TypedDict):
    """One page."""

    data: list[Endpoint]
    """The rows."""
    next: Optional[str]
    """What to send as `after` or `before` for the next page; `null` on the last."""
