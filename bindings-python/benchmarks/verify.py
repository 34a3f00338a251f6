"""One valid delivery, from raw body and headers to an accepted event: us against peers.

Run with ``python benchmarks/verify.py``.

The first rows of a table are ours: to the event, and to the event with its JSON read. Each peer is
divided by the one that does the same work, which `delivery.py` says of it.
"""

from __future__ import annotations

import stripe

from delivery import FORMS, PEERS, READS_JSON, body_of, headers_for
from hookseal import Webhook
from rounds import least_times

SIZES = {"256 B": 256, "1 KiB": 1024, "64 KiB": 65536, "256 KiB": 262144}
CASES = [(size, "a dict") for size in SIZES] + [("1 KiB", form) for form in [*FORMS][1:]]


def main() -> None:
    for size, form in CASES:
        body = body_of(SIZES[size])
        headers = FORMS[form](headers_for(body))
        calls = {name: (verifier(), (body, headers)) for name, verifier in PEERS.items()}
        report(f"{size}, {form}", least_times(calls))

    hook, secret = Webhook("stripe", "whsec_secret"), "whsec_secret"
    body = b'{"id":"evt_1","object":"event","data":{"object":{}}}'
    headers = hook.sign(body)
    theirs = (body, headers["stripe-signature"], secret)
    report(
        "Stripe's",
        least_times(
            {
                "hookseal": (hook.verify, (body, headers)),
                "hookseal and JSON": (lambda *sent: hook.verify(*sent).json(), (body, headers)),
                "stripe": (stripe.Webhook.construct_event, theirs),
            }
        ),
    )


def report(what: str, times: dict[str, float]) -> None:
    print(f"verify {what}")
    for name, seconds in times.items():
        row = f"  {name:<28} {seconds * 1e6:9.2f} µs"
        if not name.startswith("hookseal"):
            own = "hookseal and JSON" if name in READS_JSON else "hookseal"
            row += f"  {seconds / times['hookseal']:6.1f} x hookseal"
            row += f", {seconds / times[own]:6.1f} x {own}" if own != "hookseal" else ""
        print(row)


if __name__ == "__main__":
    main()
