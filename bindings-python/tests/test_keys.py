"""Keys that senders publish, and pairs of keys."""

from __future__ import annotations

import json
from functools import partial

from hookseal import KeyPair, KeyRequest, Webhook, generate_key_pair, key_request
from sample import RAW, deliveries, refused


def test_a_published_key_is_asked_for() -> None:
    group = deliveries()["aws_sns"]
    case = group["tests"][0]
    needed = key_request("aws_sns", case["body"], case["headers"], config=group["config"])
    url = json.loads(case["body"])["SigningCertURL"]
    assert needed == KeyRequest(url, None, "x509")
    assert {needed: 1}[KeyRequest(url, None, "x509")] == 1
    hook = Webhook("aws_sns", group["secrets"][0], config=group["config"])
    assert hook.verify(case["body"], case["headers"], now=case["nowMs"] / 1000).id is not None


def test_a_key_of_somebody_else_is_not() -> None:
    group = deliveries()["aws_sns"]
    case, config = group["tests"][0], group["config"]
    for url in (
        "https://sns.us-west-2.amazonaws.com.evil.example/a.pem",
        "http://sns.us-west-2.amazonaws.com/a.pem",
    ):
        body = json.dumps({**json.loads(case["body"]), "SigningCertURL": url})
        error = refused(
            "untrusted_key_url", partial(key_request, "aws_sns", body, {}, config=config)
        )
        assert error.status == 401


def test_a_key_has_an_id_and_a_form() -> None:
    group = deliveries()["kinde"]
    case = group["tests"][0]
    ask = partial(key_request, "kinde", case["body"], case["headers"])
    needed = ask(config=group["config"])
    assert needed is not None
    assert (needed.key_id, needed.format) == ("k1", "jwks")
    assert needed.url is not None
    assert needed.url.startswith("https://x.kinde.com/")
    refused("missing_config", ask)


def test_most_senders_publish_no_key() -> None:
    assert key_request("naive", b"{}", {}) is None
    refused("unknown_scheme", lambda: key_request("no such", b"{}", {}))


def test_a_pair_of_keys_signs_and_verifies() -> None:
    pair, other = generate_key_pair(), generate_key_pair()
    assert pair != other
    assert isinstance(pair, KeyPair)
    assert (pair.private_key[:5], pair.public_key[:5]) == ("whsk_", "whpk_")
    assert pair.private_key not in repr(pair) + str(pair)
    sender = Webhook("standard_webhooks_ed25519", pair.private_key)
    receiver = Webhook("standard_webhooks_ed25519", pair.public_key)
    headers = sender.sign(RAW, id="msg_1")
    assert receiver.verify(RAW, headers).id == "msg_1"
    assert sender.verify(RAW, headers).id == "msg_1"
    refused("invalid_secret", lambda: receiver.sign(RAW, id="msg_1"))
    stranger = Webhook("standard_webhooks_ed25519", other.public_key)
    refused("no_match", lambda: stranger.verify(RAW, headers))
    rotated = Webhook("standard_webhooks_ed25519", [other.public_key, pair.public_key])
    assert rotated.verify(RAW, headers).key_index == 1
