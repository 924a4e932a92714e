"""Which messages go from a source to a destination: for cancel_sm without an id, and replace_if_present.

Few clients ask. The index is made when the first one does, from what is remembered then, and kept from there on.
"""

from collections.abc import Callable, Iterable

from simulator.engine import TERMINAL
from simulator.smsc.messages import SmppMessage

_Key = tuple[str, str, str]
_SWEEP = 10_000
"""Entries after which the finished ones are looked for; then twice what was left."""


class Index:
    """(account, source, destination) -> messages that are not final yet, as far as it knows."""

    def __init__(self, remembered: Callable[[], Iterable[object]], now: Callable[[], int]) -> None:
        self._remembered = remembered
        self._now = now
        self._found: dict[_Key, list[SmppMessage]] | None = None
        self._size = 0
        self._sweep_at = _SWEEP

    @property
    def used(self) -> bool:
        """Whether anybody has asked."""
        return self._found is not None

    def add(self, message: SmppMessage) -> None:
        """A new message; nothing is done before somebody has asked."""
        found = self._found
        if found is None or message.parts is not None:
            return
        found.setdefault((message.account, message.source, message.to), []).append(message)
        self._size += 1
        if self._size > self._sweep_at:
            self._sweep()

    def pending(self, account: str, source: str, to: str) -> list[SmppMessage]:
        """Those that are not final, the latest first."""
        if self._found is None:
            self._found = {}
            for message in self._remembered():
                if isinstance(message, SmppMessage):
                    self.add(message)
        now = self._now()
        known = self._found.get((account, source, to), [])
        return [message for message in reversed(known) if message.status_at(now) not in TERMINAL]

    def _sweep(self) -> None:
        now = self._now()
        swept: dict[_Key, list[SmppMessage]] = {}
        for key, messages in (self._found or {}).items():
            left = [message for message in messages if message.status_at(now) not in TERMINAL]
            if left:
                swept[key] = left
        self._found = swept
        self._size = sum(len(messages) for messages in swept.values())
        self._sweep_at = max(_SWEEP, 2 * self._size)
