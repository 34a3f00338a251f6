"""What naive's API answers."""

from __future__ import annotations

from typing import Optional, TypedDict


class NaiveWebhook(TypedDict):
    """A subscription."""

    id: str
    url: str
    eventTypes: list[str]
    active: bool
    tenant_user_id: Optional[str]
    """The user whose events it gets; None where it gets those of all."""


class CreatedNaiveWebhook(NaiveWebhook):
    """A subscription that was just made."""

    secret: str
    """What deliveries are signed with. No other answer has it: store it."""


class NaiveTest(TypedDict):
    """What came of a test event."""

    delivered: bool
    """Whether the receiver took it."""
    status: Optional[int]
    """What it answered; None where there was no whole answer."""
    error: Optional[str]
    """What went wrong, where there was none."""
    durationMs: Optional[int]
    id: str
    """The subscription."""
    event: str
    """The type of the event."""
    eventId: str
    deliveryId: str
