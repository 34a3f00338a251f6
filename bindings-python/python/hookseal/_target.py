"""Method and URL, for the schemes that sign them or look something up there."""

from __future__ import annotations

from typing import Any, Final, Optional

from hookseal import _native
from hookseal._argument import is_a

POST: Final = "POST"
"""The method unless said otherwise. As the default of an argument it is known by its identity."""


def to_target(method: Any, url: Any) -> Optional[tuple[str, str]]:
    """Give both as text; None for what a delivery mostly is, a POST to a URL that nobody needs."""
    if method is POST and url is None:
        return None
    for name, value in (("method", method), ("url", POST if url is None else url)):
        if not is_a(value, str):
            raise _native.wrong(name, "text", value)
    return method, "" if url is None else url
