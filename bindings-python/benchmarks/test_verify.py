"""One valid delivery, from raw body and headers to an accepted event.

Run with ``pytest benchmarks``; the ordinary run does not collect this.
"""

from __future__ import annotations

from typing import Any

import pytest
import stripe

from delivery import FORMS, PEERS, body_of, headers_for
from hookseal import Webhook

SIZES = {"256 B": 256, "1 KiB": 1024, "64 KiB": 65536, "256 KiB": 262144}
CASES = [(size, "a dict") for size in SIZES] + [("1 KiB", form) for form in [*FORMS][1:]]


@pytest.mark.parametrize(("size", "form"), CASES)
@pytest.mark.parametrize("peer", PEERS)
def test_verify(benchmark: Any, peer: str, size: str, form: str) -> None:
    body = body_of(SIZES[size])
    headers = FORMS[form](headers_for(body))
    benchmark.group, benchmark.param = f"verify {size}, {form}", peer
    assert measured(benchmark, PEERS[peer](), (body, headers), len(body))


@pytest.mark.parametrize("peer", ["hookseal", "stripe"])
def test_stripe(benchmark: Any, peer: str) -> None:
    hook = Webhook("stripe", "whsec_secret")
    body = b'{"id":"evt_1","object":"event","data":{"object":{}}}'
    headers = hook.sign(body)
    construct = stripe.Webhook.construct_event
    benchmark.group, benchmark.param = "verify Stripe's", peer
    if peer == "hookseal":
        assert measured(benchmark, hook.verify, (body, headers), len(body))
    else:
        args = (body, headers["stripe-signature"], "whsec_secret")
        assert measured(benchmark, construct, args, len(body))


def measured(benchmark: Any, call: Any, args: tuple[Any, ...], length: int) -> Any:
    # Many short rounds: on a busy machine, the fastest of them was not disturbed.
    calls = max(1, 400_000 // (2_000 + length))
    return benchmark.pedantic(call, args, iterations=calls, rounds=300, warmup_rounds=1)
