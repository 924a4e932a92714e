"""Sends over SMPP, and the sessions that it takes: opened when first needed, or by a `bind` item."""

from typing import Any

from simulator.app import Simulator
from simulator.engine import Account
from simulator.runner.esme import BindKind, Esme
from simulator.runner.log import Log
from simulator.runner.pace import Pace
from simulator.runner.problems import RunError
from simulator.runner.reading import is_receipt, part_of, plain, receipt_of, text_of
from simulator.runner.records import InboundSeen
from simulator.runner.stage import smsc_of
from simulator.scenario import Place, Send
from simulator.smpp import Segment, Tlvs, best_coding, encode_text, format_relative, split, status_name
from simulator.smpp.constants import Npi, Ton
from simulator.smpp.tlv import Tag, encode_tlvs

SHORT_CODE = 6
"""Digits of the longest sender that is taken for a short code."""


UNASKED = "unasked"
"""The id of a message from a phone that no `inbound` item has sent: a reply, or what another account wrote."""


class SmppDoor:
    """One run's SMPP sessions."""

    def __init__(self, sim: Simulator, pace: Pace, log: Log) -> None:
        self._sim = sim
        self._pace = pace
        self._log = log
        self._named: dict[str, Esme] = {}
        self._of: dict[str, list[Esme]] = {}  # by the account's name
        self._all: list[Esme] = []
        self._parts: dict[tuple[str, str, int], dict[int, str]] = {}  # of long messages from phones

    # ---- sessions ----

    async def bind(self, account: Account, kind: BindKind = "transceiver", name: str | None = None) -> Esme:
        """Open a session; a refusal is noted, and the session isn't alive then."""

        def received(pdu: Any) -> None:
            self._received(account.name, pdu)

        port = smsc_of(self._sim, account).port
        esme = Esme(self._sim.host, port, received, self._log.notes.append, account.limits.window)
        self._all.append(esme)
        if name is not None:
            self._named[name] = esme
        status = await esme.bind(kind, account.system_id or "", account.password)
        if status:
            self._log.notes.append(f"bind_{kind} of '{account.name}' was refused: {status_name(status)}")
        else:
            self._of.setdefault(account.name, []).append(esme)
        return esme

    async def submitter(self, account: Account, place: Place) -> Esme:
        """The session over which an account submits: its latest that can. Raises RunError."""
        able = [esme for esme in self._of.get(account.name, ()) if esme.can_submit]
        esme = able[-1] if able else await self.bind(account)
        if not esme.alive:
            raise RunError(f"'{account.name}' can't bind to submit: {self._log.notes[-1]}", place)
        return esme

    async def receiver(self, account: Account) -> None:
        """See to it that the account has a session which receives, unless the scenario has bound some itself."""
        if not self._of.get(account.name):
            await self.bind(account)

    def session(self, name: str, place: Place) -> Esme:
        esme = self._named.get(name)
        if esme is None:
            raise RunError(f"the session '{name}' has not been bound yet", place)
        return esme

    async def close(self) -> None:
        """Unbind whoever is bound, and end all threads."""
        for esme in self._all:
            await esme.unbind()

    # ---- what comes ----

    def _received(self, account: str, pdu: Any) -> None:
        now = self._pace.now()
        if is_receipt(pdu):
            self._log.receipt(receipt_of(pdu, now))
            return
        text, source = text_of(pdu), plain(pdu.source_addr)
        part = part_of(pdu)
        if part is not None:
            reference, total, number = part
            parts = self._parts.setdefault((account, source, reference), {})
            parts[number] = text
            if len(parts) < total:
                return
            del self._parts[account, source, reference]
            text = "".join(parts[number] for number in sorted(parts))
        for seen in self._log.inbound:
            if (
                seen.received_at is None
                and seen.account == account
                and seen.text == text
                and seen.source.removeprefix("+") == source.removeprefix("+")
            ):
                seen.received_at = now
                seen.received_text = text
                return
        to = plain(pdu.destination_addr)
        self._log.inbound.append(InboundSeen(UNASKED, 1, account, source, to, text, now, now, text))


def segments_of(item: Send, text: str, reference: int) -> list[Segment]:
    """The submits that carry a text, as the item says it travels. Raises RunError."""
    try:
        if item.split == "payload" or item.split == "none":
            coding = best_coding(text) if item.data_coding is None else item.data_coding
            octets = encode_text(text, coding)
            if item.split == "payload":
                return [Segment(0, coding, b"", {Tag.MESSAGE_PAYLOAD: octets})]
            if len(octets) > 254:
                raise RunError(
                    f"the text has {len(octets)} octets: more than one submit carries (split: none)", item.place
                )
            return [Segment(0, coding, octets, {})]
        return split(text, data_coding=item.data_coding, reference=reference, method=item.split)  # type: ignore[arg-type]
    except UnicodeEncodeError:
        raise RunError(f"the text can't be written in data_coding {item.data_coding}", item.place) from None
    except ValueError as error:
        raise RunError(str(error), item.place) from None


def submit_pdu(esme: Esme, item: Send, sender: str | None, to: str, segment: Segment) -> Any:
    """The submit_sm of one segment."""
    source_ton, source_npi = _sender_type(sender or "")
    fields = {
        "service_type": item.service_type,
        "source_addr_ton": source_ton if item.source_addr_ton is None else item.source_addr_ton,
        "source_addr_npi": source_npi if item.source_addr_npi is None else item.source_addr_npi,
        "source_addr": source_of(sender),
        "dest_addr_ton": Ton.INTERNATIONAL if item.dest_addr_ton is None else item.dest_addr_ton,
        "dest_addr_npi": Npi.ISDN if item.dest_addr_npi is None else item.dest_addr_npi,
        "destination_addr": to.removeprefix("+"),
        "esm_class": item.esm_class | segment.esm_class,
        "registered_delivery": item.registered_delivery,
        "replace_if_present_flag": int(item.replace_if_present),
        "data_coding": segment.data_coding,
        "short_message": segment.short_message,
    }
    if item.validity_period is not None:
        fields["validity_period"] = format_relative(item.validity_period)
    if item.schedule_delivery_time is not None:
        fields["schedule_delivery_time"] = format_relative(item.schedule_delivery_time)
    pdu = esme.make("submit_sm", **fields)
    tlvs: Tlvs = {**segment.tlvs, **item.tlvs}
    if tlvs:
        _append_tlvs(pdu, tlvs)
    return pdu


def source_of(sender: str | None) -> str:
    """source_addr: an international number travels without its plus."""
    return (sender or "").removeprefix("+")


def _append_tlvs(pdu: Any, tlvs: Tlvs) -> None:
    """Any optional parameters, after the fields: smpplib has only those that it knows."""
    fields = pdu.generate_params
    octets = bytearray()
    encode_tlvs(tlvs, octets)
    pdu.generate_params = lambda: fields() + bytes(octets)


def _sender_type(sender: str) -> tuple[int, int]:
    """(TON, NPI) that a client gives a sender."""
    digits = sender.removeprefix("+")
    if not digits:
        return 0, 0
    if not digits.isdigit():
        return Ton.ALPHANUMERIC, Npi.UNKNOWN
    if len(digits) <= SHORT_CODE:
        return Ton.NETWORK_SPECIFIC, Npi.ISDN
    return Ton.INTERNATIONAL, Npi.ISDN
