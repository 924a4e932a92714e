"""Reads a journal."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from simulator.journal.events import Event
from simulator.journal.writer import FORMAT


class JournalError(ValueError):
    """A file is no journal: says where, and why."""


@dataclass(frozen=True, slots=True)
class Journal:
    """What a file says."""

    path: str
    header: Event
    """What the simulation was made from: the first line."""
    events: Sequence[tuple[int, Event]]
    """(line, event), without the end."""
    ended: bool
    """The simulator has stopped; False: it was killed, and the last instant may lack some events."""
    cut: int | None = None
    """The number of a last line that is cut short, and left out."""


def read_journal(path: str | Path) -> Journal:
    """Raises JournalError, OSError."""
    data = Path(path).read_bytes()
    lines = data.split(b"\n")
    if lines and not lines[-1]:
        lines.pop()
        whole = len(lines)
    else:
        whole = len(lines) - 1  # the last one has no end
    events: list[tuple[int, Event]] = []
    cut = None
    for number, text in enumerate(lines, 1):
        event = _parse(text)
        if event is None:
            if number == len(lines) and number > 1 and number > whole:
                cut = number
                break
            raise JournalError(f"{path}:{number}: this is no line of a journal: {text[:60].decode(errors='replace')}")
        events.append((number, event))
    if not events:
        raise JournalError(f"{path}: the file is empty")
    header = events.pop(0)[1]
    if "journal" not in header:
        raise JournalError(f"{path}:1: no journal: its first line says what was played")
    if header["journal"] != FORMAT:
        raise JournalError(f"{path}:1: a journal of format {header['journal']}: this carrier-sim reads format {FORMAT}")
    for number, event in events:
        if not isinstance(event.get("t"), str) or not isinstance(event.get("e"), str):
            raise JournalError(f"{path}:{number}: the event lacks 't' or 'e'")
    ended = bool(events) and events[-1][1]["e"] == "end"
    return Journal(str(path), header, events, ended, cut)


def _parse(text: bytes) -> Event | None:
    try:
        found: Any = orjson.loads(text)
    except orjson.JSONDecodeError:
        try:
            found = json.loads(text)  # it takes half a surrogate pair
        except ValueError:
            return None
    return found if isinstance(found, dict) else None
