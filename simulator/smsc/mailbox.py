"""What the SMSC has for one account, on its way to whichever session takes it: receipts, and later inbound messages.

Kept in order while no receiver is bound, up to a bound, and handed out in turn, never more to a session than its
window and its socket take. What was not answered, or with a temporary error, comes again later.
"""

from collections import deque
from typing import TYPE_CHECKING

from simulator.engine.remembered import Ended
from simulator.smpp import CommandStatus, Pdu

if TYPE_CHECKING:
    from simulator.smsc.connection import Connection

MOST_SHARES = 4
"""The drafts that wait go to no more sessions than this, if there is room: each share is a write of ours and a read of
theirs."""

NO_ANSWER = -1
"""In place of a command_status: no response came in time."""

TEMPORARY = frozenset(
    {
        NO_ANSWER,
        CommandStatus.ESME_RTHROTTLED,
        CommandStatus.ESME_RMSGQFUL,
        CommandStatus.ESME_RX_T_APPN,
    }
)
"""After these the same thing is sent again; any other error is final."""


class Parcel:
    """Something to deliver."""

    __slots__ = ("preferred", "tries")

    def __init__(self) -> None:
        self.tries = 0
        """How often it was sent."""
        self.preferred: Connection | None = None
        """The session that should get it, if it can."""

    def pdu(self, version: int) -> Pdu:
        """What to send to a session of this version."""
        raise NotImplementedError


class Mailbox:
    """One account's."""

    __slots__ = ("_turn", "capacity", "dropped", "receivers", "sessions", "waiting")

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.waiting: deque[Parcel | Ended] = deque()
        """Parcels, and drafts whose receipts are not written yet."""
        self.receivers: list[Connection] = []
        """Sessions bound as receiver or transceiver."""
        self.sessions = 0
        """How many are bound, in whatever way."""
        self.dropped = 0
        """How many were lost because too many waited."""
        self._turn = 0

    def put(self, parcel: Parcel) -> None:
        """`deliver` has to follow."""
        self.waiting.append(parcel)

    def put_back(self, unanswered: "list[Parcel | Ended]") -> None:
        """Those that a lost session had not answered: they keep their place before the others."""
        self.waiting.extendleft(reversed(unanswered))

    def put_drafts(self, drafts: list[Ended], now: int) -> None:
        """Deliver their receipts."""
        behind = bool(self.waiting)  # then nobody has room
        self.waiting += drafts
        if behind:
            self._drop()
        else:
            self.deliver(now)

    def deliver(self, now: int, only: "Connection | None" = None) -> None:
        """Hand out what waits, as far as there are receivers with room. It is written in one go with whatever else is
        handed out in this turn of the event loop. Of what is left the oldest go if there are too many. Called whenever
        somebody may have got room, so that what still waits is known to have nowhere to go.

        `only`: the receiver that has room, where the others are known to have none.
        """
        waiting = self.waiting
        share = -(-len(waiting) // MOST_SHARES)
        while waiting:
            first = waiting[0]
            receiver: Connection | None = None
            if isinstance(first, Parcel):
                receiver = first.preferred
                if receiver is not None and not (receiver.has_room and receiver in self.receivers):
                    receiver = None
            if receiver is None:
                receiver = self.next() if only is None else only if only.has_room else None
            if receiver is None:
                break
            if isinstance(first, Parcel):
                receiver.send(first, now)
                waiting.popleft()
            else:
                receiver.send_drafts(self._take_drafts(min(share, receiver.room)), now)
            receiver.flush_soon()
        self._drop()

    def _drop(self) -> None:
        """Let the oldest go if too many wait."""
        while len(self.waiting) > self.capacity:
            self.waiting.popleft()
            self.dropped += 1

    def _take_drafts(self, most: int) -> list[Ended]:
        """Those that wait before anything else."""
        waiting = self.waiting
        drafts: list[Ended] = []
        while waiting and len(drafts) < most and isinstance(first := waiting[0], tuple):
            drafts.append(first)
            waiting.popleft()
        return drafts

    def next(self) -> "Connection | None":
        """The receiver whose turn it is, of those that have room."""
        receivers = self.receivers
        for _ in receivers:
            self._turn = (self._turn + 1) % len(receivers)
            receiver = receivers[self._turn]
            if receiver.has_room:
                return receiver
        return None
