"""YAML into plain data, with the place of each part of it.

Built on the parser's events, not on PyYAML's constructors, for three reasons. No tag can make an object. Depth,
size and aliases are bounded while the file is read, so that a hostile one costs nothing. And scalars mean what an
author of scenarios thinks they mean: `0001` and `+243998857000` are texts, `09:30` isn't a number to the base of 60,
and `no` is a word (as in YAML 1.2; fields that want true or false take it).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from simulator.scenario.errors import ScenarioError, ScenarioErrors, shown

try:
    from yaml import CSafeLoader as _Loader
except ImportError:  # PyYAML without libyaml: the same events, slower
    from yaml import SafeLoader as _Loader  # type: ignore[assignment]

DEEPEST = 40
"""Levels of nesting; the language itself needs ten."""
MOST_NODES = 50_000
"""Values in a file, counted as if each alias were written out."""

Loc = Sequence[str | int]


class Whole(int):
    """A whole number that remembers how it was written: a field that wants text takes `+1` or `1234` as it stands."""

    text: str


class Decimal(float):
    """A number with a fraction, and how it was written."""

    text: str


@dataclass(slots=True)
class Spot:
    """Where a value stands, where its key does, and where its parts are. Lines and columns count from 1."""

    line: int
    column: int
    keys: dict[str, tuple[int, int]]
    parts: "dict[str | int, Spot]"
    size: int = 1
    height: int = 1


_NO_KEYS: dict[str, tuple[int, int]] = {}
_NO_PARTS: dict[str | int, Spot] = {}
"""What all plain values share: most of a file is of them."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a file, to be named in a report."""

    file: str
    line: int
    column: int = 1
    source_line: str = ""

    def error(self, message: str, hint: str | None = None) -> ScenarioError:
        return ScenarioError(self.file, self.line, self.column, message, self.source_line, hint)

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


class Source:
    """One file's text, parsed: `data`, and the `place` of anything in it."""

    def __init__(self, file: str, text: str) -> None:
        """Raises ScenarioErrors if it isn't YAML, or too much of it."""
        self.file = file
        self.lines = re.split(r"\r\n|\r|\n", text)
        self.data, self.root = _Reader(self, text).read()

    def at(self, line: int, column: int) -> Place:
        text = self.lines[line - 1] if 0 < line <= len(self.lines) else ""
        text = _UNPRINTABLE.sub("?", text)
        return Place(self.file, line, column, text)

    def place(self, loc: Loc, *, key: bool = False) -> Place:
        """The place of the value at `loc`, or of its key. Where the author wrote less than `loc` names (a short form, a
        field that is missing), it is the nearest part that is there."""
        spot = self.root
        found = (spot.line, spot.column)
        for number, part in enumerate(loc):
            child = spot.parts.get(part)
            if child is None:
                continue
            wanted = spot.keys.get(str(part)) if key and number == len(loc) - 1 else None
            spot, found = child, wanted or (child.line, child.column)
        return self.at(*found)

    def key_of(self, loc: Loc) -> Place:
        """Like `place`, but the key of the nearest enclosing part: where something is missing."""
        for length in range(len(loc), 0, -1):
            spot = self._spot(loc[: length - 1])
            if spot is not None and (key := spot.keys.get(str(loc[length - 1]))) is not None:
                return self.at(*key)
            if spot is not None and (child := spot.parts.get(loc[length - 1])) is not None:
                return self.at(child.line, child.column)
        return self.at(self.root.line, self.root.column)

    def _spot(self, loc: Loc) -> Spot | None:
        spot: Spot | None = self.root
        for part in loc:
            spot = spot.parts.get(part) if spot is not None else None
        return spot


class _Reader:
    """Events in, data and spots out."""

    def __init__(self, source: Source, text: str) -> None:
        self._source = source
        self._text = text
        self._anchors: dict[str, tuple[Any, Spot] | None] = {}  # None: still open
        self._size = 0
        self._errors: list[ScenarioError] = []

    def read(self) -> tuple[Any, Spot]:
        found: tuple[Any, Spot] = (None, Spot(1, 1, {}, {}))
        documents = 0
        try:
            self._check_characters()
            loader = _Loader(self._text)
            try:
                events = self._events(loader)
                for event in events:
                    if not isinstance(event, yaml.DocumentStartEvent):
                        continue
                    documents += 1
                    if documents > 1:
                        self._fail(event.start_mark, "a second document begins here: one file holds one scenario")
                    found = self._node(next(events), events, 0)
            finally:
                loader.dispose()
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            what = error.problem or "can't be read"
            context = f" ({error.context})" if error.context and error.context not in what else ""
            line, column = (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)
            self._errors.append(self._source.at(line, column).error(f"not valid YAML: {what}{context}{_advice(what)}"))
        except yaml.YAMLError as error:
            self._errors.append(self._source.at(1, 1).error(f"not valid YAML: {' '.join(str(error).split())}"))
        if self._errors:
            raise ScenarioErrors(self._errors)
        return found

    def _check_characters(self) -> None:
        strange = _UNPRINTABLE.search(self._text)
        if strange is not None:
            line = len(re.findall(r"\r\n|\r|\n", self._text[: strange.start()])) + 1
            column = strange.start() - max(self._text.rfind(end, 0, strange.start()) for end in "\r\n")
            place = self._source.at(line, column)
            raise ScenarioErrors([place.error(f"the character U+{ord(strange[0]):04X} can't stand in a text file")])

    @staticmethod
    def _events(loader: Any) -> Iterator[Any]:
        while loader.check_event():
            yield loader.get_event()

    def _fail(self, mark: Any, message: str) -> None:
        raise ScenarioErrors([*self._errors, self._source.at(mark.line + 1, mark.column + 1).error(message)])

    def _complain(self, mark: Any, message: str) -> None:
        self._errors.append(self._source.at(mark.line + 1, mark.column + 1).error(message))

    def _node(self, event: Any, events: Iterator[Any], depth: int) -> tuple[Any, Spot]:
        mark = event.start_mark
        if depth > DEEPEST:
            self._fail(mark, f"nested more than {DEEPEST} levels deep")
        self._size += 1
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event, depth)
        anchor = event.anchor
        if anchor is not None:
            self._anchors[anchor] = None
        tag = event.tag
        if tag not in (None, "!", "tag:yaml.org,2002:str", "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"):
            self._complain(mark, f"the tag '{tag}' means nothing here: scenarios are plain YAML")
        value: Any
        if isinstance(event, yaml.ScalarEvent):
            value = _scalar(event.value) if event.implicit[0] else event.value
            spot = Spot(mark.line + 1, mark.column + 1, _NO_KEYS, _NO_PARTS)
            if self._size > MOST_NODES:
                self._too_much(mark)
            if anchor is not None:
                self._anchors[anchor] = (value, spot)
            return value, spot
        spot = Spot(mark.line + 1, mark.column + 1, {}, {})
        if isinstance(event, yaml.SequenceStartEvent):
            value = []
            while not isinstance(event := next(events), yaml.SequenceEndEvent):
                item, part = self._node(event, events, depth + 1)
                spot.parts[len(value)] = part
                value.append(item)
        else:
            value = self._mapping(spot, events, depth)
        spot.size += sum(part.size for part in spot.parts.values())
        spot.height += max((part.height for part in spot.parts.values()), default=0)
        if spot.size > MOST_NODES:
            self._too_much(mark)
        if anchor is not None:
            self._anchors[anchor] = (value, spot)
        return value, spot

    def _too_much(self, mark: Any) -> None:
        self._fail(mark, f"too much of it: more than {MOST_NODES} values, each alias counted in full")

    def _mapping(self, spot: Spot, events: Iterator[Any], depth: int) -> dict[str, Any]:
        value: dict[str, Any] = {}
        merged: list[tuple[Any, Spot, Any]] = []
        while not isinstance(event := next(events), yaml.MappingEndEvent):
            mark = event.start_mark
            key, key_spot = self._node(event, events, depth + 1)
            item, part = self._node(next(events), events, depth + 1)
            if isinstance(key, dict | list):
                self._complain(mark, "a key must be a plain word, not a mapping or a list")
                continue
            name = event.value if isinstance(event, yaml.ScalarEvent) else _text(key)
            if name == "<<" and isinstance(event, yaml.ScalarEvent) and event.implicit[0]:
                merged.append((item, part, mark))
                continue
            if name in value:
                first = spot.keys[name][0]
                self._complain(mark, f"{shown(name)} stands here twice: first in line {first}")
                continue
            value[name] = item
            spot.parts[name] = part
            spot.keys[name] = (key_spot.line, key_spot.column)
        for item, part, mark in merged:
            self._merge(value, spot, item, part, mark)
        return value

    def _merge(self, value: dict[str, Any], spot: Spot, item: Any, part: Spot, mark: Any) -> None:
        """`<<: *name`: take over the keys that the mapping doesn't have itself."""
        many = item if isinstance(item, list) else [item]
        spots = [part.parts[number] for number in range(len(many))] if isinstance(item, list) else [part]
        for source, source_spot in zip(many, spots, strict=True):
            if not isinstance(source, dict):
                self._complain(mark, "'<<' takes over the keys of a mapping, given by an alias: <<: *name")
                return
            for name, inner in source.items():
                if name not in value:
                    value[name] = inner
                    spot.parts[name] = source_spot.parts[name]
                    spot.keys[name] = source_spot.keys[name]

    def _alias(self, event: Any, depth: int) -> tuple[Any, Spot]:
        if event.anchor not in self._anchors:
            self._fail(event.start_mark, f"'*{event.anchor}' names nothing: no '&{event.anchor}' comes before it")
        entry = self._anchors[event.anchor]
        if entry is None:
            self._fail(event.start_mark, f"'*{event.anchor}' is part of what it names")
            raise AssertionError  # _fail raises
        if depth + entry[1].height > DEEPEST:
            self._fail(event.start_mark, f"nested more than {DEEPEST} levels deep")
        return entry


_UNPRINTABLE = re.compile(
    "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]",
)
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,39})")
_HEX = re.compile(r"0x[0-9a-fA-F]{1,16}")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_DIGITS = re.compile(r"[-+]?[0-9]+")
_WORDS: dict[str, Any] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}


def _scalar(text: str) -> Any:
    """What a plain scalar means."""
    if text in _WORDS:
        return _WORDS[text]
    number: Whole | Decimal
    if _INTEGER.fullmatch(text):
        number = Whole(text)
    elif _HEX.fullmatch(text):
        number = Whole(text, 16)
    elif _DIGITS.fullmatch(text):
        return text  # a leading plus or zero: a phone number, its ending, or an error code
    elif len(text) <= 40 and _FLOAT.fullmatch(text):
        number = Decimal(text)
    elif text in (".inf", "-.inf", "+.inf", ".nan", ".NaN", ".Inf", "-.Inf"):
        number = Decimal(text.replace(".", ""))
    else:
        return text
    number.text = text
    return number


def _text(value: Any) -> str:
    return str(getattr(value, "text", value))


def _advice(problem: str) -> str:
    """What usually is behind an error of the YAML parser."""
    if "\\t" in problem or "cannot start any token" in problem:
        return "; indent with spaces, and put text with special characters into quotes"
    if "mapping values are not allowed" in problem:
        return "; text with ': ' in it needs quotes"
    if "nesting depth" in problem:  # newer parsers have a bound of their own, and look ahead up to it
        return f"; nested more than {DEEPEST} levels deep"
    if "expected <block end>" in problem or "did not find expected" in problem:
        return "; look at the indentation, and at quotes and brackets that aren't closed"
    return ""
