"""What sender and receiver of a judge see: a message before it is signed, a delivery after."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import Any, Callable, Union

# The second tells apart libraries that hash the bytes from those that hash something like them.
BODIES = (
    '{"id":"evt_81","type":"invoice.paid","amount":1250}',
    '{ "id": "evt_82", "type": "invoice.paid", "name": "Zoë ☕ 請求", "amount": 1250 }\n',
)


@dataclass(frozen=True)
class Pair:
    """A key pair: the sender has one half, the receiver the other."""

    signing: str
    verifying: str


Secret = Union[str, Pair]


@dataclass(frozen=True)
class Delivery:
    """A request; as long as nobody has signed it, a message."""

    body: str
    seconds: int
    id: str = "msg_2mR8vXwq0ZkT1dHs"
    type: str = "invoice.paid"
    method: str = "POST"
    url: str = "https://example.com/hooks/in?source=a%20b&n=1"
    headers: dict[str, str] = field(default_factory=dict)

    def signed(self, headers: dict[str, str]) -> Delivery:
        """The same with the headers that sign it."""
        return replace(self, headers={**self.headers, **headers})


@dataclass(frozen=True)
class Judge:
    """A library, and a scheme that it knows."""

    sdk: str
    """Its name on the registry."""
    scheme: str
    """The row of the catalogue."""
    secret: Secret
    wrong: Secret
    """Another one of the same kind."""
    accepts: Callable[[Delivery, str], Any]
    """Whether the library takes a delivery, asked with a secret; it may refuse with False or raise."""
    signs: Callable[[Delivery, str], Delivery]
    """A message as the library signs it; where it cannot sign, as its provider documents."""
    bodies: tuple[str, ...] = BODIES
    headers: dict[str, str] = field(default_factory=dict)
    """What comes with a message besides the signature."""
    url: bool = False
    """Whether method and URL are signed."""
    verify_only: bool = False
    """For senders that we do not play."""

    def messages(self) -> list[Delivery]:
        """What is to be sent. Libraries read the clock, so the time is the real one."""
        return [Delivery(body, int(time.time()), headers=self.headers) for body in self.bodies]


def changed(delivery: Delivery) -> Delivery:
    """A delivery as nobody signed it: with another amount in the body."""
    other = replace(delivery, body=delivery.body.replace("1250", "9250"))
    assert other != delivery
    return other
