"""The reference of the language, as a page: every mapping with every field, from the schema, hence from the models.

python -m simulator.scenario.reference > docs/scenario-reference.md
"""

import sys
from collections.abc import Iterator
from typing import Any

from simulator.scenario.schema import json_schema

HEAD = """# The scenario language: reference

Generated from the models that check the files (`python -m simulator.scenario.reference`), so it is complete, and says
no more than that. [scenario-language.md](scenario-language.md) explains, with examples.
"""

Schema = dict[str, Any]


def page() -> str:
    """The whole page, in Markdown."""
    schema = json_schema()
    definitions: Schema = schema["$defs"]
    parts = [HEAD, *_section("A scenario", schema, schema)]
    for name in _reached(schema, definitions):
        fields = _with_fields(definitions[name])
        if fields is not None:
            parts += _section(_title(name), definitions[name], fields)
    return "\n".join(parts)


def _with_fields(definition: Schema) -> Schema | None:
    """The part of a definition that has fields; a mapping with a short form has them in one of its alternatives."""
    if "properties" in definition:
        return definition
    return next((found for part in definition.get("anyOf", ()) if (found := _with_fields(part)) is not None), None)


def _section(title: str, definition: Schema, fields: Schema) -> list[str]:
    lines = [f"## {title}", "", definition.get("description", ""), ""]
    short = [_type(part) for part in definition.get("anyOf", ()) if _with_fields(part) is None]
    if short:
        lines += [f"Or just: {' or '.join(short)}.", ""]
    lines += ["| field | value | |", "| --- | --- | --- |"]
    required = fields.get("required", ())
    for name, field in fields["properties"].items():
        star = " (required)" if name in required else ""
        lines.append(f"| `{name}`{star} | {_type(field)} | {_cell(field.get('description', ''))} |")
    return [*lines, ""]


def _type(field: Schema) -> str:
    """What may stand there, in a few words."""
    if "$ref" in field:
        name = field["$ref"].rsplit("/", 1)[-1]
        return f"[{_title(name)}](#{_title(name).lower().replace(' ', '-')})"
    if "const" in field:
        return f"`{field['const']}`"
    if "enum" in field:
        words = [f"`{word}`" for word in field["enum"]]
        return " ".join(words[:24]) + (" ..." if len(words) > 24 else "")
    if "anyOf" in field:
        if {"const": 0} in field["anyOf"] and len(field["anyOf"]) == 2:
            return _type(field["anyOf"][0])  # a duration, which may be the number 0 as well as the text
        return " or ".join(dict.fromkeys(_type(part) for part in field["anyOf"]))
    if "pattern" in field:
        duration = "(ms|s|m|h|d)" in field["pattern"]
        return ("duration or range" if "\\.\\." in field["pattern"] else "duration") if duration else "text"
    match field.get("type"):
        case "array":
            return f"list of {_type(field['items'])}" if "items" in field else "list"
        case "object":
            inner = field.get("additionalProperties")
            return f"mapping of names to {_type(inner)}" if isinstance(inner, dict) else "mapping"
        case "string":
            return "text"
        case ["string", "number"]:
            return "text"  # which may be written like a number
        case list(kinds):
            return " or ".join("text" if kind == "string" else str(kind) for kind in kinds)
        case kind:
            return _cell(str(kind)) if kind else "anything"


def _reached(schema: Schema, definitions: Schema) -> Iterator[str]:
    """The definitions, in the order in which the page names them."""
    seen: set[str] = set()
    ahead = list(_references(schema.get("properties")))
    while ahead:
        name = ahead.pop(0)
        if name not in seen:
            seen.add(name)
            yield name
            ahead += _references(definitions[name])


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if "$ref" in node:
            yield node["$ref"].rsplit("/", 1)[-1]
        for value in node.values():
            yield from _references(value)
    elif isinstance(node, list):
        for value in node:
            yield from _references(value)


def _title(name: str) -> str:
    """`PausesModel` as `Pauses`, `StopReading` as `Stop reading`."""
    name = name.removesuffix("Model")
    spelled = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name[1:])
    return name[0] + spelled


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


if __name__ == "__main__":
    sys.stdout.write(page())
