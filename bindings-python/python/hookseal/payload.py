"""What senders send that publish it.

Written by `python generate/payload.py`.
"""

from typing import Any, Literal, Optional, TypedDict, Union


class StandardPayload(TypedDict):
    """The body of a Standard Webhooks message."""

    data: dict[str, Any]
    """The particulars."""
    timestamp: str
    """When it happened: RFC 3339."""
    type: str
    """The type of the event: ``invoice.paid``."""


NaiveApprovalStatus = Union[Literal["approved", "denied", "failed"], str]
"""How an approval ended."""


class NaiveApprovalResolved(TypedDict):
    """The data of ``approval.resolved``."""

    status: NaiveApprovalStatus
    """How it ended."""
    tenant_user_id: Optional[str]
    """Whose it is; none when it is the company's."""


class NaiveApprovalResolvedPayload(TypedDict):
    """``approval.resolved``."""

    data: NaiveApprovalResolved
    event: Literal["approval.resolved"]
    """The type of the event."""
    ts: int
    """When it happened, in milliseconds since the epoch."""


class NaiveEmailReceived(TypedDict):
    """The data of ``email.received``."""

    tenant_user_id: Optional[str]
    """Whose inbox it is; none when it is the company's."""


class NaiveEmailReceivedPayload(TypedDict):
    """``email.received``."""

    data: NaiveEmailReceived
    event: Literal["email.received"]
    """The type of the event."""
    ts: int
    """When it happened, in milliseconds since the epoch."""


NaivePayload = Union[NaiveApprovalResolvedPayload, NaiveEmailReceivedPayload]
"""The body of a naive webhook. Types that this version does not know may come, too."""


class _AinativeAgentTaskComplete(TypedDict):
    status: str
    """How it ended: ``completed``."""
    task_id: str
    """The id of the task, by which the API tells more about it."""


class AinativeAgentTaskComplete(_AinativeAgentTaskComplete, total=False):
    """The data of ``agent.task.complete``."""

    agent_types: Optional[list[str]]
    """The kinds of agent that took part: ``backend``, ``qa``."""
    owner_id: Optional[str]
    """The user it belongs to, where the event has one."""


class AinativeAgentTaskCompletePayload(TypedDict):
    """``agent.task.complete``."""

    data: AinativeAgentTaskComplete
    event_type: Literal["agent.task.complete"]
    """The type of the event."""
    occurred_at: str
    """When it happened: RFC 3339, UTC, seconds."""


class AinativeMcpServerReady(TypedDict, total=False):
    """The data of ``mcp.server.ready``."""

    owner_id: Optional[str]
    """The user it belongs to, where the event has one."""


class AinativeMcpServerReadyPayload(TypedDict):
    """``mcp.server.ready``."""

    data: AinativeMcpServerReady
    event_type: Literal["mcp.server.ready"]
    """The type of the event."""
    occurred_at: str
    """When it happened: RFC 3339, UTC, seconds."""


class AinativeMemoryConsolidated(TypedDict, total=False):
    """The data of ``memory.consolidated``."""

    owner_id: Optional[str]
    """The user it belongs to, where the event has one."""


class AinativeMemoryConsolidatedPayload(TypedDict):
    """``memory.consolidated``."""

    data: AinativeMemoryConsolidated
    event_type: Literal["memory.consolidated"]
    """The type of the event."""
    occurred_at: str
    """When it happened: RFC 3339, UTC, seconds."""


class AinativeMemoryStored(TypedDict, total=False):
    """The data of ``memory.stored``."""

    owner_id: Optional[str]
    """The user it belongs to, where the event has one."""


class AinativeMemoryStoredPayload(TypedDict):
    """``memory.stored``."""

    data: AinativeMemoryStored
    event_type: Literal["memory.stored"]
    """The type of the event."""
    occurred_at: str
    """When it happened: RFC 3339, UTC, seconds."""


class AinativeVectorsIndexed(TypedDict, total=False):
    """The data of ``vectors.indexed``."""

    owner_id: Optional[str]
    """The user it belongs to, where the event has one."""


class AinativeVectorsIndexedPayload(TypedDict):
    """``vectors.indexed``."""

    data: AinativeVectorsIndexed
    event_type: Literal["vectors.indexed"]
    """The type of the event."""
    occurred_at: str
    """When it happened: RFC 3339, UTC, seconds."""


AinativePayload = Union[
    AinativeAgentTaskCompletePayload,
    AinativeMcpServerReadyPayload,
    AinativeMemoryConsolidatedPayload,
    AinativeMemoryStoredPayload,
    AinativeVectorsIndexedPayload,
]
"""The body of an ainative (ZeroDB) webhook. Types that this version does not know may come, too."""


class YativoDepositConfirmedPayload(TypedDict):
    """``deposit.confirmed``."""

    created_at: str
    """When it happened: RFC 3339, UTC."""
    data: dict[str, Any]
    id: str
    """The id of the event, the same over attempts and replays: ``evt_…``."""
    type: Literal["deposit.confirmed"]
    """The type of the event."""


class YativoDepositDetectedPayload(TypedDict):
    """``deposit.detected``."""

    created_at: str
    """When it happened: RFC 3339, UTC."""
    data: dict[str, Any]
    id: str
    """The id of the event, the same over attempts and replays: ``evt_…``."""
    type: Literal["deposit.detected"]
    """The type of the event."""


class YativoTransactionConfirmedPayload(TypedDict):
    """``transaction.confirmed``."""

    created_at: str
    """When it happened: RFC 3339, UTC."""
    data: dict[str, Any]
    id: str
    """The id of the event, the same over attempts and replays: ``evt_…``."""
    type: Literal["transaction.confirmed"]
    """The type of the event."""


class YativoTransactionFailedPayload(TypedDict):
    """``transaction.failed``."""

    created_at: str
    """When it happened: RFC 3339, UTC."""
    data: dict[str, Any]
    id: str
    """The id of the event, the same over attempts and replays: ``evt_…``."""
    type: Literal["transaction.failed"]
    """The type of the event."""


class YativoTransactionInitiatedPayload(TypedDict):
    """``transaction.initiated``."""

    created_at: str
    """When it happened: RFC 3339, UTC."""
    data: dict[str, Any]
    id: str
    """The id of the event, the same over attempts and replays: ``evt_…``."""
    type: Literal["transaction.initiated"]
    """The type of the event."""


class YativoTransactionSubmittedPayload(TypedDict):
    """``transaction.submitted``."""

    created_at: str
    """When it happened: RFC 3339, UTC."""
    data: dict[str, Any]
    id: str
    """The id of the event, the same over attempts and replays: ``evt_…``."""
    type: Literal["transaction.submitted"]
    """The type of the event."""


class YativoWithdrawalCompletedPayload(TypedDict):
    """``withdrawal.completed``."""

    created_at: str
    """When it happened: RFC 3339, UTC."""
    data: dict[str, Any]
    id: str
    """The id of the event, the same over attempts and replays: ``evt_…``."""
    type: Literal["withdrawal.completed"]
    """The type of the event."""


YativoPayload = Union[
    YativoDepositConfirmedPayload,
    YativoDepositDetectedPayload,
    YativoTransactionConfirmedPayload,
    YativoTransactionFailedPayload,
    YativoTransactionInitiatedPayload,
    YativoTransactionSubmittedPayload,
    YativoWithdrawalCompletedPayload,
]
"""The body of a yativo webhook. Types that this version does not know may come, too."""


class _NativemsgMessage(TypedDict):
    type: str
    """What it is: ``text``."""


class NativemsgMessage(_NativemsgMessage, total=False):
    """A message."""

    content: Optional[str]
    """The text of a text message."""


class _NativemsgUser(TypedDict):
    id: str
    """The id of the user."""


class NativemsgUser(_NativemsgUser, total=False):
    """A person who talks with a bot."""

    phone: Optional[str]
    """The number with ``+`` and country code, where the channel has one."""


class _NativemsgMessageReceivedPayload(TypedDict):
    bot_id: Optional[str]
    """Which bot it belongs to."""
    event: Literal["message.received"]
    """The type of the event."""
    timestamp: str
    """When it happened: RFC 3339, UTC."""
    message: NativemsgMessage
    """What was sent."""
    user: NativemsgUser
    """Who sent it."""


class NativemsgMessageReceivedPayload(_NativemsgMessageReceivedPayload, total=False):
    """``message.received``."""

    signature: Optional[str]
    """``sha256=`` and hex, once the body is signed."""


class _NativemsgMessageSentPayload(TypedDict):
    bot_id: Optional[str]
    """Which bot it belongs to."""
    event: Literal["message.sent"]
    """The type of the event."""
    timestamp: str
    """When it happened: RFC 3339, UTC."""


class NativemsgMessageSentPayload(_NativemsgMessageSentPayload, total=False):
    """``message.sent``."""

    signature: Optional[str]
    """``sha256=`` and hex, once the body is signed."""
    message: Optional[NativemsgMessage]
    """What was sent."""
    user: Optional[NativemsgUser]
    """Whom it was sent to."""


class _NativemsgMessageStatusPayload(TypedDict):
    bot_id: Optional[str]
    """Which bot it belongs to."""
    event: Literal["message.status"]
    """The type of the event."""
    timestamp: str
    """When it happened: RFC 3339, UTC."""


class NativemsgMessageStatusPayload(_NativemsgMessageStatusPayload, total=False):
    """``message.status``."""

    signature: Optional[str]
    """``sha256=`` and hex, once the body is signed."""
    message: Optional[NativemsgMessage]
    """The message whose status changed."""
    user: Optional[NativemsgUser]
    """Whom the message was sent to."""


class _NativemsgUserCreatedPayload(TypedDict):
    bot_id: Optional[str]
    """Which bot it belongs to."""
    event: Literal["user.created"]
    """The type of the event."""
    timestamp: str
    """When it happened: RFC 3339, UTC."""


class NativemsgUserCreatedPayload(_NativemsgUserCreatedPayload, total=False):
    """``user.created``."""

    signature: Optional[str]
    """``sha256=`` and hex, once the body is signed."""
    user: Optional[NativemsgUser]
    """Who was created."""


NativemsgPayload = Union[
    NativemsgMessageReceivedPayload,
    NativemsgMessageSentPayload,
    NativemsgMessageStatusPayload,
    NativemsgUserCreatedPayload,
]
"""The body of a nativeMsg webhook. Types that this version does not know may come, too."""


LumaGuestStatus = Union[
    Literal["approved", "declined", "invited", "pending_approval", "session", "waitlist"], str
]
"""Whether a guest may come."""


class _LumaGathering(TypedDict):
    id: Optional[str]
    """Its id: ``evt-…``."""


class LumaGathering(_LumaGathering, total=False):
    """What a guest registers for."""

    end_at: Optional[str]
    """When it ends: RFC 3339."""
    name: Optional[str]
    """Its name."""
    start_at: Optional[str]
    """When it starts: RFC 3339."""
    timezone: Optional[str]
    """The name of its time zone: ``Europe/Berlin``."""


class _LumaGuestRegistered(TypedDict):
    approval_status: LumaGuestStatus
    """Whether the guest may come."""
    id: str
    """The id of the guest."""
    registered_at: Optional[str]
    """When the guest registered: RFC 3339."""
    user_email: str
    """The address of the guest."""
    user_first_name: Optional[str]
    """The first name."""
    user_last_name: Optional[str]
    """The last name."""
    user_name: Optional[str]
    """The whole name, where the guest gave one."""


class LumaGuestRegistered(_LumaGuestRegistered, total=False):
    """The data of ``guest.registered``."""

    event: Optional[LumaGathering]
    """What the guest registered for."""


class LumaGuestRegisteredPayload(TypedDict):
    """``guest.registered``."""

    data: LumaGuestRegistered
    type: Literal["guest.registered"]
    """The type of the event."""


LumaPayload = LumaGuestRegisteredPayload
"""The body of a Luma webhook. Types that this version does not know may come, too."""
