"""The messages that are remembered, by key; of those that nobody has asked for yet only the lot with which they came.

A load test submits a million messages and looks at none of them. What became of a message is a function of its key
and of what the client sent, so a door may leave just that: a `Lot`, which many messages share, whose *drafts* they are.
Whoever asks for a message gets it whole, and it stays whole.
"""

from array import array
from collections.abc import Callable, Collection, ItemsView, Iterable, Sequence, ValuesView
from itertools import repeat
from typing import Any, Protocol

from simulator.engine.messages import Message
from simulator.engine.paths import Path
from simulator.engine.plans import Step
from simulator.engine.rules import Refusal, Rules

Ended = tuple[int, "Lot", int, Step, int]
"""The end of a draft: (key, lot, the draft's index in it, the last step, whose offset may be another, its instant)."""


class Teller(Protocol):
    """What drafts are watched for."""

    def ended(self, entries: Sequence[Ended], now: int) -> None:
        """These drafts have come to their last step."""


class Lot:
    """Drafts that came one soon after the other. Derived classes know what the client sent."""

    __slots__ = ("ats", "gone", "keys", "opened", "paths", "rules", "teller", "validity")

    def __init__(self, teller: Teller, rules: Rules, validity: int) -> None:
        self.teller = teller
        """Who wants to hear of their end."""
        self.rules = rules
        """Those that were in force when they came."""
        self.validity = validity
        """How long they are valid, in milliseconds."""
        self.paths: list[Path] | None = None if rules.pure else []
        """What the rules made of each when it came; None: they would say the same at any time."""
        self.keys: list[int] = []
        """One for each draft."""
        self.ats = array("q")
        """When each came."""
        self.gone = 0
        """How many of them, from the first on, are forgotten."""
        self.opened = False
        """Whether anybody has asked for one of them."""

    def add(self, keys: Sequence[int], now: int) -> None:
        """More drafts, which have just come."""
        self.keys += keys
        self.ats.extend(repeat(now, len(keys)))

    def look_ahead(
        self, keys: Sequence[int], now: int, hold: int
    ) -> tuple[list[tuple[int, Ended]], dict[int, Refusal]]:
        """What is known of the drafts that are about to be added, which have these keys: the ends of which somebody
        wants to hear, for the calendar; and why some are refused, by their place in `keys`."""
        choose, paths = self.rules.choose, self.paths
        enders: dict[Path, Callable[[int, int], tuple[int, Step]]] = {}
        ends: list[tuple[int, Ended]] = []
        refused: dict[int, Refusal] = {}
        first = len(self.keys)
        for place, probe in enumerate(self.probes(first, paths is not None)):
            if probe is None:
                continue
            key = keys[place]
            path = choose(probe, probe.to.removeprefix("+"), key)
            if isinstance(path, Refusal):
                refused[place] = path
                continue
            if paths is not None:
                paths.append(path)
                if not probe.watch:
                    continue
            ender = enders.get(path)
            if ender is None:
                ender = enders[path] = path.ender(validity=self.validity, hold=hold)
            offset, final = ender(key, probe.segments)
            at = now + offset
            ends.append((at, (key, self, first + place - len(refused), final, at)))
        return ends, refused

    def leave_out(self, places: Collection[int]) -> None:
        """Not all will be added that was put in last: not these."""
        raise NotImplementedError

    def probes(self, first: int, every: bool) -> Iterable[Message | None]:
        """What rules see of each draft from the index `first` on, with its `watch`: NOTHING or FINAL.

        Where that is NOTHING, None or no more entries will do, unless `every` one is asked for. One object may serve
        for several.
        """
        raise NotImplementedError

    def make(self, index: int) -> Message:
        """The message that a draft stands for, which the engine has yet to put on its path. Its `watch` is NOTHING or
        FINAL."""
        raise NotImplementedError


class Remembered(dict[int, Message]):
    """Key -> message, in order of arrival."""

    __slots__ = ("_complete",)

    def __init__(self, complete: Callable[[Lot, int], Message]) -> None:
        """`complete` makes the draft with this index the message that it stands for."""
        super().__init__()
        self._complete = complete

    def as_left(self, key: int) -> Message | Lot | None:
        """The message, or its lot if it still is a draft."""
        return super().get(key)

    def leave(self, keys: Sequence[int], lot: Lot) -> None:
        """Put in drafts as they are."""
        super().update(dict.fromkeys(keys, lot))  # type: ignore[arg-type]

    def _whole(self, key: int, found: Message) -> Message:
        if isinstance(found, Lot):
            found = self._complete(found, found.keys.index(key, found.gone))
            super().__setitem__(key, found)
        return found

    def __getitem__(self, key: int) -> Message:
        return self._whole(key, super().__getitem__(key))

    def get(self, key: int, default: Any = None) -> Any:
        found = super().get(key)
        return default if found is None else self._whole(key, found)

    def _whole_all(self) -> None:
        for key in [key for key, found in super().items() if isinstance(found, Lot)]:
            self[key]

    def values(self) -> ValuesView[Message]:  # type: ignore[override]
        self._whole_all()
        return super().values()

    def items(self) -> ItemsView[int, Message]:  # type: ignore[override]
        self._whole_all()
        return super().items()

    def forget(self, key: int) -> None:
        """Drop a message, whole or not."""
        super().pop(key, None)

    def forget_drafts(self, keys: Iterable[int]) -> None:
        """Drop messages that are remembered."""
        for key in keys:
            super().__delitem__(key)
