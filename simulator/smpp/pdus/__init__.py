"""The operations of SMPP, one dataclass each, and the registry that finds them by command_id.

`PDUS[CommandId.SUBMIT_SM] is SubmitSm`, and `SubmitSm.response_class is SubmitSmResp`.
"""

from typing import Final

from simulator.smpp.constants import RESPONSE_BIT
from simulator.smpp.pdus.base import Pdu, adopt
from simulator.smpp.pdus.bind import (
    Bind,
    BindReceiver,
    BindReceiverResp,
    BindResp,
    BindTransceiver,
    BindTransceiverResp,
    BindTransmitter,
    BindTransmitterResp,
    Outbind,
    Unbind,
    UnbindResp,
)
from simulator.smpp.pdus.broadcast import (
    BroadcastSm,
    BroadcastSmResp,
    CancelBroadcastSm,
    CancelBroadcastSmResp,
    QueryBroadcastSm,
    QueryBroadcastSmResp,
)
from simulator.smpp.pdus.link import AlertNotification, EnquireLink, EnquireLinkResp, GenericNack
from simulator.smpp.pdus.manage import CancelSm, CancelSmResp, QuerySm, QuerySmResp, ReplaceSm, ReplaceSmResp
from simulator.smpp.pdus.message import (
    DataSm,
    DataSmResp,
    DeliverSm,
    DeliverSmResp,
    SubmitMulti,
    SubmitMultiResp,
    SubmitSm,
    SubmitSmResp,
)

_ALL: Final[tuple[type[Pdu], ...]] = (
    GenericNack,
    BindReceiver,
    BindReceiverResp,
    BindTransmitter,
    BindTransmitterResp,
    BindTransceiver,
    BindTransceiverResp,
    Outbind,
    Unbind,
    UnbindResp,
    SubmitSm,
    SubmitSmResp,
    SubmitMulti,
    SubmitMultiResp,
    DeliverSm,
    DeliverSmResp,
    DataSm,
    DataSmResp,
    QuerySm,
    QuerySmResp,
    CancelSm,
    CancelSmResp,
    ReplaceSm,
    ReplaceSmResp,
    EnquireLink,
    EnquireLinkResp,
    AlertNotification,
    BroadcastSm,
    BroadcastSmResp,
    QueryBroadcastSm,
    QueryBroadcastSmResp,
    CancelBroadcastSm,
    CancelBroadcastSmResp,
)

PDUS: Final[dict[int, type[Pdu]]] = {int(cls.command_id): cls for cls in _ALL}
"""All operations by command_id."""

for _cls in _ALL:
    adopt(_cls)
    if not _cls.is_response():
        _cls.response_class = PDUS.get(_cls.command_id | RESPONSE_BIT)


def response_to(request: Pdu, command_status: int = 0) -> Pdu:
    """The response that belongs to a request, with its sequence_number; a generic_nack if it has none."""
    cls = request.response_class or GenericNack
    return cls(request.sequence_number, command_status)


__all__ = [
    "PDUS",
    "AlertNotification",
    "Bind",
    "BindReceiver",
    "BindReceiverResp",
    "BindResp",
    "BindTransceiver",
    "BindTransceiverResp",
    "BindTransmitter",
    "BindTransmitterResp",
    "BroadcastSm",
    "BroadcastSmResp",
    "CancelBroadcastSm",
    "CancelBroadcastSmResp",
    "CancelSm",
    "CancelSmResp",
    "DataSm",
    "DataSmResp",
    "DeliverSm",
    "DeliverSmResp",
    "EnquireLink",
    "EnquireLinkResp",
    "GenericNack",
    "Outbind",
    "Pdu",
    "QueryBroadcastSm",
    "QueryBroadcastSmResp",
    "QuerySm",
    "QuerySmResp",
    "ReplaceSm",
    "ReplaceSmResp",
    "SubmitMulti",
    "SubmitMultiResp",
    "SubmitSm",
    "SubmitSmResp",
    "Unbind",
    "UnbindResp",
    "response_to",
]
