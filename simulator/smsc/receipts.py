"""Receipts: which steps of a message an ESME hears of, and the PDU that tells it."""

from simulator.engine import TERMINAL, IdFormat, ReceiptSettings, Recipient, Status, Step, Watch
from simulator.smpp import Pdu, Tag, as_data_sm, build_receipt
from simulator.smpp.constants import (
    REGISTERED_INTERMEDIATE,
    REGISTERED_RECEIPT_FAILURE,
    REGISTERED_RECEIPT_MASK,
    REGISTERED_RECEIPT_NONE,
    REGISTERED_RECEIPT_SUCCESS,
)
from simulator.smsc.mailbox import Parcel
from simulator.smsc.messages import SmppMessage
from simulator.smsc.states import message_state

SUCCESS = frozenset({Status.DELIVERED, Status.PARTIALLY_DELIVERED})
"""What counts as delivered (registered_delivery 2 and 3)."""

MOST_DIGITS = 20
"""An address of deliver_sm has no more."""


def watch_of(registered_delivery: int) -> Watch:
    """What the engine must announce for this registered_delivery (SMPP v3.4 section 5.2.17)."""
    if registered_delivery & REGISTERED_INTERMEDIATE:
        return Watch.ALL
    return Watch.FINAL if registered_delivery & REGISTERED_RECEIPT_MASK else Watch.NOTHING


def is_wanted(step: Step, final: bool, registered_delivery: int) -> bool:
    """Whether a step is told to somebody who asked for `registered_delivery`."""
    if step.silent:
        return False
    if not final:
        return step.status is Status.ENROUTE and bool(registered_delivery & REGISTERED_INTERMEDIATE)
    asked = registered_delivery & REGISTERED_RECEIPT_MASK
    if asked == REGISTERED_RECEIPT_FAILURE:
        return step.status not in SUCCESS
    if asked == REGISTERED_RECEIPT_SUCCESS:
        return step.status in SUCCESS
    return asked != REGISTERED_RECEIPT_NONE


class ReceiptStyle:
    """How the receipts of one SMSC look: its settings, worked out."""

    __slots__ = ("as_data_sm", "id_format", "other_format", "to_submitter")

    def __init__(self, receipts: ReceiptSettings, id_format: IdFormat) -> None:
        self.other_format = receipts.message_id
        """None: the id is spelled as in the response."""
        self.id_format: IdFormat = receipts.message_id or id_format
        self.as_data_sm = receipts.via == "data_sm"
        self.to_submitter = receipts.to == "submitter"

    @property
    def is_plain(self) -> bool:
        """Nothing about them is set otherwise than usual, but perhaps the id."""
        return not (self.as_data_sm or self.to_submitter)


class Receipt(Parcel):
    """One receipt or intermediate notification."""

    __slots__ = ("_style", "recipient", "step")

    def __init__(self, recipient: Recipient, step: Step, style: ReceiptStyle) -> None:
        super().__init__()
        self.recipient = recipient
        self.step = step
        self._style = style
        message = recipient.message
        if style.to_submitter and isinstance(message, SmppMessage):
            self.preferred = message.connection

    def pdu(self, version: int) -> Pdu:
        recipient, step, style = self.recipient, self.step, self._style
        message = recipient.message
        assert isinstance(message, SmppMessage)
        state = message_state(step, version)
        final = step.status in TERMINAL
        receipt = build_receipt(
            message,
            message_id=message.message_id if style.other_format is None else message.spelled(style.other_format),
            state=state,
            submitted_ms=message.started_at,
            done_ms=recipient.started_at + step.offset,
            error=step.cause.network_error if step.cause is not None else 0,
            text=message.text,
            intermediate=not final,
            version=version,
        )
        receipt.source_addr = recipient.to
        as_data = style.as_data_sm
        if len(receipt.source_addr) > MOST_DIGITS or len(receipt.destination_addr) > MOST_DIGITS:
            # only data_sm can have such addresses: so it must have come by one
            as_data = True
        if message.tlvs and receipt.tlvs and Tag.USER_MESSAGE_REFERENCE in message.tlvs:
            receipt.tlvs[Tag.USER_MESSAGE_REFERENCE] = message.tlvs[Tag.USER_MESSAGE_REFERENCE]
        return as_data_sm(receipt) if as_data else receipt

    def __repr__(self) -> str:
        return f"<Receipt {self.step.status} of {self.recipient.message.key:x}>"
