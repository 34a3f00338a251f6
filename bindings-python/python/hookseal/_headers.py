"""Headers: a mapping, a framework's headers object, or a list of pairs.

The native module reads them, for speed; this says what it reads.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Protocol, Union

_Text = Union[str, bytes]


class HasItems(Protocol):
    """What has ``items()``: a dict, or the headers of most frameworks."""

    def items(self) -> Iterable[tuple[Any, Any]]:
        """Give names and values."""
        ...


Headers = Union[HasItems, Iterable[tuple[_Text, _Text]], Iterable[Sequence[_Text]]]
"""Names in any case, with values in text or bytes (ASGI). A header that came more than once is a
repeated pair or a list of values; a value of None counts as absent."""
