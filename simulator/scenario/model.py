"""The scenario language, version 1: accounts, how the two doors behave, and the file as a whole.

These models *are* the language: files are checked by them, the JSON Schema that editors use is generated from them,
and the field descriptions are the reference. What needs more than one field or one name to be judged is found in
`build` and `play`.
"""

import re
from ipaddress import ip_network
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from pydantic import Field, PlainValidator, WithJsonSchema

from simulator.scenario import fields as f
from simulator.scenario.base import Model
from simulator.scenario.errors import did_you_mean, shown
from simulator.scenario.expect import Expectation
from simulator.scenario.routing import MatchModel, RuleModel
from simulator.scenario.steps import StepModel
from simulator.scenario.traffic import TrafficModel


class WebhookModel(Model):
    """Where the gateway posts this account's events."""

    @staticmethod
    def shorthand(value: Any) -> Any:
        return {"url": value} if isinstance(value, str) else value

    url: Annotated[str, PlainValidator(lambda value: _url(value)), WithJsonSchema({"type": "string"})] = Field(
        description="http:// or https:// address"
    )
    username: f.Text | None = Field(None, description="of the Basic credentials, sent only if both are set")
    password: f.Text | None = Field(None, description="of the Basic credentials")


class LimitsModel(Model):
    """What an account may ask for; `none` lifts a limit."""

    send: f.Limit | None = Field(None, description="POST /send requests, such as 60/min (the default)")
    status: f.Limit | None = Field(None, description="GET /status requests; default 120/min")
    balance: f.Limit | None = Field(None, description="GET /balance requests; default 30/min")
    submit: f.Limit | None = Field(None, description="SMPP submits, such as 100/s; default none")
    window: f.Positive | None = Field(None, description="SMPP requests that may be unanswered at a time")
    sessions: f.Positive | None = Field(None, description="SMPP binds at a time")


class AccountModel(Model):
    """Who may connect: an API key makes it the gateway's, a system_id the SMSC's; both may be given."""

    name: f.Name = Field(description="what rules, traffic and reports call it")
    api_key: f.Name | None = Field(None, description="the app-key header of HTTP requests")
    system_id: f.SystemId | None = Field(None, description="for SMPP binds; at most 15 characters")
    password: f.Password | None = Field(None, description="for SMPP binds; at most 8 characters")
    webhook: WebhookModel | None = Field(None, description="where events go: a URL, or url, username and password")
    balance: f.Money = Field(100.0, description="what the prepaid wallet starts with; none: there is no such wallet")
    postpaid: f.Money = Field(0.0, description="what the postpaid wallet starts with; none: there is no such wallet")
    unit_price: f.Price = Field(0.02, description="for one segment")
    currency: Annotated[
        str, PlainValidator(lambda value: _currency(value)), WithJsonSchema({"type": "string", "pattern": "^[A-Z]{3}$"})
    ] = Field("USD", description="ISO 4217")
    timezone: Annotated[str, PlainValidator(lambda value: _timezone(value)), WithJsonSchema({"type": "string"})] = (
        Field("Africa/Kinshasa", description="in which scheduled dates are meant, such as Europe/Paris")
    )
    status: Annotated[str, *f.choice("key status", "active", "suspended", "expired")] = Field(
        "active", description="of the API key: a suspended one gets 1004, an expired one 1005"
    )
    allow: Annotated[
        list[str], PlainValidator(lambda value: _networks(value)), WithJsonSchema({"type": ["string", "array"]})
    ] = Field(default_factory=list, description="networks (CIDR) from which the key may be used; others get 1003")
    environment: Annotated[str, *f.choice("environment", "sandbox", "production")] | None = Field(
        None, description="of the API key; without it, as the key's prefix says"
    )
    senders: f.Texts = Field(
        default_factory=list, description="patterns of the source addresses it may submit from; others are refused"
    )
    numbers: f.Texts = Field(
        default_factory=list,
        description="patterns of its own numbers: what is delivered to one by SMPP comes to it as an inbound message",
    )
    limits: LimitsModel = Field(default_factory=lambda: LimitsModel(), description="what the account may ask for")


class RetriesModel(Model):
    """What happens after a failure."""

    attempts: f.Tries = Field(description="more tries after the first")
    every: f.Durations = Field(description="the pause before each; the last one of a list goes on")


_ID_FORMAT = ("decimal", "hex", "HEX", "uuid", "text")


class MessageIdModel(Model):
    """How message_ids are spelled."""

    @staticmethod
    def shorthand(value: Any) -> Any:
        return {"format": value} if isinstance(value, str) else value

    format: Annotated[str, *f.choice("message_id format", *_ID_FORMAT)] = Field(
        "decimal", description="decimal: 19 digits; hex, HEX: 16 hex digits; uuid; text: M and 12 characters"
    )


class ReceiptsModel(Model):
    """How delivery receipts look and travel."""

    via: Annotated[str, *f.choice("operation", "deliver_sm", "data_sm")] = Field(
        "deliver_sm", description="the operation that carries them"
    )
    message_id: MessageIdModel | None = Field(
        None, description="how the id is spelled in receipts, if not as in the response: carriers do that"
    )
    retries: RetriesModel | None = Field(None, description="when a client refuses one for now; default 3, every 10s")
    queue: f.Positive = Field(100_000, description="how many are kept for an account that has no receiver bound")
    to: Annotated[str, *f.choice("receiver", "any", "submitter")] = Field(
        "any", description="any: all receivers of the account in turn; submitter: the session that submitted"
    )


class TlsModel(Model):
    """A second port, with TLS."""

    port: f.Port = Field(0, description="0: a free one")
    certificate: f.Name | None = Field(None, description="a PEM file; without it a certificate is made on start")
    key: f.Name | None = Field(None, description="a PEM file, if the key is not in the certificate's")


class OutbindModel(Model):
    """An ESME that listens: the SMSC connects to it and asks it to bind."""

    host: f.Name = Field("127.0.0.1", description="where it listens")
    port: f.Port = Field(description="where it listens")
    system_id: f.SystemId = Field("CARRIER", description="what the outbind says")
    password: f.Password = Field("", description="what the outbind says")
    every: f.PositiveDuration = Field(30_000, description="the pause before the next attempt")


class ReplyModel(Model):
    """A phone that answers: an inbound message for each submit that matches."""

    match: MatchModel = Field(default_factory=lambda: MatchModel(), description="which submits; without it, all")
    text: f.Text = Field(description="what it says; {text}, {from} and {to} stand for the submit's")
    after: f.Duration = Field(2000, description="how long after the submit")


class SmscModel(Model):
    """How an SMSC (SMPP) speaks, and to whom. `smsc:` may be a list: several carriers over one engine."""

    name: f.Name = Field("smsc", description="what rules call it")
    port: f.Port | None = Field(None, description="where it listens; without it --smpp-port, or a free one")
    tls: TlsModel | None = Field(None, description="a second port, with TLS")
    accounts: f.Texts | None = Field(None, description="the accounts that may bind here; without it, all")
    rules: list[RuleModel] = Field(
        default_factory=list, description="rules for its messages alone; they come before the others"
    )
    system_id: f.SystemId = Field("CARRIER", description="what it calls itself in bind responses")
    message_id: MessageIdModel = Field(default_factory=lambda: MessageIdModel(), description="how ids are spelled")
    receipts: ReceiptsModel = Field(default_factory=lambda: ReceiptsModel(), description="how receipts look and travel")
    validity: f.PositiveDuration = Field(86_400_000, description="of messages that name none; default 24h")
    bind_timeout: f.PositiveDuration = Field(30_000, description="a connection without a bind is closed after this")
    response_timeout: f.PositiveDuration = Field(
        60_000, description="how long a client may take to answer a deliver_sm"
    )
    enquire_link: f.PositiveDuration | None = Field(
        None, description="an enquire_link after so long without a word from the client"
    )
    inactivity: f.PositiveDuration | None = Field(
        None, description="a session ends after so long with nothing but enquire_link"
    )
    default_alphabet: Annotated[str, *f.choice("alphabet", "gsm7", "gsm7-packed", "latin1")] = Field(
        "gsm7", description="what data_coding 0 means"
    )
    distribution_lists: Annotated[
        dict[str, list[str]],
        PlainValidator(lambda value: _lists(value)),
        WithJsonSchema({"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}}),
    ] = Field(default_factory=dict, description="names to numbers, for submit_multi")
    parts_timeout: f.PositiveDuration = Field(
        3_600_000, description="how long the parts of a long message may take to come"
    )
    alert_after: f.PositiveDuration = Field(
        3_600_000, description="how long after a failed message with set_dpf an alert_notification comes"
    )
    outbind: list[OutbindModel] = Field(default_factory=list, description="ESMEs that wait for our connection")
    replies: list[ReplyModel] = Field(default_factory=list, description="phones that answer")


class WebhooksModel(Model):
    """How the gateway posts events."""

    retries: RetriesModel | None = Field(None, description="after a 5xx or no answer; default 4: 30s, 2m, 10m, 1h")
    timeout: f.PositiveDuration = Field(10_000, description="how long the client may take to answer")
    secret: f.Name | None = Field(None, description="signs each event with HMAC-SHA256")
    shuffle: f.Duration = Field(
        0, description="each event is held back by up to this long, so that their order is lost"
    )
    verify_tls: f.Flag = Field(True, description="false: the certificate of the client's server may be anybody's")


def _carriers(value: Any) -> dict[str, str]:
    if not isinstance(value, dict):
        raise f.wrong("expected a mapping of number prefixes to names: {'+24399': airtel_drc}")
    return dict(f.pairs(value, _prefix, f.to_text))


def _prefix(text: str) -> str:
    digits = text.removeprefix("+")
    if not (digits.isascii() and digits.isdigit()):
        raise f.wrong(f"{shown(text)} is no number prefix")
    return digits


class GatewayModel(Model):
    """How the gateway (HTTP) behaves."""

    hold: f.PositiveDuration = Field(
        86_400_000, description="how long a message waits for its final receipt; then 1503"
    )
    validity: f.PositiveDuration = Field(86_400_000, description="how long the carrier tries; default 24h")
    webhooks: WebhooksModel = Field(default_factory=lambda: WebhooksModel(), description="how events are posted")
    https_only: f.Flag = Field(False, description="true: no http:// for webhooks and callbacks")
    strict_sender_id: f.Flag = Field(False, description="true: a sender_id has only A-Z and 0-9")
    environment: Annotated[str, *f.choice("environment", "sandbox", "production")] = Field(
        "sandbox", description="keys of the other one are refused"
    )
    cancel_within: f.Flag = Field(False, description="true: POST /send takes cancel_within")
    carriers: Annotated[
        dict[str, str],
        PlainValidator(_carriers),
        WithJsonSchema({"type": "object", "additionalProperties": {"type": "string"}}),
    ] = Field(
        default_factory=dict, description="number prefix: name of the carrier in webhooks; the longest prefix wins"
    )
    default_carrier: f.Name = Field("sim", description="the carrier's name where no prefix fits")


class HeadModel(Model):
    """All of a scenario but the lists of accounts, paths, rules, traffic and expectations. Their items are checked one
    by one: a mistake in one must not hide those in others."""

    scenario: Annotated[int, PlainValidator(lambda value: _version(value)), WithJsonSchema({"const": 1})] = Field(
        description="the version of the language: 1"
    )
    name: f.Name | None = Field(None, description="what reports call it; default: the file's name")
    description: f.Text = Field("", description="one line for lists and reports")
    seed: f.Seed = Field(0, description="what all chance is drawn from: the same seed, the same fates")
    clock: f.ClockKind = Field("real", description="real, instant, manual, or a rate such as 60x")
    start: f.Instant | None = Field(None, description="the instant at which manual and instant time begins")
    include: f.Texts = Field(default_factory=list, description="files whose paths and rules are taken over")
    gateway: GatewayModel = Field(default_factory=lambda: GatewayModel(), description="how the gateway (HTTP) behaves")

    @classmethod
    def field_names(cls) -> list[str]:
        return list(ScenarioModel.model_fields)


class ScenarioModel(HeadModel):
    """A scenario: who may connect, what becomes of each message, and, for `run`, what to send and what to expect."""

    accounts: list[AccountModel] = Field(default_factory=list, description="who may connect; without: anybody")
    paths: dict[str, list[StepModel]] = Field(default_factory=dict, description="named lists of steps")
    rules: list[RuleModel] = Field(
        default_factory=list, description="which path a message takes: the first that matches"
    )
    traffic: list[TrafficModel] = Field(default_factory=list, description="what `run` does, in order")
    expect: list[Expectation] = Field(default_factory=list, description="what `run` checks")
    smsc: SmscModel | list[SmscModel] = Field(
        default_factory=lambda: SmscModel(), description="how the SMSC (SMPP) speaks; a list: several of them"
    )


def _lists(value: Any) -> dict[str, list[str]]:
    if not isinstance(value, dict):
        raise f.wrong("expected a mapping of names to lists of numbers: {friends: ['+15550100001']}")
    return dict(f.pairs(value, f.to_text, _addresses))


def _addresses(value: Any) -> list[str]:
    texts = f.to_texts(value)
    for text in texts:
        if not (text.isascii() and 0 < len(text) <= 20):
            raise f.wrong(f"{shown(text)} is no SMPP address", "an address is 1 to 20 ASCII characters")
    return texts


def _url(value: Any) -> str:
    text = f.to_text(value)
    if not re.fullmatch(r"https?://[^/\s]+(/\S*)?", text):
        raise f.wrong(f"{shown(text)} is no http:// or https:// address")
    return text


def _version(value: Any) -> int:
    if value != 1 or isinstance(value, bool):
        raise f.wrong(f"unknown version {shown(value)} of the scenario language", "this carrier-sim reads version 1")
    return 1


def _currency(value: Any) -> str:
    text = f.to_text(value)
    if len(text) != 3 or not text.isascii() or not text.isupper():
        raise f.wrong(f"{shown(text)} is not a currency", "write three capital letters, such as USD")
    return text


def _networks(value: Any) -> list[str]:
    texts = [f.to_text(item) for item in value] if isinstance(value, list) else [f.to_text(value)]
    for text in texts:
        try:
            ip_network(text, strict=False)
        except ValueError:
            raise f.wrong(f"{shown(text)} is not a network", "write it as 10.0.0.0/8 or 192.0.2.7") from None
    return texts


def _timezone(value: Any) -> str:
    text = f.to_text(value)
    if not _known_zone("UTC"):
        return text  # a machine without time zone data: nothing can be said
    if not _known_zone(text):
        raise f.wrong(f"unknown time zone {shown(text)}", did_you_mean(text, available_timezones()))
    return text


def _known_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, ZoneInfoNotFoundError):
        return False
    return True
