"""Texts with numbers and columns in them: `+15550{n:06}`, `Hello {name}`. Checked when they are loaded."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import PlainValidator, WithJsonSchema

from simulator.scenario import fields as f
from simulator.scenario.errors import shown

_PIECE = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
_FIELD = re.compile(r"([A-Za-z_][A-Za-z0-9_ -]*)(?::(0?)([0-9]{1,2}))?")


@dataclass(frozen=True, slots=True)
class Template:
    """A text in which `{n}` is the message's number (from 1), `{n:06}` the same with zeros, `{name}` a column of its
    data; `{{` and `}}` are braces."""

    text: str
    """As it was written."""
    pieces: tuple[str | tuple[str, str], ...]
    """Literal text, or (name, format)."""

    @property
    def names(self) -> frozenset[str]:
        """The names used, apart from `n`."""
        return frozenset(piece[0] for piece in self.pieces if not isinstance(piece, str) and piece[0] != "n")

    def render(self, n: int = 1, row: Mapping[str, str] | None = None) -> str:
        """The text of the `n`-th message, counted from 1, with its `row` of data."""
        return "".join([piece if isinstance(piece, str) else _value(piece, n, row or {}) for piece in self.pieces])

    def __str__(self) -> str:
        return self.text


def _value(piece: tuple[str, str], n: int, row: Mapping[str, str]) -> str:
    name, form = piece
    if name == "n":
        return format(n, form)
    text = row[name]
    return text.rjust(int(form), "0" if form.startswith("0") else " ") if form else text


def parse_template(value: Any) -> Template:
    text = f.to_text(value)
    pieces: list[str | tuple[str, str]] = []
    end = 0
    for match in _PIECE.finditer(text):
        if match.start() > end:
            pieces.append(text[end : match.start()])
        end = match.end()
        if match[0] in ("{{", "}}"):
            pieces.append(match[0][0])
            continue
        if match[1] is None:
            raise f.wrong(
                f"a single '{match[0]}' at character {match.start() + 1}", f"write '{match[0] * 2}' for a brace"
            )
        named = _FIELD.fullmatch(match[1])
        if named is None:
            raise f.wrong(
                f"{shown(match[0])} can't be filled in", "write {n}, {n:06} or a {column}, and {{ }} for braces"
            )
        pieces.append((named[1], (named[2] or "") + (named[3] or "")))
    if end < len(text):
        pieces.append(text[end:])
    return Template(text, tuple(pieces))


def _templates(value: Any) -> tuple[Template, ...]:
    return tuple(f.each(enumerate(value), parse_template)) if isinstance(value, list) else (parse_template(value),)


TemplateField = Annotated[Template, PlainValidator(parse_template), WithJsonSchema({"type": ["string", "number"]})]
TemplatesField = Annotated[
    tuple[Template, ...],
    PlainValidator(_templates),
    WithJsonSchema(
        {"anyOf": [{"type": ["string", "number"]}, {"type": "array", "items": {"type": ["string", "number"]}}]}
    ),
]
