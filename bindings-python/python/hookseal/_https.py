"""One GET to a URL of a sender that the core has checked: by HTTPS, without redirects, bounded."""

from __future__ import annotations

from time import monotonic

WITHIN = 10.0
"""How long it may take (seconds)."""
MOST = 256 * 1024
"""How long the answer may be (bytes)."""


def get(url: str) -> bytes:
    """Fetch what is there, through the proxy of the environment where there is one.

    Raises:
        OSError: When it cannot be had.

    """
    # It takes much longer to import than all else: only whoever fetches pays for it.
    from urllib import error, request

    ends = monotonic() + WITHIN
    # Those of `build_opener`, but for redirects and for all that is not HTTPS.
    opener = request.OpenerDirector()
    for handler in (
        request.ProxyHandler,
        request.HTTPSHandler,
        request.HTTPErrorProcessor,
        request.HTTPDefaultErrorHandler,
        request.UnknownHandler,
    ):
        opener.add_handler(handler())
    asked = request.Request(url, headers={"user-agent": "hookseal"})  # noqa: S310 - opens HTTPS only
    try:
        with opener.open(asked, timeout=WITHIN / 2) as answer:
            found = b""
            while part := answer.read1(65536):
                found += part
                if len(found) > MOST:
                    raise OSError(f"the answer has more than {MOST} bytes")
                if monotonic() > ends:
                    raise TimeoutError(f"the answer took more than {WITHIN:.0f} s")
        return found
    except error.HTTPError as answer:
        answer.close()  # It holds the connection.
        raise
