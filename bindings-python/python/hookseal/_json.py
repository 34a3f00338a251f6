"""JSON from outside."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from hookseal import _native


def parse(body: bytes) -> Any:
    """Read a body as JSON (RFC 8259): UTF-8, and no ``NaN``."""
    try:
        return _DECODER.decode(body.decode())
    except Exception as cause:  # Not UTF-8, not JSON, too deep, or a number with too many digits.
        message = (
            f"the body is not JSON ({type(cause).__name__}): read `event.body`, "
            "a form with `urllib.parse.parse_qs`"
        )
        raise _native.error("invalid_payload", message) from cause


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


# Made once: `json.loads` would make one for each call.
_DECODER = json.JSONDecoder(parse_constant=_refuse)
