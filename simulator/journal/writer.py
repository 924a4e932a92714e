"""Writes a journal while the simulation goes on, with constant memory.

Each instant's events are sorted when the next instant comes. What is sorted is written now and then, and at the latest
a real second after it happened: a killed process loses no more. The instant that isn't over by then is written as far
as it goes, and written over when it is.
"""

import asyncio
import json
import logging
from pathlib import Path
from typing import TYPE_CHECKING

import orjson

from simulator import __version__
from simulator.journal.events import Event, Order, Recorder, iso
from simulator.journal.setup import setup_of

if TYPE_CHECKING:
    from simulator.app import Simulator

log = logging.getLogger("simulator.journal")

FORMAT = 1
"""The version of the format."""

FLUSH_S = 1.0
"""Real seconds that a killed process may lose."""

LARGEST_CHUNK = 1 << 18
"""Octets that wait to be written."""

MOST_IN_AN_INSTANT = 50_000
"""Events of one instant that are sorted together: of more, each so many."""

_HTTP = 1


class JournalWriter:
    """The journal of one simulator: from when it is made, before the simulator starts, until that stops."""

    def __init__(self, path: str | Path, simulator: "Simulator") -> None:
        """Raises OSError if the file can't be written."""
        self.path = Path(path)
        self._sim = simulator
        self._file = self.path.open("wb", buffering=0)
        self._instant: list[tuple[Order, bytes]] = []
        self._at = simulator.now
        self._ready = bytearray()
        self._timer: asyncio.TimerHandle | None = None
        self._ready += line({"journal": FORMAT, "version": __version__, **setup_of(simulator)})
        self._write()
        simulator.listeners.append(self)  # before the recorder: what was before a reset ends before it
        self.recorder = Recorder(simulator, self._emit)

    def _emit(self, at: int, order: Order, event: Event) -> None:
        if self._file.closed:
            return
        if at != self._at:
            self._settle()
            self._at = at
        # a copy: what orjson gives keeps some kilobytes in hand
        self._instant.append((order, bytes(memoryview(line(event)))))
        if len(self._instant) >= MOST_IN_AN_INSTANT:
            self._settle()
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(FLUSH_S, self._flush)

    def _settle(self) -> None:
        """The instant is over: bring its events into their order."""
        self._ready += _sorted(self._instant)
        self._instant.clear()
        if len(self._ready) >= LARGEST_CHUNK:
            self._write()

    def _write(self) -> None:
        """Write what is in order. It covers at least what was written ahead."""
        self._put(self._ready)
        self._ready.clear()

    def _put(self, data: bytes | bytearray) -> None:
        try:
            self._file.write(data)
        except OSError as error:  # the simulation goes on without
            log.error("the journal %s ends here: %s", self.path, error)
            self._file.close()

    def _flush(self) -> None:
        """Write all there is, the current instant as far as it goes."""
        self._timer = None
        if self._file.closed:
            return
        self._write()
        if self._instant and not self._file.closed:
            here = self._file.tell()
            self._put(_sorted(self._instant))
            if not self._file.closed:
                self._file.seek(here)

    def close(self) -> None:
        """Write the rest; a simulator that stops does it by itself."""
        if self._file.closed:
            return
        if self._timer is not None:
            self._timer.cancel()
        self.recorder.detach()
        self._sim.listeners.remove(self)
        self._settle()
        engine = self._sim.engine
        self._ready += line(
            {"t": iso(self._sim.now), "e": "end", "accepted": engine.accepted, "refused": engine.refused}
        )
        self._write()
        self._file.close()

    # simulator.app.SimulatorListener

    def advanced(self, duration: int) -> None:
        """The recorder tells of it."""

    def loaded(self, scenario: object) -> None:
        """What comes now is after what came before, be it in the same instant."""
        self._settle()

    def reset(self) -> None:
        """As above."""
        self._settle()

    def stopped(self) -> None:
        self.close()


def line(event: Event) -> bytes:
    """One line of a journal."""
    try:
        return orjson.dumps(event, option=orjson.OPT_APPEND_NEWLINE)
    except TypeError:  # half a surrogate pair in a text
        return json.dumps(event, separators=(",", ":")).encode() + b"\n"


def _sorted(instant: list[tuple[Order, bytes]]) -> bytes:
    """An instant's lines in order. Sends over HTTP are in order of their bodies, except for accounts of whom something
    else came, too: a limit or an empty wallet depends on what came before."""
    others = {order[1] for order, _ in instant if order[0] == _HTTP and not order[2]}
    if others:
        instant = [
            ((*order[:2], True, "", order[-1]), text) if order[0] == _HTTP and order[1] in others else (order, text)
            for order, text in instant
        ]
    return b"".join([text for _, text in sorted(instant)])
