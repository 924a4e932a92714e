"""Messages from phones (MO): put into an account's mailbox, whence the SMSC delivers them as it does receipts."""

from simulator.app import Simulator
from simulator.smpp import DeliverSm, Npi, Pdu, Ton, best_coding, encode_text
from simulator.smsc.mailbox import Parcel


class _FromPhone(Parcel):
    """One of them."""

    __slots__ = ("_source", "_text", "_to")

    def __init__(self, source: str, to: str, text: str) -> None:
        super().__init__()
        self._source = source
        self._to = to
        self._text = text

    def pdu(self, version: int) -> Pdu:
        coding = best_coding(self._text)
        return DeliverSm(
            source_addr_ton=Ton.INTERNATIONAL,
            source_addr_npi=Npi.ISDN,
            source_addr=self._source.removeprefix("+"),
            dest_addr_ton=Ton.UNKNOWN,
            dest_addr_npi=Npi.ISDN,
            destination_addr=self._to.removeprefix("+"),
            data_coding=coding,
            short_message=encode_text(self._text, coding)[:254],
        )


def deliver(sim: Simulator, account: str, source: str, to: str, text: str) -> None:
    """Have the SMSC deliver a text from a phone to whoever is bound for `account`; else it waits for them."""
    mailbox = sim.smsc.mailbox(account)
    mailbox.put(_FromPhone(source, to, text))
    mailbox.deliver(sim.clock.now())
