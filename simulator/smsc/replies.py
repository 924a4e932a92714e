"""Phones that answer: which submits get an inbound message, and what it says."""

from collections.abc import Iterator, Sequence

from simulator.engine import Reply
from simulator.smsc.messages import SmppMessage

_QUOTED = 8_000
"""How much of a text an answer repeats: in any alphabet the 255 parts of a long message hold it."""


class Replies:
    """A scenario's `replies`, compiled."""

    def __init__(self, replies: Sequence[Reply]) -> None:
        self._replies = [(reply.match.compile(), reply) for reply in replies]

    def __len__(self) -> int:
        return len(self._replies)

    def to(self, message: SmppMessage) -> Iterator[tuple[str, int]]:
        """(text, milliseconds from the submit) of each answer to this message."""
        for condition, reply in self._replies:
            if condition is None or condition(message, message.to.removeprefix("+")):
                text = reply.text
                for name, value in (
                    ("{text}", message.text[:_QUOTED]),
                    ("{from}", message.source),
                    ("{to}", message.to),
                ):
                    text = text.replace(name, value)
                yield text, reply.after
