"""A message that came over HTTP: one POST /send."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from simulator.engine.messages import Message, Watch
from simulator.engine.segments import segment
from simulator.gateway.ids import message_id

if TYPE_CHECKING:
    from simulator.gateway.attempts import Attempt, Target
    from simulator.gateway.dispatches import Dispatches

SendingType = Literal["immediate", "scheduled", "recurring"]


class HttpMessage(Message):
    """One POST /send with all its recipients. With one recipient and no schedule it is that recipient."""

    __slots__ = ("attempts", "callback_url", "cancellable_until", "dispatches", "price", "targets", "text")

    via = "http"

    text: str
    attempts: "list[Attempt] | None"
    """The webhook posts so far, oldest first; None: none. Bounded: the oldest half goes when there are too many."""
    targets: "tuple[Target, ...]"
    """Who gets its events."""
    callback_url: str | None
    dispatches: "Dispatches | None"
    """When it goes out, if it is scheduled or recurring."""
    price: int
    """Of one dispatch, in millionths of the currency."""
    cancellable_until: int
    """The instant up to which an immediate message can be cancelled (the `cancel_within` of decision D26); 0: never."""

    def __init__(
        self,
        account: str,
        source: str,
        to: str | Sequence[str],
        text: str,
        segments: int,
        *,
        targets: "tuple[Target, ...]" = (),
        callback_url: str | None = None,
        price: int = 0,
    ) -> None:
        super().__init__(account, source, to, segments)
        self.text = text
        self.targets = targets
        self.callback_url = callback_url
        self.price = price
        self.attempts = None
        self.dispatches = None
        self.cancellable_until = 0
        if targets:
            self.watch = Watch.ALL

    @property
    def encoding(self) -> str:
        return segment(self.text).encoding

    @property
    def id(self) -> str:
        """What POST /send answered: 24 hexadecimal digits."""
        return message_id(self.key)

    @property
    def sending_type(self) -> SendingType:
        return "immediate" if self.dispatches is None else self.dispatches.sending_type

    def finished_at(self) -> int:
        """A message with dispatches to come is not over, whatever became of the last one's recipients."""
        finished = super().finished_at()
        if self.dispatches is not None and (coming := self.dispatches.next_at) is not None:
            return max(finished, coming)
        return finished
