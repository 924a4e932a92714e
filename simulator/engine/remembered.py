"""The messages that are remembered, by key; of those that nobody has asked for yet only a draft.

A load test submits a million messages and looks at none of them. What became of a message is a function of its key
and of what the client sent, so a door may leave just that: a `Draft`, a plain tuple that costs a fraction of a
message. Whoever asks for the message gets it whole, and it stays whole.
"""

from collections.abc import Callable, ItemsView, ValuesView
from typing import Any, Protocol

from simulator.engine.messages import Message, Watch
from simulator.engine.plans import Step
from simulator.engine.rules import Rules


class Lot(Protocol):
    """What drafts that came together share."""

    at: int
    """The instant at which they came."""
    validity: int
    """How long they are valid, in milliseconds."""
    rules: Rules
    """Those that were in force then."""
    watch: Watch
    """NOTHING, or FINAL."""
    teller: "Teller"
    """Who wants to hear of their end."""

    def make(self, draft: "Draft") -> Message:
        """The message that a draft stands for, which the engine has yet to put on its path."""


class Teller(Protocol):
    """What drafts are watched for."""

    def ended(self, entries: "list[tuple[int, Draft, Step]]", at: int) -> None:
        """These drafts have come to their last step at the instant `at`: (key, draft, step without its offset)."""


Draft = tuple[Any, ...]
"""(its lot, whatever else the lot needs to make the message)."""


class Remembered(dict[int, Message]):
    """Key -> message, in order of arrival."""

    __slots__ = ("_complete",)

    def __init__(self, complete: Callable[[int, Draft], Message]) -> None:
        """`complete` makes a draft the message that it stands for."""
        super().__init__()
        self._complete = complete

    def as_left(self, key: int) -> Message | Draft | None:
        """The message, or the draft if it still is one."""
        return super().get(key)

    def _whole(self, key: int, found: Message) -> Message:
        if isinstance(found, tuple):
            found = self._complete(key, found)
            super().__setitem__(key, found)
        return found

    def __getitem__(self, key: int) -> Message:
        return self._whole(key, super().__getitem__(key))

    def get(self, key: int, default: Any = None) -> Any:
        found = super().get(key)
        return default if found is None else self._whole(key, found)

    def _whole_all(self) -> None:
        for key in [key for key, found in super().items() if isinstance(found, tuple)]:
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
