"""Schemes: a name of the catalogue, or a definition of the caller's own, with its settings."""

from __future__ import annotations

from hookseal import _native
from hookseal._argument import is_a, is_mapping, to_json

TYPE_CHECKING = False  # As in `__init__`.
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Optional, Union

    from hookseal.catalogue import SchemeName

    SchemeLike = Union[SchemeName, str, Mapping[str, Any]]
    """A name of the catalogue (see :func:`hookseal.schemes`), or a scheme of your own: a mapping
    with the fields of the catalogue's rows."""

    Config = Optional[Mapping[str, str]]
    """The values that only the user of a scheme knows, by their names."""


def load(scheme: Any, config: Any) -> _native.Scheme:
    """Read a scheme, with its settings put in."""
    settings = _settings(config)
    if is_a(scheme, str):
        return _native.Scheme.builtin(scheme, settings)
    return _native.Scheme.own(to_json("scheme", "a name or a mapping", scheme), settings)


def _settings(config: Any) -> list[tuple[str, str]]:
    expected = "a mapping of names to texts"
    if config is None:
        return []
    if not is_mapping(config):
        raise _native.wrong("config", expected, config)
    try:
        settings = [*dict(config).items()]
    except Exception as cause:  # A mapping that fails by itself.
        raise _native.wrong("config", f"{expected} that can be read", config) from cause
    for setting in settings:
        for each in setting:
            if not is_a(each, str):
                raise _native.wrong("config", f"{expected}; in the mapping", each)
    return settings
