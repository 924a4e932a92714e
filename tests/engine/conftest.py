"""What the engine's tests share: a plain message, a door that writes down what it hears, and a clock moved by hand.

All of it is sync and without an event loop: the engine needs none, only clocks do (test_clock).
"""

from collections.abc import Callable, Sequence

import pytest

from simulator.engine import EPOCH, Clock, Engine, Message, Path, Recipient, Refusal, Rule, Rules, Step, Watch, segment
from simulator.engine.units import DAY


class Sms(Message):
    __slots__ = ("_text", "via")

    def __init__(
        self,
        to: str | Sequence[str] = "+15550001",
        text: str = "hello",
        *,
        account: str = "acme",
        source: str = "ACME",
        via: str = "http",
        segments: int | None = None,
        watch: Watch = Watch.ALL,
    ) -> None:
        super().__init__(account, source, to, segment(text).segments if segments is None else segments)
        self._text = text
        self.via = via
        self.watch = watch

    @property
    def text(self) -> str:
        return self._text

    @property
    def encoding(self) -> str:
        return segment(self._text).encoding

    @property
    def content(self) -> bytes:
        numbers = ",".join([self.to] if self.parts is None else [part.to for part in self.parts])
        return f"{self.account}\0{self.source}\0{numbers}\0{self._text}".encode()


class HandClock(Clock):
    """Moves when `go` is called, and serves the calendar date by date."""

    name = "hand"

    def __init__(self) -> None:
        super().__init__()
        self.instant = EPOCH

    def now(self) -> int:
        return self.instant

    def go(self, duration: int = 0) -> None:
        goal = self.instant + duration
        while (at := self.calendar.next_at) is not None and at <= goal:
            self.instant = max(self.instant, at)
            self.calendar.run(self.instant)
        self.instant = goal


class Listener:
    """A door and an observer at once: hears, checks nothing, remembers all."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.heard: list[tuple[int, Recipient, Step]] = []
        self.arrived: list[Message] = []
        self.turned_away: list[tuple[Message, Refusal]] = []

    def announce(self, happened: Sequence[tuple[Recipient, Step]]) -> None:
        self.heard += [(self.clock.now(), recipient, step) for recipient, step in happened]

    happened = announce

    def accepted(self, message: Message) -> None:
        self.arrived.append(message)

    def refused(self, message: Message, refusal: Refusal) -> None:
        self.turned_away.append((message, refusal))

    def of(self, recipient: Recipient) -> list[tuple[int, Step]]:
        return [(at, step) for at, who, step in self.heard if who is recipient]

    def statuses(self, recipient: Recipient) -> list[str]:
        return [str(step.status) for _, step in self.of(recipient)]


class Simulation:
    """An engine, its clock, and a door for each of `http` and `smpp`."""

    def __init__(self, *rules: Rule | Path | Refusal, fallback: Path | None = None, seed: int = 0, **options) -> None:
        self.clock = HandClock()
        made = [rule if isinstance(rule, Rule) else Rule(str(place), rule) for place, rule in enumerate(rules)]
        self.engine = Engine(self.clock, Rules(made, fallback or Path("fallback", [])), seed=seed, **options)
        self.door = Listener(self.clock)
        self.smpp = Listener(self.clock)
        self.engine.doors.update(http=self.door, smpp=self.smpp)

    def submit(self, message: Sms, *, validity: int = DAY, **options) -> Refusal | None:
        return self.engine.submit(message, message.content, validity=validity, **options)

    def send(self, *args, validity: int = DAY, start: int = 0, held: bool = False, waiting: bool = False, **of) -> Sms:
        message = Sms(*args, **of)
        assert self.submit(message, validity=validity, start=start, held=held, waiting=waiting) is None
        return message

    def go(self, duration: int = 0) -> None:
        self.clock.go(duration)

    def status(self, recipient: Recipient) -> str:
        return str(recipient.status_at(self.clock.now()))


# of the session, so that property tests may use them too


@pytest.fixture(scope="session")
def sms() -> type[Sms]:
    return Sms


@pytest.fixture(scope="session")
def simulate() -> Callable[..., Simulation]:
    return Simulation


@pytest.fixture(scope="session")
def listener() -> type[Listener]:
    return Listener
