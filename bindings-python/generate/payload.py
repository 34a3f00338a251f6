"""Writes the types of what senders send, and of schemes, from the schemas that the core writes.

python generate/payload.py
"""

from __future__ import annotations

import json
import keyword
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "bindings-python/python/hookseal"

Schema = dict[str, Any]


class Envelope(NamedTuple):
    schema: str
    name: str
    """What the names of its types begin with."""


# The schemes that carry them are named in `webhook.py`, for type checkers.
ENVELOPES = [
    Envelope("standard-webhooks", "Standard"),
    Envelope("naive", "Naive"),
    Envelope("ainative", "Ainative"),
    Envelope("yativo", "Yativo"),
    Envelope("nativemsg", "Nativemsg"),
    Envelope("luma", "Luma"),
]


class Writer:
    """Writes the types of one schema, those first that others refer to."""

    def __init__(self, prefix: str, schema: Schema) -> None:
        self.prefix, self.schema = prefix, schema
        self.written: dict[str, str] = {}

    def name(self, ref: str) -> str:
        name = ref.rpartition("/")[2]
        return name if name.startswith(self.prefix) else self.prefix + name

    def type(self, schema: Any) -> str:
        """What stands for a schema where a type is expected."""
        if isinstance(schema, bool):
            return "Any"
        if "$ref" in schema:
            return self.refer(schema["$ref"])
        if "const" in schema:
            return f"Literal[{quoted(schema['const'])}]"
        for several in ("anyOf", "oneOf"):
            if several in schema:
                return union(self.type(each) for each in schema[several])
        kind = schema.get("type")
        if isinstance(kind, list):
            return union(self.type({**schema, "type": each}) for each in kind)
        if kind == "array":
            return f"list[{self.type(schema.get('items', True))}]"
        if kind == "object":
            return f"dict[str, {self.type(schema.get('additionalProperties', True))}]"
        return "Any" if kind is None else PLAIN[kind]

    def refer(self, ref: str) -> str:
        if ref == "#":
            return quoted(self.prefix)
        name, found = self.name(ref), self.schema["$defs"][ref.rpartition("/")[2]]
        plain = PLAIN.get(found.get("type", ""))
        if plain is not None:
            return plain
        if name not in self.written:
            self.written[name] = ""  # For what refers to itself.
            definition = self.definition(name, found)
            del self.written[name]  # It comes after what it refers to.
            self.written[name] = definition
        return name if self.written[name] else quoted(name)

    def definition(self, name: str, schema: Schema) -> str:
        if "properties" in schema:
            return self.typed_dict(name, schema["description"], schema)
        said = documented(schema["description"], "") if "description" in schema else ""
        return f"{name} = {self.type(schema)}\n{said}".rstrip()

    def typed_dict(self, name: str, doc: str, schema: Schema) -> str:
        """Write a class, with bases for what cannot stand in it.

        Python 3.9 has no `NotRequired`, so what may be absent is apart from what may not; and what
        is a keyword, or no name, is given to a call.
        """
        required = schema.get("required", [])
        members = {key: (self.type(value), value) for key, value in schema["properties"].items()}
        plain = {key for key in members if key.isidentifier() and not keyword.iskeyword(key)}
        bases, written = [], []
        for keys, total in (
            ([key for key in members if key in required and key not in plain], True),
            ([key for key in members if key not in required and key not in plain], False),
        ):
            if keys:
                bases.append(f"_{name}{'' if total else 'Maybe'}Named")
                fields = ", ".join(f"{quoted(key)}: {members[key][0]}" for key in keys)
                total_or_not = "" if total else ", total=False"
                written.append(
                    f"{bases[-1]} = TypedDict({quoted(bases[-1])}, {{{fields}}}{total_or_not})"
                )
        always = [field(key, *members[key]) for key in members if key in plain and key in required]
        maybe = [field(key, *members[key]) for key in members if key in plain - {*required}]
        if always and maybe:
            written.append("\n".join([f"class _{name}(TypedDict):", *always]))
            bases.append(f"_{name}")
        heads = [*(bases or ["TypedDict"]), *(["total=False"] if maybe else [])]
        said = documented(doc, "    ")
        lines = [f"class {name}({', '.join(heads)}):", said, *([""] if maybe or always else [])]
        written.append("\n".join([*lines, *(maybe or always)]))
        return "\n\n\n".join(written)

    def envelope(self) -> None:
        """Write a class for each type of event, with the members that all have, and their union."""
        schema = self.schema
        payload = f"{self.prefix}Payload"
        events = [*self.events()]
        if not events:
            self.written[payload] = self.typed_dict(payload, schema["description"], schema)
            return
        for name, doc, event in events:
            self.written[name] = self.typed_dict(name, doc, event)
        names = union(name for name, _, _ in events)
        said = documented(
            f"{schema['description']} Types that this version does not know may come, too.", ""
        )
        self.written[payload] = f"{payload} = {names}\n{said}"

    def events(self) -> Iterator[tuple[str, str, Schema]]:
        for rule in self.schema.get("allOf", []):
            [(member, condition)] = rule["if"]["properties"].items()
            kind, then = condition["const"], rule["then"]
            own = self.schema["$defs"][then["$ref"].rpartition("/")[2]] if "$ref" in then else then
            properties = {**self.schema["properties"], **own.get("properties", {})}
            said = self.schema["properties"][member]["description"].partition(":")[0] + "."
            properties[member] = {"const": kind, "description": said}
            required = [*self.schema["required"], *own.get("required", [])]
            name = self.prefix + "".join(part.title() for part in kind.split(".")) + "Payload"
            schema = {"properties": properties, "required": required}
            yield name, f"`{kind}`.", schema


def field(name: str, kind: str, schema: Any) -> str:
    said = "" if schema is True else schema.get("description", "")
    line = f"    {name}: {kind}"
    return f"{line}\n{documented(said, '    ')}" if said else line


def documented(text: str, indent: str) -> str:
    text = text.replace("`", "``").replace("\\", "\\\\")
    width = 100 - len(indent)
    # The quotes stand on the first and the last line.
    lines = textwrap.wrap(text, width, initial_indent='"""', break_long_words=False)
    if len(lines) == 1 and len(lines[0]) + 3 <= width:
        return f'{indent}{lines[0]}"""'
    return "\n".join(indent + line for line in lines) + f'\n{indent}"""'


def union(kinds: Iterator[str]) -> str:
    """One literal for all, and nothing that is there already."""
    literals: list[str] = []
    others: list[str] = []
    for kind in kinds:
        if kind.startswith("Literal["):
            literals.append(kind[len("Literal[") : -1])
        elif kind not in others:
            others.append(kind)
    if literals:
        others.insert(0, f"Literal[{', '.join(literals)}]")
    if others[-1] == "None" and len(others) == 2:
        return f"Optional[{others[0]}]"
    return others[0] if len(others) == 1 else f"Union[{', '.join(others)}]"


def quoted(value: str) -> str:
    return json.dumps(value)


PLAIN = {
    "boolean": "bool",
    "integer": "int",
    "null": "None",
    "number": "float",
    "string": "str",
}


def read(name: str) -> Schema:
    found: Schema = json.loads((ROOT / f"schemas/{name}.json").read_text(encoding="utf-8"))
    return found


def module(doc: str, parts: list[str]) -> str:
    body = "\n\n\n".join(parts)
    names = [name for name in ("Any", "Literal", "Optional", "TypedDict", "Union") if name in body]
    said = f'"""{doc}\n\nWritten by `python generate/payload.py`.\n"""'
    space = "\n\n\n" if body.startswith("class") else "\n\n"
    return f"{said}\n\nfrom typing import {', '.join(names)}{space}{body}\n"


def payloads() -> str:
    parts: list[str] = []
    for envelope in ENVELOPES:
        writer = Writer(envelope.name, read(envelope.schema))
        writer.envelope()
        parts.extend(writer.written.values())
    return module("What senders send that publish it.", parts)


def definitions() -> str:
    schema = read("scheme")
    writer = Writer("Scheme", schema)
    whole = writer.typed_dict("SchemeDefinition", schema["description"], schema)
    parts = [*writer.written.values(), whole]
    return module("How a sender signs, as the rows of the catalogue have it.", parts)


WRITTEN = {"payload.py": payloads, "scheme_types.py": definitions}

if __name__ == "__main__":
    for file, write in WRITTEN.items():
        (PACKAGE / file).write_text(write(), encoding="utf-8")
        subprocess.run([sys.executable, "-m", "ruff", "format", PACKAGE / file], check=True)
