"""Schemes that sign with a JSON Web Token or a detached JWS: algorithms, times and claims."""

import base64
import json

from senders import claims_of, token

from .flags import CLAIMS, FORGED, INCOMPLETE, TIME, URL


def detached(name, claims):
    """A detached JWS: the header of another algorithm, another header, no JWS."""

    def cases(d):
        head, _, signature = d.header(name).split(".")
        said = json.loads(base64.urlsafe_b64decode(head + "=="))
        for algorithm in ("none", "HS256"):
            changed = token("", {}, head={**said, "alg": algorithm}).split(".")[0]
            yield (
                f"the algorithm {algorithm}",
                FORGED,
                d.with_signature(f"{changed}..{signature}"),
                "unsupported_signature",
            )
        forged = token("", {}, head={**said, **claims}).split(".")[0]
        yield "another header", FORGED, d.with_signature(f"{forged}..{signature}"), "no_match"
        yield "no JWS", INCOMPLETE, d.with_signature(signature), "malformed_header"

    return cases


def truelayer(d):
    yield from detached("tl-signature", {"kid": "another"})(d)
    yield (
        "another value of a listed header",
        FORGED,
        d.with_header("x-tl-webhook-timestamp", "2023-11-14T22:13:21Z"),
        "no_match",
    )
    yield "a listed header is missing", INCOMPLETE, d.with_header("x-tl-webhook-timestamp", None), "missing_header"
    yield "a slash at the end of the path", URL, d.but(url=d.url + "/"), {}


def jwt(prefix="", issuer=False, ages=False, required=(), confused="unsupported_signature"):
    """A token: algorithms that must not be taken, times, issuer, claims that have to be there.

    `confused` is the code for an HMAC under the public key: where the scheme takes HMACs as well, it is one of no key.
    """

    def cases(d):
        in_body = d.signature == "body"
        text = d.body if in_body else d.header(d.signature.removeprefix("header:")).removeprefix(prefix)
        claims = claims_of(text)

        def sent(value):
            return d.but(body=value) if in_body else d.with_signature(prefix + value)

        def signed(**changes):
            kept = {name: value for name, value in {**claims, **changes}.items() if value is not None}
            return sent(token(d.secret, kept))

        public = d.secret.startswith("-----")
        yield "the algorithm none", FORGED, sent(token(d.secret, claims, "none")), "unsupported_signature"
        if public:
            yield "an HMAC under the public key", FORGED, sent(token(d.secret, claims)), confused
        malformed = "malformed_body" if in_body else "malformed_header"
        yield "two parts", INCOMPLETE, sent(text.rsplit(".", 1)[0]), malformed
        yield "no token", INCOMPLETE, sent("token"), malformed
        head, payload, signature = text.split(".")
        flipped = ("A" if signature[0] != "A" else "B") + signature[1:]
        yield "another signature", FORGED, sent(f"{head}.{payload}.{flipped}"), "no_match"
        if not public:
            yield (
                "another claim",
                FORGED,
                sent(f"{head}.{token('', {**claims, 'x': 1}).split('.')[1]}.{signature}"),
                "no_match",
            )
        if "exp" in claims:
            yield "expired", TIME, d.but(now=claims["exp"] * 1000 + 600_000), "timestamp_too_old"
        if ages:
            yield "issued long ago", TIME, d.but(now=claims["iat"] * 1000 + 600_000), "timestamp_too_old"
        if "nbf" in claims or "iat" in claims:
            first = min(claims[name] for name in ("iat", "nbf") if name in claims)
            yield "issued in the future", TIME, d.but(now=first * 1000 - 600_000), "timestamp_too_new"
        if public:
            return
        if issuer:
            yield "another issuer", CLAIMS, signed(iss="another"), "claim_mismatch"
            yield "no issuer", CLAIMS, signed(iss=None), "claim_mismatch"
        for name in required:
            yield f"no claim `{name}`", CLAIMS, signed(**{name: None}), "claim_mismatch"

    return cases


CASES = {
    "constant_contact": detached("x-ctct-webhook-sig", {"kid": "another"}),
    "fusionauth": jwt(required=["request_body_sha256"]),
    "fusionauth: a key pair": jwt(confused="no_match"),
    "jira_connect": jwt("JWT ", required=["exp", "iat", "qsh"]),
    "kinde": jwt(),
    "livekit": jwt(issuer=True, required=["sha256"]),
    "messagebird": jwt(issuer=True, required=["jti", "url_hash", "payload_hash"]),
    "monday": jwt(required=["aud", "exp", "iat"]),
    "netlify": jwt(issuer=True, required=["sha256"]),
    "plaid": jwt(ages=True),
    "qstash": jwt(issuer=True, required=["sub", "exp", "body"]),
    "truelayer": truelayer,
    "vonage": jwt("Bearer ", issuer=True, ages=True, required=["iat", "jti", "payload_hash"]),
    "wix": jwt(),
}
