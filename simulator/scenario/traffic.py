"""What `run` does: the items of `traffic`, as the runner gets them.

Everything is converted and checked: durations are milliseconds, names refer to what exists, templates can be filled.
Contents that a system under test might get wrong (numbers, dates) are *not* checked: sending them wrong may be the
point.
"""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field, PlainValidator, PrivateAttr, WithJsonSchema

from simulator.engine import Cause
from simulator.engine.causes import CAUSES
from simulator.scenario import fields as f
from simulator.scenario.base import Model
from simulator.scenario.errors import did_you_mean, shown
from simulator.scenario.positions import Place
from simulator.scenario.templates import TemplateField, TemplatesField
from simulator.smpp.tlv import TLV_KINDS

Row = Mapping[str, str]


class Placed(Model):
    """Something that a report may have to point at."""

    _place: Place = PrivateAttr(default=Place("", 0))

    @property
    def place(self) -> Place:
        """Where it stands in its file."""
        return self._place


def _data(value: Any) -> str | list[dict[str, str]]:
    if not isinstance(value, list):
        return f.to_text(value)
    if not value:
        raise f.wrong("an empty list: give at least one row")
    rows = []
    for number, row in enumerate(value, 1):
        if not isinstance(row, dict):
            raise f.wrong(f"row {number} is no mapping: write {{name: Ada, code: 1234}}")
        rows.append({name: f.to_text(item) for name, item in row.items()})
    return rows


def _tlvs(value: Any) -> dict[int, int | str | bytes]:
    if not isinstance(value, dict):
        raise f.wrong(f"expected a mapping of names or tags to values, not {shown(value)}")
    return dict(f.pairs(value, _tag, _tlv_value))


def _tag(key: str) -> int:
    by_name = {kind.name: tag for tag, kind in TLV_KINDS.items()}
    try:
        tag = by_name[key] if key in by_name else int(key, 0)
    except ValueError:
        raise f.wrong(f"unknown TLV {shown(key)}", did_you_mean(key, by_name) or "or give its tag: 0x1400") from None
    if not 0 <= tag <= 0xFFFF:
        raise f.wrong(f"the tag {shown(key)} has more than two octets")
    return tag


def _tlv_value(item: Any) -> int | str | bytes:
    """A number; a text; or octets, written as a text of `hex:` and digits."""
    if isinstance(item, int) and not isinstance(item, bool):
        return f.whole(0, 0xFFFF_FFFF)(item)
    text = f.to_text(item)
    if not text.startswith("hex:"):
        return text
    try:
        return bytes.fromhex(text[4:])
    except ValueError:
        raise f.wrong(f"{shown(text)} holds no octets", "write octets as 'hex:00ff'") from None


SMPP_ONLY = (
    *("registered_delivery", "validity_period", "schedule_delivery_time", "service_type", "data_coding", "esm_class"),
    *("source_addr_ton", "source_addr_npi", "dest_addr_ton", "dest_addr_npi", "replace_if_present", "split", "tlvs"),
)
HTTP_ONLY = ("callback", "scheduled_dates", "recurring_schedule")


class DateModel(Model):
    """One moment of a scheduled send."""

    date: f.Text = Field(description="YYYY-MM-DD")
    time: f.Text = Field(description="HH:mm")


class RecurringModel(Model):
    """The days and times of a recurring send."""

    start_date: f.Text = Field(description="YYYY-MM-DD")
    end_date: f.Text = Field(description="YYYY-MM-DD, inclusive")
    frequency: f.Text = Field(description="daily, weekly, monthly or yearly")
    interval: f.Positive = Field(1, description="every so many of them")
    times: f.Texts = Field(description="HH:mm, each on every day")


class Send(Placed):
    """Send messages, as a client would."""

    id: f.Name | None = Field(None, description="by which other items and expectations refer to it")
    via: Annotated[str, *f.choice("door", "http", "smpp")] = Field("http", description="http or smpp")
    account: f.Name | None = Field(None, description="who sends; not needed where there is one account")
    from_: TemplateField | None = Field(None, alias="from", description="sender_id, or source_addr")
    to: TemplatesField = Field(description="a number, or a list; {n}, {n:06} and {column} are filled in")
    message: TemplateField = Field(description="the text; {n}, {n:06} and {column} are filled in")
    count: f.MessageCount | None = Field(None, description="how many messages; default 1, or one for each row of data")
    rate: f.RateField | None = Field(None, description="at most this fast: 200/s; default as fast as possible")
    start: f.Duration = Field(
        0, description="how long after its turn has come the first message is sent; the next items don't wait"
    )
    data: (
        Annotated[
            str | list[dict[str, str]],
            PlainValidator(_data),
            WithJsonSchema(
                {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "object"}, "minItems": 1}]}
            ),
        ]
        | None
    ) = Field(None, description="rows for {column}: a list of mappings, or a CSV file beside the scenario")
    callback: f.Flag = Field(False, description="http: give the runner's listener as callback_url")
    scheduled_dates: list[DateModel] | None = Field(None, description="http: a scheduled send")
    recurring_schedule: RecurringModel | None = Field(None, description="http: a recurring send")
    registered_delivery: f.RegisteredDelivery = Field(1, description="smpp: which receipts are asked for")
    validity_period: f.PositiveDuration | None = Field(
        None, description="smpp: how long the message is worth delivering"
    )
    schedule_delivery_time: f.PositiveDuration | None = Field(None, description="smpp: deliver it so much later")
    service_type: f.ServiceType = Field("", description="smpp: as in the PDU")
    data_coding: f.Octet | None = Field(None, description="smpp: as in the PDU; default by the text")
    esm_class: f.Octet = Field(0, description="smpp: as in the PDU")
    source_addr_ton: f.Octet | None = Field(None, description="smpp: as in the PDU; default by the sender")
    source_addr_npi: f.Octet | None = Field(None, description="smpp: as in the PDU; default by the sender")
    dest_addr_ton: f.Octet | None = Field(None, description="smpp: as in the PDU; default 1, international")
    dest_addr_npi: f.Octet | None = Field(None, description="smpp: as in the PDU; default 1, E.164")
    replace_if_present: f.Flag = Field(False, description="smpp: as in the PDU")
    split: Annotated[str, *f.choice("way to split", "none", "udh8", "udh16", "sar", "payload")] = Field(
        "udh8", description="smpp: how a long text travels; none: in one submit"
    )
    tlvs: Annotated[dict[int, int | str | bytes], PlainValidator(_tlvs), WithJsonSchema({"type": "object"})] = Field(
        default_factory=dict, description="smpp: optional parameters, by name or tag: {user_message_reference: 7}"
    )

    _rows: tuple[Row, ...] = PrivateAttr(default=())

    @property
    def rows(self) -> tuple[Row, ...]:
        """The rows of `data`, read."""
        return self._rows

    @property
    def total(self) -> int:
        """How many messages."""
        return self.count if self.count is not None else len(self._rows) or 1

    def render(self, n: int) -> tuple[str | None, tuple[str, ...], str]:
        """(sender, destinations, text) of the `n`-th message, counted from 1."""
        row = self._rows[(n - 1) % len(self._rows)] if self._rows else {}
        sender = self.from_.render(n, row) if self.from_ is not None else None
        return sender, tuple(to.render(n, row) for to in self.to), self.message.render(n, row)


class Wait(Placed):
    """Let simulated time pass before the next item."""

    @staticmethod
    def shorthand(value: Any) -> Any:
        return {"duration": value}

    duration: f.Duration = Field(description="how long")


class Inbound(Placed):
    """Messages from phones to an account (MO)."""

    id: f.Name | None = Field(None, description="by which expectations refer to it")
    account: f.Name | None = Field(None, description="who gets it; not needed where there is one account")
    from_: TemplateField = Field(alias="from", description="the phone's number")
    to: TemplateField = Field(description="the number that was written to")
    message: TemplateField = Field(description="the text")
    count: f.MessageCount = Field(1, description="how many")
    rate: f.RateField | None = Field(None, description="at most this fast: 10/s")


class Bind(Placed):
    """Open an SMPP session that later items can refer to."""

    id: f.Name = Field(description="by which other items refer to it")
    account: f.Name | None = Field(None, description="who binds; not needed where there is one account")
    as_: Annotated[str, *f.choice("kind of bind", "transceiver", "transmitter", "receiver")] = Field(
        "transceiver", alias="as", description="transceiver, transmitter or receiver"
    )


class OnSession(Placed):
    """Do something to a session that a `bind` item opened."""

    @staticmethod
    def shorthand(value: Any) -> Any:
        return {"session": value}

    session: f.Name = Field(description="the id of a bind item")


class Unbind(OnSession):
    """End a session politely."""


class Drop(OnSession):
    """Cut a session's connection."""


class StopReading(OnSession):
    """Read nothing more from a session's connection, and keep it open."""


class OnMessage(Placed):
    """Do something to what a `send` item has sent."""

    @staticmethod
    def shorthand(value: Any) -> Any:
        return {"message": value} if not isinstance(value, list) else value

    message: f.Name = Field(description="the id of a send item")


class Cancel(OnMessage):
    """Take it back: DELETE /cancel, or cancel_sm."""


class Pause(OnMessage):
    """POST /pause."""


class Resume(OnMessage):
    """POST /resume."""


class Query(OnMessage):
    """GET /status, or query_sm."""


class Replace(OnMessage):
    """replace_sm."""

    text: TemplateField = Field(description="the new text")


class Force(OnMessage):
    """Bring it to a status, through the control API."""

    status: f.ForcedStatus = Field(description="the status")
    error: Annotated[
        Cause | None,
        PlainValidator(lambda value: _cause(value)),
        WithJsonSchema({"enum": list(CAUSES)}),
    ] = Field(None, description="the cause, by name; default the usual one of the status")


def _cause(value: Any) -> Cause:
    return CAUSES[f.word("cause", tuple(CAUSES))(value)]


Action = Send | Wait | Inbound | Bind | Unbind | Drop | StopReading | Cancel | Pause | Resume | Query | Replace | Force


class TrafficModel(Model):
    """One thing to do: exactly one of these."""

    kind: ClassVar[str] = "action"

    send: Send | None = Field(None, description="send messages")
    wait: Wait | None = Field(None, description="let simulated time pass")
    inbound: Inbound | None = Field(None, description="messages from phones to an account")
    bind: Bind | None = Field(None, description="open an SMPP session")
    unbind: Unbind | None = Field(None, description="end a session politely")
    drop: Drop | None = Field(None, description="cut a session's connection")
    stop_reading: StopReading | None = Field(None, description="read nothing more from a session's connection")
    cancel: Cancel | None = Field(None, description="take a message back")
    pause: Pause | None = Field(None, description="pause a scheduled or recurring message")
    resume: Resume | None = Field(None, description="resume it")
    query: Query | None = Field(None, description="ask for a message's status")
    replace: Replace | None = Field(None, description="replace a message's text")
    force: Force | None = Field(None, description="bring a message to a status")

    @property
    def name(self) -> str:
        return next(iter(self.model_fields_set))

    @property
    def action(self) -> Action:
        action: Action = getattr(self, self.name)
        return action

    @classmethod
    def _expected(cls, value: Any) -> str:
        return f"expected an action such as 'wait: 5s' or 'send: {{...}}', not {shown(value)}"
