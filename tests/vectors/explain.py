#!/usr/bin/env python3
"""Writes `explain.json`: requests with one mistake in them, and what is to be said of each.

The requests are signed here, with Python's own hmac. Run `python3 tests/vectors/explain.py` after a change; `--check` tells
whether the file is current.
"""

import base64
import hashlib
import hmac
import json
import pathlib
import struct
import sys
import zlib

FILE = pathlib.Path(__file__).parent / "explain.json"
NOW = 1_777_111_523  # 2026-04-25T10:05:23Z
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
KEY = base64.b64decode(SECRET.removeprefix("whsec_"))
URL = "https://example.com/hooks/in?a=1"
BODY = '{"data":{"amount":1.50,"id":7,"name":"Café","url":"https://e.com/a"},"type":"invoice.paid"}'.encode()

NOTES = {
    "Advice": "The request verifies, and something is to be said of it all the same.",
    "Circumstance": "The time, the URL or the method is not the one that was signed.",
    "Fact": "Nothing has to be tried to see it.",
    "Header": "A header came otherwise than it was sent.",
    "Key": "The secret is not read as the sender reads it, or is none of the right kind.",
    "Likely": "Nothing that could be tried makes it verify, so that this is a suspicion.",
    "Payload": "The body is not the bytes that were signed.",
    "Scheme": "The request is signed in another way than the scheme says.",
    "Twofold": "Two mistakes in one request.",
}


def mac(key, content, algorithm=hashlib.sha256):
    return hmac.new(key, content, algorithm)


def standard_webhooks(body, now=NOW):
    digest = mac(KEY, f"msg_1.{now}.".encode() + body).digest()
    signature = f"v1,{base64.b64encode(digest).decode()}"
    return {"webhook-id": "msg_1", "webhook-timestamp": str(now), "webhook-signature": signature}


def stripe(body, now=NOW, secret=SECRET):
    return {"stripe-signature": f"t={now},v1={mac(secret.encode(), f'{now}.'.encode() + body).hexdigest()}"}


def github(body):
    return {"x-hub-signature-256": "sha256=" + mac(SECRET.encode(), body).hexdigest()}


def shopify(body):
    return {"x-shopify-hmac-sha256": base64.b64encode(mac(SECRET.encode(), body).digest()).decode()}


def slack(body, now=NOW):
    signature = "v0=" + mac(SECRET.encode(), f"v0:{now}:".encode() + body).hexdigest()
    return {"x-slack-request-timestamp": str(now), "x-slack-signature": signature}


def square(body, url=URL):
    digest = mac(SECRET.encode(), url.encode() + body).digest()
    return {"x-square-hmacsha256-signature": base64.b64encode(digest).decode()}


def twilio(fields, url=URL):
    content = url + "".join(name + value for name, value in sorted(fields.items()))
    digest = mac(SECRET.encode(), content.encode(), hashlib.sha1).digest()
    return {
        "x-twilio-signature": base64.b64encode(digest).decode(),
        "content-type": "application/x-www-form-urlencoded",
    }


SIGN = {
    "standard_webhooks": standard_webhooks,
    "stripe": stripe,
    "github": github,
    "shopify": shopify,
    "slack": slack,
    "square": square,
}


def gzip(text):
    """A file with one stored block, which every version of zlib would write alike."""
    stored = b"\x01" + struct.pack("<HH", len(text), len(text) ^ 0xFFFF) + text
    return b"\x1f\x8b\x08" + bytes(6) + b"\x03" + stored + struct.pack("<II", zlib.crc32(text), len(text))


class Suite:
    def __init__(self):
        self.groups, self.count = {}, 0

    def add(self, comment, scheme, flags, findings, *, secrets=(SECRET,), sent=BODY, signed_by=None, **case):
        """`sent` is signed by `signed_by`; the fields of `case` say what came."""
        self.count += 1
        headers = case.pop("headers", None)
        headers = SIGN[signed_by or scheme](sent) if headers is None else headers
        body = case.pop("body", sent)
        body = body.encode() if isinstance(body, str) else body
        try:
            fields = {"body": body.decode("utf-8")}
        except UnicodeDecodeError:
            fields = {"bodyBase64": base64.b64encode(body).decode()}
        code = case.pop("code", None)
        test = {
            "tcId": self.count,
            "comment": comment,
            "flags": flags.split(),
            "nowMs": case.pop("now", NOW) * 1000,
            "headers": [list(pair) for pair in headers.items()],
            **fields,
            **case,
            "findings": [[cause, certainty == "certain"] for cause, certainty in findings],
            "result": "invalid" if code else "valid",
        }
        if code:
            test["code"] = code
        self.groups.setdefault((scheme, tuple(secrets)), []).append(test)

    def text(self):
        groups = [
            {"scheme": scheme, "secrets": list(secrets), "tests": tests}
            for (scheme, secrets), tests in self.groups.items()
        ]
        number = 0
        for group in groups:
            for test in group["tests"]:
                number += 1
                test["tcId"] = number
        document = {
            "schema": "vector.schema.json",
            "operation": "explain",
            "numberOfTests": self.count,
            "notes": {flag: {"description": text} for flag, text in NOTES.items()},
            "testGroups": groups,
        }
        return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def certain(*causes):
    return [(cause, "certain") for cause in causes]


def likely(*causes):
    return [(cause, "likely") for cause in causes]


def bodies(suite):
    value = json.loads(BODY)
    text = BODY.decode()
    for comment, scheme, cause, body in [
        ("written again by JSON.stringify", "stripe", "body_reserialized", text.replace("1.50", "1.5")),
        ("written again by json.dumps", "github", "body_reserialized", json.dumps(value)),
        ("written again with indentation", "standard_webhooks", "body_reserialized", text.replace(",", ",\n")),
        ("an escaped letter", "slack", "body_reserialized", text.replace("é", "\\u00e9")),
        ("an escaped slash", "shopify", "body_reserialized", text.replace("/", "\\/")),
        ("a byte order mark put before", "stripe", "bom_added", b"\xef\xbb\xbf" + BODY),
        ("a line break put behind", "github", "newline_added", BODY + b"\n"),
        ("a carriage return and line break put behind", "standard_webhooks", "newline_added", BODY + b"\r\n"),
        ("UTF-8 read as Latin-1", "stripe", "body_charset", BODY.decode("latin-1").encode()),
        ("UTF-8 written as Latin-1", "stripe", "body_charset", text.encode("latin-1")),
        ("UTF-8 written as UTF-16 with its mark", "github", "body_charset", b"\xff\xfe" + text.encode("utf-16-le")),
        ("gzip still on", "standard_webhooks", "body_compressed", gzip(BODY)),
        ("base64, as a gateway gives it", "github", "body_base64", base64.b64encode(BODY)),
        ("a JSON string of it", "stripe", "body_double_encoded", json.dumps(text)),
        ("the envelope of a gateway", "github", "body_wrapped", json.dumps({"isBase64Encoded": False, "body": text})),
    ]:
        suite.add(comment, scheme, "Payload", certain(cause), body=body, code="no_match")
    for comment, scheme, cause, sent, body in [
        (
            "json.dumps, written again compactly",
            "stripe",
            "body_reserialized",
            json.dumps(value),
            json.dumps(value, separators=(",", ":")),
        ),
        ("members that the sender sorts", "github", "body_reserialized", '{"a":1,"b":2}', '{"b": 2, "a": 1}'),
        ("a number that lost its fraction", "stripe", "body_reserialized", '{"amount":20.0}', '{"amount":20}'),
        ("signs escaped as HTML", "github", "body_reserialized", '{"a":"\\u003cb\\u003e"}', '{"a":"<b>"}'),
        ("a byte order mark taken off", "stripe", "bom_removed", b"\xef\xbb\xbf" + BODY, BODY),
        ("a line break taken off", "github", "newline_removed", BODY + b"\n", BODY),
        ("line breaks changed", "stripe", "line_endings", "a\nb\n", "a\r\nb\r\n"),
        ("line breaks changed back", "stripe", "line_endings", "a\r\nb\r\n", "a\nb\n"),
        (
            "a form that was parsed into JSON",
            "github",
            "body_decoded",
            "payload=%7B%22a%22%3A%22b+c%22%7D",
            '{"a":"b c"}',
        ),
        ("a form that was decoded", "slack", "body_decoded", "token=a+b&text=c%2Fd", "token=a b&text=c/d"),
    ]:
        sent = sent.encode() if isinstance(sent, str) else sent
        suite.add(comment, scheme, "Payload", certain(cause), sent=sent, body=body, code="no_match")
    suite.add(
        "a parsed value as text",
        "stripe",
        "Fact Payload",
        certain("body_reserialized") + likely("wrong_secret"),
        body="[object Object]",
        code="no_match",
    )
    headers = {**stripe(BODY), "content-length": str(len(BODY))}
    suite.add(
        "a body that ends early",
        "stripe",
        "Fact Payload",
        certain("body_truncated") + likely("wrong_secret"),
        headers=headers,
        body=BODY[:20],
        code="no_match",
    )
    suite.add(
        "no body at all", "stripe", "Likely Payload", likely("body_empty", "wrong_secret"), body=b"", code="no_match"
    )


def secrets(suite):
    bare = SECRET.removeprefix("whsec_")
    public = "whpk_AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE="
    for comment, scheme, cause, secret, code in [
        ("the prefix taken off where it is part of the key", "stripe", "secret_prefix", bare, "no_match"),
        ("the key as hex where base64 is read", "standard_webhooks", "secret_encoding", KEY.hex(), "no_match"),
        ("the secret as base64", "github", "secret_encoding", base64.b64encode(SECRET.encode()).decode(), "no_match"),
        ("a line break behind the secret", "github", "secret_padded", SECRET + "\n", "invalid_secret"),
        ("quotes around the secret", "stripe", "secret_padded", f'"{SECRET}"', "no_match"),
        ("the name of the variable before the secret", "slack", "secret_padded", f"SLACK_SECRET={SECRET}", "no_match"),
    ]:
        suite.add(comment, scheme, "Key", certain(cause), secrets=[secret], code=code)
    suite.add(
        "a public key for a shared secret",
        "stripe",
        "Fact Key",
        certain("key_kind") + likely("wrong_secret"),
        secrets=[public],
        code="no_match",
    )
    suite.add(
        "another secret", "stripe", "Key Likely", likely("wrong_secret"), secrets=["whsec_another"], code="no_match"
    )
    suite.add("the old secret", "stripe", "Advice Key", certain("old_secret"), secrets=["whsec_new", SECRET])
    suite.add("nothing to say", "standard_webhooks", "Advice", [])
    suite.add("no timestamp", "github", "Advice", certain("no_replay_protection"))


def headers(suite):
    cgi = {"HTTP_" + name.upper().replace("-", "_"): value for name, value in standard_webhooks(BODY).items()}
    suite.add(
        "names as CGI gives them",
        "standard_webhooks",
        "Header",
        certain("header_renamed"),
        headers=cgi,
        code="missing_header",
    )
    prefixed = {"x-" + name: value for name, value in standard_webhooks(BODY).items()}
    suite.add(
        "`x-` before the names",
        "standard_webhooks",
        "Header",
        certain("header_renamed"),
        headers=prefixed,
        code="missing_header",
    )
    suite.add(
        "a signature under a name of its own",
        "github",
        "Header",
        certain("header_renamed"),
        headers={"x-sig": github(BODY)["x-hub-signature-256"]},
        code="missing_header",
    )
    absent = {name: value for name, value in standard_webhooks(BODY).items() if name != "webhook-id"}
    suite.add(
        "no id",
        "standard_webhooks",
        "Fact Header",
        certain("header_missing") + likely("wrong_secret"),
        headers=absent,
        code="missing_header",
    )
    name, value = next(iter(github(BODY).items()))
    for comment, cause, changed, code in [
        (
            "the prefix of the signature taken off",
            "signature_altered",
            value.removeprefix("sha256="),
            "malformed_header",
        ),
        ("the signature as a list", "signature_altered", f'["{value}"]', "malformed_header"),
        ("several values in one line", "header_repeated", f"sha256={'0' * 64}, {value}", "malformed_header"),
    ]:
        suite.add(comment, "github", "Header", certain(cause), headers={name: changed}, code=code)
    suite.add(
        "the end of the signature cut off",
        "github",
        "Fact Header",
        certain("signature_truncated") + likely("wrong_secret"),
        headers={name: value[:40]},
        code="malformed_header",
    )
    name, value = next(iter(shopify(BODY).items()))
    urlsafe = value.replace("+", "-").replace("/", "_").rstrip("=")
    suite.add(
        "base64url for base64",
        "shopify",
        "Header",
        certain("signature_encoding"),
        headers={name: urlsafe},
        code="malformed_header",
    )
    suite.add(
        "hex for base64",
        "shopify",
        "Header",
        certain("signature_encoding"),
        headers={name: base64.b64decode(value).hex()},
        code="malformed_header",
    )


def circumstances(suite):
    for comment, off, cause, code in [
        ("a clock that is ahead", 400, "clock_off", "timestamp_too_old"),
        ("a clock that is behind", -400, "clock_off", "timestamp_too_new"),
        ("a clock in another time zone", 2 * 3600 + 5, "clock_off", "timestamp_too_old"),
        ("an old delivery", 10_000, "replay", "timestamp_too_old"),
    ]:
        suite.add(comment, "stripe", "Circumstance", certain(cause), now=NOW + off, code=code)
    milliseconds = slack(BODY) | {"x-slack-request-timestamp": f"{NOW}000"}
    suite.add(
        "milliseconds for seconds",
        "slack",
        "Circumstance",
        certain("timestamp_unit"),
        headers=milliseconds,
        code="timestamp_too_new",
    )
    forwarded = {"x-forwarded-host": "example.com", "x-forwarded-proto": "https"}
    inner = "http://10.0.0.7:3000/hooks/in?a=1"
    for comment, url, more, code in [
        ("http for https", "http://example.com/hooks/in?a=1", {}, "no_match"),
        ("the URL behind a proxy", inner, forwarded, "no_match"),
        ("a slash at the end of the path", "https://example.com/hooks/in/?a=1", {}, "no_match"),
    ]:
        flags, found = "Circumstance", certain("wrong_url")
        suite.add(comment, "square", flags, found, headers=square(BODY) | more, url=url, code=code)
    fields = {"Body": "Café now", "To": "+15550001"}
    form = "To=%2B15550001&Body=Caf%C3%A9+now"
    suite.add(
        "the URL behind a proxy, with a form",
        "twilio",
        "Circumstance",
        certain("wrong_url"),
        headers=twilio(fields) | forwarded,
        body=form,
        url=inner,
        code="no_match",
    )
    suite.add(
        "another URL",
        "square",
        "Circumstance Likely",
        likely("wrong_url", "wrong_secret"),
        url="https://example.org/x",
        code="no_match",
    )
    suite.add(
        "a scheme with another header",
        "stripe",
        "Scheme",
        certain("other_scheme"),
        signed_by="shopify",
        code="missing_header",
    )
    sha1 = {"x-hub-signature-256": "sha256=" + mac(SECRET.encode(), BODY, hashlib.sha1).hexdigest()}
    suite.add("another hash", "github", "Scheme", certain("wrong_algorithm"), headers=sha1, code="malformed_header")
    suite.add(
        "a line break, and a clock that is ahead",
        "stripe",
        "Circumstance Payload Twofold",
        certain("newline_added", "clock_off"),
        body=BODY + b"\n",
        now=NOW + 400,
        code="timestamp_too_old",
    )
    suite.add(
        "a line break, and white space around the secret",
        "stripe",
        "Key Payload Twofold",
        certain("newline_added", "secret_padded"),
        body=BODY + b"\n",
        secrets=[f" {SECRET}"],
        code="invalid_secret",
    )


def main():
    suite = Suite()
    bodies(suite)
    secrets(suite)
    headers(suite)
    circumstances(suite)
    text = suite.text()
    if "--check" not in sys.argv:
        FILE.write_text(text, encoding="utf-8")
        print(f"{FILE.name}: {suite.count} tests")
    elif not FILE.exists() or FILE.read_text(encoding="utf-8") != text:
        sys.exit("not current: explain.json; run python3 tests/vectors/explain.py")


if __name__ == "__main__":
    main()
