"""The session states and what each side may send in them: the standard's table, as a table.

What it is: SMPP v3.4 section 2.2 and 2.3, with v5.0's additions (its section 2.3: enquire_link in any state,
broadcast). The session reads it, the tests walk through it, and the docs draw it.

    OPEN --bind_transmitter--> BOUND_TX  --unbind--> UNBOUND (in order)
    OPEN --bind_receiver-----> BOUND_RX
    OPEN --bind_transceiver--> BOUND_TRX
    OPEN --outbind (ours)----> OUTBOUND --bind_receiver--> BOUND_RX
    any  --connection lost, timer, broken framing--> CLOSED

What it is not: about responses. Those are always let through, and matched to what they answer.
"""

from enum import Enum
from typing import Final

from simulator.smpp.constants import CommandId as C


class State(Enum):
    """Where a session is (SMPP v3.4 section 2.2; UNBOUND is of v5.0). The last two are the ends of it."""

    OPEN = "open"
    OUTBOUND = "outbound"
    BOUND_TX = "bound_tx"
    BOUND_RX = "bound_rx"
    BOUND_TRX = "bound_trx"
    UNBOUND = "unbound"
    CLOSED = "closed"

    # Members are singletons. Enum's own hash is a Python function, and states are looked up for every PDU.
    __hash__ = object.__hash__


BINDS: Final[dict[C, State]] = {
    C.BIND_TRANSMITTER: State.BOUND_TX,
    C.BIND_RECEIVER: State.BOUND_RX,
    C.BIND_TRANSCEIVER: State.BOUND_TRX,
}
"""Which state each bind leads to."""

BOUND: Final = frozenset(BINDS.values())

_SUBMISSIONS: Final = frozenset(
    {
        C.SUBMIT_SM,
        C.SUBMIT_MULTI,
        C.DATA_SM,
        C.QUERY_SM,
        C.CANCEL_SM,
        C.REPLACE_SM,
        C.BROADCAST_SM,
        C.QUERY_BROADCAST_SM,
        C.CANCEL_BROADCAST_SM,
    }
)

ESME_MAY: Final[dict[State, frozenset[C]]] = {
    State.OPEN: frozenset({*BINDS, C.ENQUIRE_LINK}),
    State.OUTBOUND: frozenset({C.BIND_RECEIVER, C.BIND_TRANSCEIVER, C.ENQUIRE_LINK}),
    State.BOUND_TX: _SUBMISSIONS | {C.ENQUIRE_LINK, C.UNBIND},
    State.BOUND_RX: frozenset({C.ENQUIRE_LINK, C.UNBIND}),
    State.BOUND_TRX: _SUBMISSIONS | {C.ENQUIRE_LINK, C.UNBIND},
    State.UNBOUND: frozenset(),
    State.CLOSED: frozenset(),
}
"""Requests that the ESME may send. Anything else is answered with ESME_RINVBNDSTS."""

_DELIVERIES: Final = frozenset({C.DELIVER_SM, C.DATA_SM, C.ALERT_NOTIFICATION})

SMSC_MAY: Final[dict[State, frozenset[C]]] = {
    State.OPEN: frozenset({C.OUTBIND, C.ENQUIRE_LINK}),
    State.OUTBOUND: frozenset({C.ENQUIRE_LINK}),
    State.BOUND_TX: frozenset({C.ENQUIRE_LINK, C.UNBIND}),
    State.BOUND_RX: _DELIVERIES | {C.ENQUIRE_LINK, C.UNBIND},
    State.BOUND_TRX: _DELIVERIES | {C.ENQUIRE_LINK, C.UNBIND},
    State.UNBOUND: frozenset(),
    State.CLOSED: frozenset(),
}
"""Requests that we may send. Anything else is our own mistake."""
