"""The command line's words as a plan: every word is judged here, before anything is connected."""

from collections.abc import Callable
from dataclasses import dataclass
from math import inf
from pathlib import Path
from typing import Final, TypeVar

from simulator.load.matching import FORMS, Form
from simulator.load.plan import Account, Bind, HttpPlan, Plan, PlanError, Via
from simulator.load.requests import split_url
from simulator.load.schedule import Stage, parse_rate, parse_seconds, parse_stages, with_ramp
from simulator.load.submits import Long, Message, Submits
from simulator.load.template import Template, TemplateError, parse

DEFAULT_SECONDS: Final = 10.0
DEFAULT_WINDOW: Final = 100
SEND_PATH: Final = "/api/v1/lisoloo/sms-api/send"
VERSIONS: Final = {"3.3": 0x33, "3.4": 0x34, "5.0": 0x50}
_FORMS: Final[dict[str, Form | None]] = {"auto": None, **{form.replace(" ", "-"): form for form in FORMS}}
_FILLER: Final = "The quick brown fox jumps over the lazy dog. "
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Arguments:
    """As they were written."""

    via: Via = "smpp"
    host: str = "127.0.0.1"
    port: int | None = None
    url: str | None = None
    tls: bool = False
    insecure: bool = False
    system_id: str = "carrier-sim"
    password: str = "secret"
    app_key: str = ""
    key_header: str = "app-key"
    account: tuple[str, ...] = ()
    accounts: Path | None = None
    bind: Bind = "transceiver"
    system_type: str = ""
    smpp_version: str = "3.4"
    enquire_link: str = "30s"
    connections: int = 1
    window: int | None = None
    messages: int | None = None
    duration: str | None = None
    rate: str | None = None
    stages: str | None = None
    ramp: str = "0"
    to: str = "+1555{n:07}"
    text: str = "hello {n}"
    source: str = "CarrierSim"
    length: int | None = None
    long: Long = "udh8"
    data_coding: int | None = None
    body: str | None = None
    header: tuple[str, ...] = ()
    registered_delivery: int = 0
    receipt_ids: str = "auto"
    webhook_port: int | None = None
    webhook_host: str = "127.0.0.1"
    id_field: str = "message_id"
    event_field: str = "event_type"
    final_events: str = "sms.delivered,sms.failed"
    wait: str = "10s"


def plan_of(given: Arguments) -> Plan:
    """Raises ValueError for what is wrong, OSError for a file that can't be read."""
    if given.smpp_version not in VERSIONS:
        raise PlanError(f"--smpp-version {given.smpp_version}: write {', '.join(VERSIONS)}")
    message = _message(given)
    http = _http(given) if given.via == "http" else None
    host, port, tls = given.host, given.port or 2775, given.tls
    if http is None:
        # What the first message shows can't be sent, the thousandth can't either.
        Submits(message)
    else:
        scheme, host, port, _ = split_url(http.url)
        tls = scheme == "https"
    stages, duration_s = _stages(given)
    window = given.window
    if window is None:
        window = 1 if http is not None else None if stages else DEFAULT_WINDOW
    return Plan(
        message=message,
        via=given.via,
        host=host,
        port=port,
        http=http,
        accounts=_accounts(given),
        connections=given.connections,
        bind=given.bind,
        window=window,
        messages=given.messages,
        duration_s=duration_s,
        stages=stages,
        ramp_s=0.0 if stages else _seconds("--ramp", given.ramp),
        receipt_ids=_FORMS[given.receipt_ids],
        wait_s=_seconds("--wait", given.wait),
        enquire_link_s=_seconds("--enquire-link", given.enquire_link),
        system_type=given.system_type,
        interface_version=VERSIONS[given.smpp_version],
        tls=tls,
        verify_tls=not given.insecure,
    )


def _stages(given: Arguments) -> tuple[tuple[Stage, ...], float | None]:
    """The stages of an open loop, or how long a closed one lasts."""
    ramp_s = _seconds("--ramp", given.ramp)
    duration_s = None if given.duration is None else _seconds("--duration", given.duration)
    if duration_s is not None and duration_s <= 0:
        raise PlanError(f"--duration {given.duration}: it must be longer than 0")
    if given.stages is not None:
        if given.rate is not None or given.duration is not None:
            raise PlanError("--stages says the rates and how long they hold: leave --rate and --duration out")
        return tuple(_named("--stages", lambda: parse_stages(given.stages or "", ramp_s))), None
    if duration_s is None and given.messages is None:
        duration_s = DEFAULT_SECONDS
    if given.rate is None:
        return (), duration_s
    rate = _named("--rate", lambda: parse_rate(given.rate or ""))
    return tuple(with_ramp(0.0, rate, inf if duration_s is None else duration_s, ramp_s)), None


def _message(given: Arguments) -> Message:
    text = _template("--text", given.text)
    if given.length is not None:
        text = _filled(text, given.length)
    return Message(
        to=_template("--to", given.to),
        text=text,
        source=given.source,
        long=given.long,
        registered_delivery=given.registered_delivery,
        data_coding=given.data_coding,
    )


def _filled(text: Template, length: int) -> Template:
    """The text with filler behind it: so long for message 1, longer where a number without zeros has more digits."""
    lacking = length - len(text.render(1))
    if lacking <= 0:
        return text
    filler = (" " + _FILLER * (lacking // len(_FILLER) + 1))[:lacking]
    return Template(text.text, (*text.pieces, filler))


def _template(option: str, text: str) -> Template:
    try:
        return parse(text)
    except TemplateError as error:
        raise PlanError(f"{option}: {error}") from None


def _accounts(given: Arguments) -> tuple[Account, ...]:
    texts = list(given.account)
    if given.accounts is not None:
        lines = given.accounts.read_text(encoding="utf-8").splitlines()
        texts += [line.strip() for line in lines if line.strip() and not line.lstrip().startswith("#")]
        if not texts:
            raise PlanError(f"{given.accounts}: there is no account in it")
    if not texts:
        return (Account(given.system_id, given.password, given.app_key),)
    if given.via == "http":
        return tuple(Account(app_key=text) for text in texts)
    found = []
    for text in texts:
        system_id, _, password = text.partition(":")
        found.append(Account(system_id, password))
    return tuple(found)


def _http(given: Arguments) -> HttpPlan:
    url = given.url or f"http://{given.host}:{given.port or 8080}{SEND_PATH}"
    split_url(url)
    body = given.body
    if body is not None and body.startswith("@"):
        body = Path(body[1:]).read_text(encoding="utf-8")
    headers = []
    for line in given.header:
        name, colon, value = line.partition(":")
        if not colon or not name.strip() or "\n" in line or "\r" in line:
            raise PlanError(f"--header '{line}': write 'Name: value'")
        headers.append((name.strip(), value.strip()))
    return HttpPlan(
        url=url,
        body=body,
        headers=tuple(headers),
        key_header=given.key_header,
        id_field=given.id_field,
        event_field=given.event_field,
        final_events=frozenset(name.strip() for name in given.final_events.split(",")),
        webhooks=given.webhook_port is not None,
        webhook_host=given.webhook_host,
        webhook_port=given.webhook_port or 0,
    )


def _seconds(option: str, text: str) -> float:
    return _named(option, lambda: parse_seconds(text))


def _named(option: str, read: Callable[[], T]) -> T:
    """What `read` gives; what it finds wrong is said with the option's name."""
    try:
        return read()
    except ValueError as error:
        raise PlanError(f"{option}: {error}") from None
