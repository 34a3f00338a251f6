"""The suite of providers.json: every delivery of `source/providers.jsonl`, as it was sent and in the ways it must be refused.

The refusals here are those that every scheme shares; `cases.py` has those of one scheme.
"""

import base64
import json
import pathlib

from cases import CASES
from senders import Delivery

SOURCE = pathlib.Path(__file__).parent / "source/providers.jsonl"
PUBLISHED = ("docs", "official-sdk-checked")
YEARS_MS = 86_400_000_000

NOTES = {
    "Claims": "What a JWT says does not fit the request or the time.",
    "Forged": "The signature is not the sender's.",
    "Incomplete": "Something that the signature needs is not there.",
    "Published": "The provider publishes this delivery, or its own library accepted it.",
    "Several": "Several signatures, headers or notifications.",
    "Timestamp": "Too old, or in the future.",
    "Unsigned": "What is changed here is not signed: an event may be forged so far.",
    "Url": "The scheme signs the URL or the method.",
}


def deliveries():
    """Every line of the source."""
    return [Delivery(**json.loads(line)) for line in SOURCE.read_text(encoding="utf-8").splitlines()]


def fill(suite, now_ms):
    """Writes all tests into the suite."""
    for delivery in deliveries():
        flags = ["Published"] if delivery.origin in PUBLISHED else []
        cases = [(delivery.comment, flags, delivery, {}), *shared(delivery)]
        name = delivery.scheme if delivery.comment == Delivery.comment else f"{delivery.scheme}: {delivery.comment}"
        if name in CASES:
            cases += CASES[name](delivery)
        for comment, flags, sent, outcome in cases:
            add(suite, comment, flags, sent, outcome, now_ms)


def shared(d):
    """What every delivery of this kind is refused for."""
    no_match = "no_match"
    yield "another secret", ["Forged"], d.but(secret=d.other_secret), no_match
    if d.signature.startswith("header:"):
        yield "no signature", ["Incomplete"], d.with_signature(None), "missing_header"
    if "body" in d.covers:
        yield "another body", ["Forged"], d.but(body=d.body + " "), d.codes.get("body", no_match)
    elif "fields" not in d.covers and "token" not in d.covers:
        yield "another body, which is not signed", ["Unsigned"], d.but(body=d.body + " "), {}
    if d.expected["timestampMs"] is not None:
        at = d.expected["timestampMs"]
        yield "years later", ["Timestamp"], d.but(now=at + YEARS_MS), "timestamp_too_old"
        yield "years before", ["Timestamp"], d.but(now=at - YEARS_MS), "timestamp_too_new"
    if "url" in d.covers:
        url = d.other_url or d.url.replace("://", "://other.")
        yield "another URL", ["Url"], d.but(url=url), d.codes.get("url", no_match)
        yield "no URL", ["Url"], d.but(url=None), "missing_url"
    if "method" in d.covers:
        yield "another method", ["Url"], d.but(method="PUT"), d.codes.get("method", no_match)
    if "config" in d.covers:
        other = {
            name: value.replace("://", "://other.") if "://" in value else "another" for name, value in d.config.items()
        }
        yield "another setting", ["Forged"], d.but(config=other), d.codes.get("config", no_match)
        yield "no setting", ["Incomplete"], d.but(config=None), "missing_config"


def body(sent):
    if isinstance(sent.body, str):
        return {"body": sent.body}
    return {"bodyBase64": base64.b64encode(sent.body).decode()}


def add(suite, comment, flags, sent, outcome, now_ms):
    """Adds one test; `outcome` is a code, or what is expected besides what the delivery expects."""
    group = {"scheme": sent.scheme, "secrets": sent.secret if isinstance(sent.secret, list) else [sent.secret]}
    if sent.config is not None:
        group["config"] = sent.config
    if not suite.groups or any(suite.groups[-1].get(key) != group.get(key) for key in ("scheme", "secrets", "config")):
        suite.group(**group)
    at = next(at for at in (sent.now, sent.expected["timestampMs"], now_ms) if at is not None)
    test = {"nowMs": at}
    if sent.method != "POST":
        test["method"] = sent.method
    if sent.url is not None:
        test["url"] = sent.url
    test |= {"headers": [list(pair) for pair in sent.headers.items()], **body(sent)}
    if isinstance(outcome, str):
        suite.add(comment, "invalid", flags, **test, code=outcome)
    else:
        suite.add(comment, "valid", flags, **test, expected={**sent.expected, "keyIndex": 0, **outcome})
