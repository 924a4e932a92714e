"""Who may listen to an SMSC: a journal, a live page, a test. Nothing is done for them where nobody listens."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from simulator.smsc.connection import Connection
    from simulator.smsc.mailbox import Parcel
    from simulator.smsc.server import Smsc

FrameListener = Callable[["Connection", Literal["in", "out"], bytes], None]
"""Called with each PDU that comes or goes, as it is on the wire."""


class SmscListener(Protocol):
    """Hears of what the SMSC delivers."""

    def sent(self, connection: "Connection", parcel: "Parcel") -> None:
        """A receipt or an inbound message has been handed to a session."""

    def answered(self, connection: "Connection", parcel: "Parcel", command_status: int) -> None:
        """The ESME has answered it, or did not in time (`NO_ANSWER`)."""

    def inbound(self, smsc: "Smsc", account: str, source: str, to: str, text: str) -> None:
        """A phone is about to send a message; a scenario's `replies` are not told."""

    def left(self, connection: "Connection") -> None:
        """A connection is no more."""
