"""Schemes: a name of the catalogue, or a definition of the caller's own, with its settings."""

from __future__ import annotations

from os import PathLike

from hookseal import _native
from hookseal._argument import is_a, is_mapping, to_json

TYPE_CHECKING = False  # As in `__init__`.
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Optional, Union

    from hookseal.catalogue import SchemeName
    from hookseal.scheme_types import SchemeDefinition

    SchemeLike = Union[SchemeName, str, SchemeDefinition, Mapping[str, Any], PathLike[str]]
    """A name of the catalogue (see :func:`hookseal.schemes`), or a scheme of your own: a mapping
    with the fields of the catalogue's rows, its JSON, or the path of a file that holds it."""

    Config = Optional[Mapping[str, str]]
    """The values that only the user of a scheme knows, by their names."""


def load(scheme: Any, config: Any) -> _native.Scheme:
    """Read a scheme, with its settings put in."""
    settings = _settings(config)
    if is_a(scheme, str):
        return _native.Scheme.of(scheme, settings)
    if is_a(scheme, PathLike):  # type: ignore[type-abstract]
        return _native.Scheme.own(_read(scheme), settings)
    json = to_json("scheme", "a name, a mapping, its JSON or a path", scheme)
    return _native.Scheme.own(json, settings)


def _read(path: Any) -> str:
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except Exception as cause:  # Not there, not UTF-8, or a path that fails by itself.
        message = f"the file of `scheme` cannot be read: {type(cause).__name__}"
        raise _native.error("invalid_scheme", message) from cause


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
