"""Messages and their recipients.

A recipient is what the engine walks. Most messages have just one, and are then their own recipient: a
`Message` *is* a `Recipient`, which halves the objects that a million submits leave behind. Each door derives its own
kind of message, which says how the text is kept.
"""

from collections.abc import Sequence
from enum import IntEnum
from typing import NamedTuple

from simulator.engine.chance import luck_of
from simulator.engine.paths import Path
from simulator.engine.plans import Plan, Step
from simulator.engine.statuses import Status


class Watch(IntEnum):
    """What of a recipient's walk has to be announced when it happens."""

    NOTHING = 0
    FINAL = 1
    """The last step."""
    ALL = 2
    """Every step."""


class Terms(NamedTuple):
    """What a plan depends on beside the path and the luck; all in milliseconds."""

    validity: int
    """From the start of the recipient."""
    hold: int
    """How long the gateway waits for a receipt."""
    held: bool
    """Whether the hold ends also what is merely late."""
    start: int = 0
    """Later than 0: scheduled until then."""


class Recipient:
    """One destination of a message, and what becomes of it. Derived classes have `message` and `started_at`.

    Its plan is drawn when somebody asks for it, which may be never. As it depends on nothing but what was known when
    the message was accepted, nobody can tell.
    """

    __slots__ = ("_plan", "_terms", "announced", "due_at", "to")

    to: str
    """As the client wrote it."""
    _plan: Plan | Path
    _terms: Terms
    announced: int
    """How many steps of the plan observers have been told."""
    due_at: int
    """The instant of this recipient's valid entry in the calendar; -1: none."""

    @property
    def message(self) -> "Message":
        raise NotImplementedError

    started_at: int
    """The instant from which the plan counts."""

    def walk(self, path: Path, terms: Terms) -> None:
        """Put the recipient on a path."""
        self._plan = path
        self._terms = terms

    @property
    def plan(self) -> Plan:
        """The whole itinerary."""
        plan = self._plan
        if type(plan) is Plan:
            return plan
        validity, hold, held, start = self._terms
        drawn = plan.plan(  # type: ignore[union-attr]  # no Plan: a Path
            self.luck, validity=validity, hold=hold, held=held, segments=self.message.segments, start=start
        )
        self._plan = drawn
        return drawn

    @plan.setter
    def plan(self, plan: Plan) -> None:
        self._plan = plan

    @property
    def luck(self) -> int:
        """What its chance is drawn from."""
        raise NotImplementedError

    @property
    def index(self) -> int:
        """The place in the message's list of recipients."""
        return 0

    @property
    def dispatch(self) -> int:
        """Of which dispatch of its message it is, counted from 0."""
        return 0

    def step_at(self, now: int) -> Step:
        return self.plan.at(now - self.started_at)

    def status_at(self, now: int) -> Status:
        return self.plan.at(now - self.started_at).status

    def history(self, now: int) -> list[tuple[int, Step]]:
        """All that has happened by `now`: (instant, step)."""
        start = self.started_at
        return [(start + step.offset, step) for step in self.plan.until(now - start)]

    @property
    def final_at(self) -> int:
        """The instant of the terminal status."""
        return self.started_at + self.plan.offsets[-1]

    def __repr__(self) -> str:
        return f"<{type(self).__name__} to {self.to}, {self.plan if hasattr(self, '_plan') else 'unplanned'}>"


class Message(Recipient):
    """One send or submit. With one recipient it is that recipient; with several, `recipients` are its parts."""

    __slots__ = ("account", "key", "parts", "segments", "source", "started_at", "watch")

    via: str
    """`http` or `smpp`: set by each door's class."""
    account: str
    key: int
    """63 bits, unique among the kept messages; ids are spelled from it."""
    source: str
    segments: int
    parts: Sequence["BatchRecipient"] | None
    watch: Watch

    def __init__(self, account: str, source: str, to: str | Sequence[str], segments: int) -> None:
        self.account = account
        self.source = source
        self.segments = segments
        self.announced = 0
        self.due_at = -1
        self.watch = Watch.NOTHING
        if isinstance(to, str):
            self.to = to
            self.parts = None
        else:
            self.to = to[0] if to else ""
            self.parts = [BatchRecipient(self, number, destination) for number, destination in enumerate(to)]

    @property
    def text(self) -> str:
        """The text, readable: what rules and reports see."""
        raise NotImplementedError

    @property
    def encoding(self) -> str:
        """`gsm7`, `ucs2`, `latin1` or `binary`."""
        raise NotImplementedError

    @property
    def message(self) -> "Message":
        return self

    @property
    def luck(self) -> int:
        return self.key

    @property
    def smsc_name(self) -> str:
        """The SMSC to which it came; empty for what came otherwise."""
        return ""

    @property
    def interface_version(self) -> int:
        """What the SMPP session that submitted it speaks, such as 0x34; 0 for what came otherwise."""
        return 0

    @property
    def accepted_at(self) -> int:
        """The instant at which the message came."""
        return self.started_at

    @property
    def recipients(self) -> Sequence[Recipient]:
        return (self,) if self.parts is None else self.parts

    def finished_at(self) -> int:
        """The instant at which the last recipient comes to its terminal status."""
        if self.parts is None:
            return self.final_at
        return max((part.final_at for part in self.parts), default=self.started_at)


class BatchRecipient(Recipient):
    """One recipient of a message that has several."""

    __slots__ = ("_dispatch", "_index", "_message", "started_at")

    def __init__(self, message: Message, index: int, to: str, dispatch: int = 0) -> None:
        self._message = message
        self._index = index
        self._dispatch = dispatch
        self.to = to
        self.announced = 0
        self.due_at = -1

    @property
    def message(self) -> Message:
        return self._message

    @property
    def luck(self) -> int:
        return luck_of(self._message.key, self._dispatch, self._index)

    @property
    def index(self) -> int:
        return self._index

    @property
    def dispatch(self) -> int:
        return self._dispatch
