"""Schemes that sign with headers, the URL or the form: what they must accept and refuse beyond what all share."""

import base64
import hashlib
import json
from urllib.parse import parse_qsl

from extension import extended, padding
from senders import b64, compact, hook0, mac, sign

from .flags import FORGED, INCOMPLETE, SEVERAL, TIME, UNSIGNED, URL

ZEROS = b64(bytes(32))


def either_header(second, other=ZEROS):
    """Schemes that repeat the signature, or the one of another key, in a second header."""

    def cases(d):
        first = d.signature.removeprefix("header:")
        value = d.header(first)
        yield "the second header alone", SEVERAL, d.with_signature(None).with_header(second, value), {}
        yield "ours in the second header", SEVERAL, d.with_signature(other).with_header(second, value), {}
        yield "neither header is ours", FORGED, d.with_signature(other).with_header(second, other), "no_match"

    return cases


def docusign(d):
    value, bare = d.header("x-docusign-signature-1"), d.with_signature(None)
    yield "ours in the second header", SEVERAL, d.with_signature(ZEROS).with_header("x-docusign-signature-2", value), {}
    yield "the hundredth header", SEVERAL, bare.with_header("x-docusign-signature-100", value), {}
    yield (
        "a header beyond the hundredth",
        INCOMPLETE,
        bare.with_header("x-docusign-signature-101", value),
        "missing_header",
    )


def box(d):
    yield from either_header("box-signature-secondary")(d)
    both = d.but(secret=["another secret", d.secret])
    yield "the second of two secrets", SEVERAL, both, {"keyIndex": 1}
    yield "another version", INCOMPLETE, d.with_header("box-signature-version", "2"), "malformed_header"
    yield "no version", INCOMPLETE, d.with_header("box-signature-version", None), "missing_header"


def infisical(d):
    digest = d.header("x-infisical-signature").split(";")[1]
    yield "another t, which is not signed", UNSIGNED, d.with_signature(f"t=1;{digest}"), {}
    yield "only t", INCOMPLETE, d.with_signature("t=1700000000000"), "malformed_header"


def outpost(d):
    digest = d.header("x-outpost-signature").removeprefix("v0=")
    yield "ours is the second", SEVERAL, d.with_signature(f"v0={'0' * 64},{digest}"), {}
    yield "no version", INCOMPLETE, d.with_signature("v1=" + digest), "malformed_header"


def gitlab(d):
    older = d.with_header("idempotency-key", None).with_header("x-gitlab-webhook-uuid", "uuid_1")
    yield "an older version", SEVERAL, older, {"id": "uuid_1"}
    both = d.with_header("x-gitlab-webhook-uuid", "uuid_1")
    yield "another id for each attempt", SEVERAL, both, {}


def grafana(d):
    name, time = "x-grafana-alerting-timestamp", d.header("x-grafana-alerting-timestamp")
    bare = d.with_header(name, None)
    at = d.expected["timestampMs"]
    unsigned = {"timestampMs": None}
    yield "the timestamp is left out", FORGED, bare.but(now=at), "no_match"
    timeless = bare.with_signature(mac(d.secret, d.body).hex())
    yield "no timestamp is signed", SEVERAL, timeless.but(now=at), unsigned
    yield "no timestamp is signed, years later", SEVERAL, timeless.but(now=at * 2), unsigned
    # The header moved into the body: the same bytes are signed.
    yield "the timestamp is moved into the body", FORGED, bare.but(now=at, body=f"{time}:{d.body}"), "malformed_body"
    yield "another timestamp", FORGED, d.with_header(name, str(int(time) + 1)).but(now=at), "no_match"
    yield "a timestamp that is none", TIME, d.with_header(name, "soon").but(now=at), "malformed_timestamp"
    yield "an empty timestamp", INCOMPLETE, d.with_header(name, "").but(now=at), "malformed_header"


def persona(d):
    ours, other = d.header("persona-signature"), f"t={d.seconds},v1={'0' * 64}"
    yield "ours is the second group", SEVERAL, d.with_signature(f"{other} {ours}"), {}
    yield "ours is the first group", SEVERAL, d.with_signature(f"{ours} {other}"), {}
    yield "neither group is ours", FORGED, d.with_signature(f"{other} {other}"), "no_match"
    yield "ours is the eighth group", SEVERAL, d.with_signature(" ".join([other] * 7 + [ours])), {}
    yield "nine groups", SEVERAL, d.with_signature(" ".join([ours] + [other] * 8)), "too_many_signatures"
    mixed = f"t={d.seconds},v1={'0' * 64} t={int(d.seconds) + 1},{ours.split(',')[1]}"
    yield "the time of one group, the signature of another", FORGED, d.with_signature(mixed), "no_match"


def hook0_cases(d):
    ours = hook0(d)
    v0 = mac(d.secret, f"{d.seconds}.{d.body}").hex()
    wrong = ours[:-64] + "0" * 64
    yield "v1 and v0, v1 wrong", FORGED, d.with_signature(f"{wrong},v0={v0}"), "no_match"
    yield "v1 and v0, v0 wrong", SEVERAL, d.with_signature(f"{ours},v0={'0' * 64}"), {}
    yield "only v0", SEVERAL, d.with_signature(f"t={d.seconds},v0={v0}"), {}
    yield "only v0, wrong", FORGED, d.with_signature(f"t={d.seconds},v0={'0' * 64}"), "no_match"
    values = ".".join([d.header("x-event-id"), d.header("x-delivery-id")])
    digest = ours[-64:]
    longer = f"x-event-id x-delivery-id.{values}.{d.body}"
    yield (
        "v1 given out for v0, of a longer body",
        FORGED,
        d.with_signature(f"t={d.seconds},v0={digest}").but(body=longer),
        "malformed_body",
    )
    float_body = d.but(body='{"a":1.5}')
    cut = float_body.with_signature(hook0(float_body)).but(body="5}")
    yield (
        "the beginning of the body in the last listed header",
        FORGED,
        cut.with_header("x-delivery-id", d.header("x-delivery-id") + '.{"a":1'),
        "malformed_body",
    )
    yield "a listed header is missing", INCOMPLETE, d.with_header("x-delivery-id", None), "missing_header"
    yield "a listed header is another", FORGED, d.with_header("x-event-id", "evt-2"), "no_match"
    order = ours.replace("x-event-id x-delivery-id", "x-delivery-id x-event-id")
    yield "the headers in another order", FORGED, d.with_signature(order), "no_match"
    yield (
        "no list of headers",
        INCOMPLETE,
        d.with_signature(ours.replace("h=x-event-id x-delivery-id,", "")),
        "malformed_header",
    )


def recurly(d):
    at, digest = d.header("recurly-signature").split(",")
    yield "ours is the second", SEVERAL, d.with_signature(f"{at},{'0' * 64},{digest}"), {}
    yield "another time", FORGED, d.with_signature(f"1700000000001,{digest}"), "no_match"
    yield "only the time", INCOMPLETE, d.with_signature(at), "malformed_header"


def openphone_legacy(d):
    ours = d.header("openphone-signature")
    yield "another version", INCOMPLETE, d.with_signature(ours.replace("hmac;1", "hmac;2")), "malformed_header"
    yield "too few parts", INCOMPLETE, d.with_signature("hmac;1;1700000000000"), "malformed_header"


def linear(d):
    at = d.expected["timestampMs"]
    yield "a minute late", TIME, d.but(now=at + 60_000), {}
    yield "more than a minute late", TIME, d.but(now=at + 60_001), "timestamp_too_old"
    unsaid = sign(d.but(body=d.body.replace("webhookTimestamp", "timestamp")))
    yield "no time in the body", INCOMPLETE, unsaid.but(now=at), "missing_value"
    header = unsaid.with_header("linear-timestamp", d.millis).but(now=at)
    yield "the time only in a header, which is not signed", UNSIGNED, header, "missing_value"


def mercadopago(d):
    yield "the id in lower case", URL, d.but(url=d.url.replace("ABC123", "abc123")), {}
    yield "the rest of the URL, which is not signed", UNSIGNED, d.but(url=d.url.replace("payment", "order")), {}
    yield "another x-request-id", FORGED, d.with_header("x-request-id", "another"), "no_match"
    yield "no x-request-id", FORGED, d.with_header("x-request-id", None), "no_match"
    yield "the URL without its id", FORGED, d.but(url="https://example.com/mp?type=payment"), "no_match"


def with_file(d):
    """The same fields as multipart, and a file that the sender did not sign."""
    part = '--b\r\nContent-Disposition: form-data; name="{}"{}\r\n\r\n{}\r\n'
    parts = [part.format(name, "", value) for name, value in parse_qsl(d.body)]
    parts.append(part.format("Media", '; filename="a.txt"', "forged"))
    return d.with_header("content-type", "multipart/form-data; boundary=b").but(body="".join(parts) + "--b--\r\n")


def twilio(d):
    fields = d.body.split("&")
    yield "the fields in another order", SEVERAL, d.but(body="&".join(reversed(fields))), {}
    port = sign(d.but(url=d.url.replace(".com/", ".com:443/")))
    yield "signed with the port of the scheme", URL, port.but(url=d.url), {}
    yield "the port of the scheme in the URL", URL, d.but(url=port.url), {}
    yield "a field more", FORGED, d.but(body=d.body + "&Extra=1"), "no_match"
    name, value = fields[0].split("=")
    cut = d.but(body="&".join([f"{name}{value[:2]}={value[2:]}", *fields[1:]]))
    yield "a name that takes the beginning of its value, which is not signed", UNSIGNED, cut, {}
    yield "a file", FORGED, with_file(d), "malformed_body"
    yield "a field less", FORGED, d.but(body="&".join(fields[1:])), "no_match"
    yield (
        "the parameters of the URL in another order",
        URL,
        d.but(url="https://mycompany.com/myapp.php?bar=2&foo=1"),
        "no_match",
    )


def twilio_json(d):
    bare = "https://mycompany.com/myapp.php?foo=1&bar=2"
    yield "no digest in the URL", INCOMPLETE, sign(d.but(url=bare)), "missing_value"
    digest = hashlib.sha256(b"{}").hexdigest()
    swapped = d.but(url=f"{bare}&bodySHA256={digest}", body="{}")
    yield "another body and its digest", FORGED, swapped, "no_match"
    yield "a parameter behind the digest", FORGED, sign(d.but(url=d.url + "&a=1")), "malformed_url"


def twilio_sharedkey(d):
    yield from twilio(d)
    yield "signed with SHA-1", FORGED, sign(d.but(scheme="twilio")).but(scheme=d.scheme), "malformed_header"


def x_twitter(d):
    forged = d.but(body="a=1").with_signature("sha256=" + b64(mac(d.secret, "a=1")))
    # Who asks for the answer to a challenge chooses this text, and gets it signed.
    yield "a challenge given out for a body", FORGED, forged, "malformed_body"


def hubspot_v1(d):
    secret, body = d.secret.encode(), d.body.encode()
    length = len(secret) + len(body)
    more = b',{"eventId":2}]'
    digest = extended(bytes.fromhex(d.header("x-hubspot-signature")), length, more)
    longer = body + padding(length) + more
    assert digest == hashlib.sha256(secret + longer).digest()
    continued = d.but(body=longer).with_signature(digest.hex())
    yield "continued by somebody without the secret", FORGED, continued, "malformed_body"


def hubspot_v2(d):
    name = "x-hubspot-signature-version"
    yield "another version", INCOMPLETE, d.with_header(name, "v3"), "malformed_header"
    yield "no version", INCOMPLETE, d.with_header(name, None), "missing_header"


def contentful(d):
    yield "a listed header is missing", INCOMPLETE, d.with_header("x-contentful-topic", None), "missing_header"
    yield "a listed header is another", FORGED, d.with_header("x-contentful-topic", "other"), "no_match"
    listed = "x-contentful-signed-headers,x-contentful-timestamp"
    yield "a shorter list", FORGED, d.with_header("x-contentful-signed-headers", listed), "no_match"


def plivo_v3(d):
    ours = d.header("x-plivo-signature-v3")
    yield "ours is the second", SEVERAL, d.with_signature(f"{ZEROS},{ours}"), {}
    yield "another nonce", FORGED, d.with_header("x-plivo-signature-v3-nonce", "another"), "no_match"
    yield "the fields in another order", SEVERAL, d.but(body="&".join(reversed(d.body.split("&")))), {}


def plivo_v2(d):
    yield "the query, which is not signed", UNSIGNED, d.but(url=d.url + "&y=2"), {}
    yield "no nonce", INCOMPLETE, d.with_header("x-plivo-signature-v2-nonce", None), "missing_header"


def easypost(d):
    yield "no prefix", INCOMPLETE, d.with_signature(d.header("x-hmac-signature").split("=")[1]), "malformed_header"


def fal_ai(d):
    for name in ("x-fal-webhook-request-id", "x-fal-webhook-user-id"):
        yield f"no {name}", INCOMPLETE, d.with_header(name, None), "missing_header"
        yield f"another {name}", FORGED, d.with_header(name, "another"), "no_match"


def standard_webhooks_ed25519(d):
    ours = d.header("webhook-signature")
    yield "only v1", INCOMPLETE, d.with_signature("v1," + ZEROS), "unsupported_signature"
    yield "another id", FORGED, d.with_header("webhook-id", "another"), "no_match"
    yield "the second of two keys", SEVERAL, d.but(secret=[d.other_secret, d.secret]), {"keyIndex": 1}
    yield "a signature cut short", INCOMPLETE, d.with_signature(ours[:-4]), "malformed_header"


def keygen(d):
    yield "another date", FORGED, d.with_header("date", "Tue, 14 Nov 2023 22:13:21 GMT"), "no_match"
    yield "no date", INCOMPLETE, d.with_header("date", None), "missing_header"
    ours = d.header("keygen-signature")
    yield "a shorter list", FORGED, d.with_signature(ours.replace(" digest", "")), "malformed_header"


def sendgrid(d):
    yield "the body without its line break", FORGED, d.but(body=d.body.rstrip()), "no_match"
    yield "another time", FORGED, d.with_header("x-twilio-email-event-webhook-timestamp", "1600112503"), "no_match"
    yield "not DER", INCOMPLETE, d.with_signature(b64(bytes(64))), "no_match"


def ebay(d):
    said = json.loads(base64.b64decode(d.header("x-ebay-signature")))
    bare = b64(compact({name: value for name, value in said.items() if name != "signature"}).encode())
    yield "a header without a signature", INCOMPLETE, d.with_signature(bare), "malformed_header"
    yield "a header that is not JSON", INCOMPLETE, d.with_signature(b64(b"{")), "malformed_header"
    yield "a header that is not base64", INCOMPLETE, d.with_signature("{}"), "malformed_header"


def paypal(d):
    yield "another id", FORGED, d.with_header("paypal-transmission-id", "another"), "no_match"
    yield "another time", FORGED, d.with_header("paypal-transmission-time", "2023-11-14T22:13:21Z"), "no_match"
    yield "no id", INCOMPLETE, d.with_header("paypal-transmission-id", None), "missing_header"


CASES = {
    "attio": either_header("x-attio-signature", "0" * 64),
    "box": box,
    "contentful": contentful,
    "docusign": docusign,
    "easypost": easypost,
    "ebay": ebay,
    "fal_ai": fal_ai,
    "forgejo": either_header("x-gitea-signature", "0" * 64),
    "hook0": hook0_cases,
    "hookdeck": either_header("x-hookdeck-signature-2"),
    "hubspot_v1": hubspot_v1,
    "hubspot_v2": hubspot_v2,
    "infisical": infisical,
    "keygen": keygen,
    "linear": linear,
    "mercadopago": mercadopago,
    "openphone_legacy": openphone_legacy,
    "outpost": outpost,
    "paypal": paypal,
    "gitlab": gitlab,
    "grafana": grafana,
    "persona": persona,
    "plivo_v2": plivo_v2,
    "plivo_v3": plivo_v3,
    "primer": either_header("x-signature-secondary"),
    "recurly": recurly,
    "sendgrid": sendgrid,
    "standard_webhooks_ed25519": standard_webhooks_ed25519,
    "twilio": twilio,
    "twilio_json": twilio_json,
    "twilio_sharedkey": twilio_sharedkey,
    "twilio_sharedkey_json": twilio_json,
    "x_twitter": x_twitter,
}
