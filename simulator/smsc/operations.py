"""Which function does what an ESME asks for: the table of operations.

Every function answers its request at once; what comes of a message later comes through its receipts. Bind, unbind,
enquire_link and whatever is malformed never come here: the session answers them.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from simulator.smpp import (
    BroadcastSm,
    CancelBroadcastSm,
    CancelSm,
    DataSm,
    Pdu,
    QueryBroadcastSm,
    QuerySm,
    ReplaceSm,
    SubmitMulti,
    SubmitSm,
)
from simulator.smsc.broadcast import broadcast_sm, cancel_broadcast_sm, query_broadcast_sm
from simulator.smsc.manage import cancel_sm, query_sm, replace_sm
from simulator.smsc.submit import data_sm, submit_multi, submit_sm

if TYPE_CHECKING:
    from simulator.smsc.connection import Connection
    from simulator.smsc.server import Smsc

Operation = Callable[["Smsc", "Connection", Any, int], None]
"""(SMSC, connection, request, now in milliseconds)."""

OPERATIONS: dict[type[Pdu], Operation] = {
    SubmitSm: submit_sm,
    SubmitMulti: submit_multi,
    DataSm: data_sm,
    QuerySm: query_sm,
    CancelSm: cancel_sm,
    ReplaceSm: replace_sm,
    BroadcastSm: broadcast_sm,
    QueryBroadcastSm: query_broadcast_sm,
    CancelBroadcastSm: cancel_broadcast_sm,
}
