"""What an event says of itself."""

from __future__ import annotations

import json

from hookseal import Verified, Webhook
from sample import HOOK, NOW, RAW


def test_an_event_can_be_written_as_json() -> None:
    event = HOOK.verify(RAW, HOOK.sign(RAW, id="msg_1", now=NOW), now=NOW)
    written = {
        "id": "msg_1",
        "type": "invoice.paid",
        "timestamp": "2026-04-25T10:05:23+00:00",
        "key_index": 0,
        "data": json.loads(RAW),
    }
    assert event.to_dict() == dict(event) == written
    assert json.loads(json.dumps(event.to_dict())) == written
    naive = Webhook("naive", "secret")
    other = naive.verify(b"no JSON", naive.sign(b"no JSON"))
    assert other.to_dict() == dict.fromkeys(written) | {"key_index": 0}


def test_types_say_what_the_payload_is() -> None:
    assert str(Verified[int]) == "hookseal.Verified[int]"
    assert Webhook[int]("naive", "secret").scheme == "naive"
