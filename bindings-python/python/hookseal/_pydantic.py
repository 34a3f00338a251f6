"""How Pydantic, and with it FastAPI, writes an event."""

from __future__ import annotations

from typing import Any

from pydantic_core import CoreSchema, SchemaSerializer, core_schema

from hookseal._native import Verified


def schema_of(event: type[Verified]) -> CoreSchema:
    """Write an event as :meth:`hookseal.Verified.to_dict` gives it; there is none to read."""
    text = core_schema.nullable_schema(core_schema.str_schema())
    members = {
        "id": text,
        "type": text,
        "timestamp": text,
        "key_index": core_schema.int_schema(),
        "data": core_schema.any_schema(),
    }
    fields = {name: core_schema.typed_dict_field(schema) for name, schema in members.items()}
    written = core_schema.typed_dict_schema(fields)

    def to_dict(event: Verified) -> Any:
        return event.to_dict()

    writing = core_schema.plain_serializer_function_ser_schema(to_dict, return_schema=written)
    return core_schema.is_instance_schema(event, serialization=writing)


SERIALIZER = SchemaSerializer(schema_of(Verified))
