"""Texts with the message's number in them: `+1555{n:07}`, `hello {n}`.

What it is: the same braces as in a scenario's `traffic`, `{n}` from 1. What differs: a template is turned into a format
of Python's `%` for numbers of a given width, so that one C call writes a whole PDU.
"""

import re
from dataclasses import dataclass

_PIECE = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
_FIELD = re.compile(r"n(?::0?([0-9]{1,2}))?")
_LENIENT = re.compile(r"\{n(?::0?([0-9]{1,2}))?\}")


class TemplateError(ValueError):
    """A text that is no template; says what would be right."""


@dataclass(frozen=True, slots=True)
class Template:
    """Literal text and, as ints, fields for the number: at least that many digits, zeros in front."""

    text: str
    pieces: tuple[str | int, ...]

    @property
    def fields(self) -> int:
        """How often the number comes."""
        return sum(isinstance(piece, int) for piece in self.pieces)

    def render(self, n: int) -> str:
        return "".join([piece if isinstance(piece, str) else f"{n:0{piece}}" for piece in self.pieces])


def parse(text: str) -> Template:
    """A template in which every brace must mean something. Raises TemplateError."""
    pieces: list[str | int] = []
    end = 0
    for match in _PIECE.finditer(text):
        _literal(pieces, text[end : match.start()])
        end = match.end()
        if match[0] in ("{{", "}}"):
            _literal(pieces, match[0][0])
            continue
        field = None if match[1] is None else _FIELD.fullmatch(match[1])
        if field is None:
            raise TemplateError(
                f"'{match[0]}' in '{text}' can't be filled in: write {{n}} or {{n:06}}, {{{{ for a brace"
            )
        pieces.append(int(field[1] or 1))
    _literal(pieces, text[end:])
    return Template(text, tuple(pieces))


def parse_leniently(text: str) -> Template:
    """A template in which only `{n}` and the like mean something, as JSON is full of braces."""
    pieces: list[str | int] = []
    end = 0
    for match in _LENIENT.finditer(text):
        _literal(pieces, text[end : match.start()])
        pieces.append(int(match[1] or 1))
        end = match.end()
    _literal(pieces, text[end:])
    return Template(text, tuple(pieces))


def _literal(pieces: list[str | int], text: str) -> None:
    if not text:
        return
    if pieces and isinstance(pieces[-1], str):
        pieces[-1] += text
    else:
        pieces.append(text)
