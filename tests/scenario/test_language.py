"""Every construct of the language loads, and does what it says."""

from pathlib import Path as File
from textwrap import dedent

import pytest

from simulator.engine import (
    CAUSES,
    Account,
    Attempts,
    Chance,
    Choice,
    Exponential,
    Fixed,
    Go,
    Limits,
    LogNormal,
    Message,
    Normal,
    Rate,
    Refusal,
    Retries,
    Status,
    Uniform,
    Waits,
    WebhookTarget,
)
from simulator.engine.paths import PathStep
from simulator.engine.units import HOUR, MINUTE, SECOND
from simulator.scenario import Scenario, ScenarioErrors, builtin_paths, default, load, load_text


class Sent(Message):
    """A message of no door."""

    __slots__ = ("_encoding", "_text", "via")

    def __init__(
        self,
        to: str = "+1555",
        text: str = "",
        *,
        via: str = "http",
        source: str = "",
        account: str = "",
        segments: int = 1,
        encoding: str = "gsm7",
    ) -> None:
        super().__init__(account, source, to, segments)
        self._text, self._encoding, self.via = text, encoding, via

    @property
    def text(self) -> str:
        return self._text

    @property
    def encoding(self) -> str:
        return self._encoding


def chosen(scenario: Scenario, message: Message, luck: int = 0) -> str | Refusal:
    found = scenario.world.rules.choose(message, message.to.removeprefix("+"), luck)
    return found if isinstance(found, Refusal) else found.name


def ruled(rule: str) -> Scenario:
    return load_text(f"scenario: 1\nrules:\n- {rule}\n")


def step(text: str) -> PathStep:
    return load_text(f"scenario: 1\npaths:\n  p:\n  - {text}\n").paths["p"].steps[0]


DELAYS = {
    "sent": Fixed(0),
    "sent: 0": Fixed(0),
    "sent: 100ms": Fixed(100),
    "sent: 1m30s": Fixed(90_000),
    "sent: 200ms..500ms": Uniform(200, 500),
    "sent: {after: 2s}": Fixed(2000),
    "sent: {after: 1s..2s}": Uniform(1000, 2000),
    "sent: {after: {uniform: {min: 1s, max: 2s}}}": Uniform(1000, 2000),
    "sent: {after: {normal: {mean: 2s, sd: 500ms, min: 1s, max: 9s}}}": Normal(min=1000, max=9000, mean=2000, sd=500),
    "sent: {after: {exponential: {mean: 2s, max: 30s}}}": Exponential(max=30_000, mean=2000),
    "sent: {after: {lognormal: {median: 20s, sigma: 0.5, max: 1h}}}": LogNormal(max=HOUR, median=20_000, sigma=0.5),
    "sent: {after: {choice: {1s: 9, 30s: 1}}}": Choice(((1000, 9.0), (30_000, 1.0))),
    "sent: {after: {choice: [1s, 2s]}}": Choice(((1000, 1.0), (2000, 1.0))),
}


@pytest.mark.parametrize("text", DELAYS)
def test_a_step_may_have_a_delay(text: str) -> None:
    assert step(text) == Go(Status.SENT, DELAYS[text])


CAUSED = {
    "undelivered": None,
    "undelivered: {error: absent_subscriber, after: 1s}": ("absent_subscriber", "1502", 27),
    "undelivered: {error: '1401'}": ("error_1401", "1401", 104),
    "undelivered: {error: 1401, err: 500}": ("error_1401_err_500", "1401", 500),
    "undelivered: {err: 32}": ("memory_capacity_exceeded", "1502", 32),
    "undelivered: {err: 777}": ("err_777", "1502", 777),
    "undelivered: {error: call_barred, err: 14}": ("call_barred_err_14", "1502", 14),
    "expired: {after: 1s, err: 777}": ("err_777", "1503", 777),
}


@pytest.mark.parametrize("text", CAUSED)
def test_a_failing_step_may_say_why(text: str) -> None:
    made = step(text)
    assert isinstance(made, Go)
    cause = made.cause
    assert (None if cause is None else (cause.name, cause.error_code, cause.network_error)) == CAUSED[text]


WAITS = {
    "20m": Waits(list=(20 * MINUTE,)),
    "[20m, 80m]": Waits(list=(20 * MINUTE, 80 * MINUTE)),
    "{first: 20m}": Waits(first=20 * MINUTE),
    "{first: 20m, factor: 2, max: 4h, jitter: 10%}": Waits(first=20 * MINUTE, factor=2.0, max=4 * HOUR, jitter=0.1),
    "{first: 1s, jitter: 0.5}": Waits(first=SECOND, jitter=0.5),
}


@pytest.mark.parametrize("every", WAITS)
def test_attempts_wait_as_long_as_they_say(every: str) -> None:
    made = step(f"attempts: {{fail: 3, error: call_barred, every: {every}, then: [{{undelivered: 1s}}]}}")
    assert made == Attempts(3, WAITS[every], CAUSES["call_barred"], (Go(Status.UNDELIVERED, Fixed(SECOND)),))


def test_attempts_may_always_fail() -> None:
    assert step("attempts: {fail: always, every: 1m}") == Attempts(None, Waits(list=(MINUTE,)))


def test_expired_alone_comes_when_the_validity_ends_and_with_a_delay_after_that() -> None:
    assert step("expired") == Go(Status.EXPIRED, at_validity=True)
    assert step("expired: 90s") == Go(Status.EXPIRED, Fixed(90_000))


def test_partial_delivery_may_say_how_many_segments_arrive() -> None:
    assert step("partially_delivered: {after: 1s, segments: 2}") == Go(
        Status.PARTIALLY_DELIVERED, Fixed(SECOND), segments=2
    )


MATCHES = [
    ("to: '+24399*'", Sent("+243991"), Sent("+243981")),
    ("to: +24399*", Sent("243991"), Sent("+1")),
    ("to: ['+1*', '+44*']", Sent("+441"), Sent("+331")),
    ("to: '*0001'", Sent("+10001"), Sent("+10002")),
    ("to: {regex: '^\\+?1\\d+$'}", Sent("+12"), Sent("+22")),
    ("to: 15550100", Sent("+15550100"), Sent("+15550101")),
    ("from: SHOP*", Sent(source="SHOP1"), Sent(source="BANK")),
    ("text: '*OTP*'", Sent(text="an OTP\nfor you"), Sent(text="hello")),
    ("text: {regex: '(?i)otp'}", Sent(text="your otp"), Sent(text="hello")),
    ("via: smpp", Sent(via="smpp"), Sent(via="http")),
    ("account: acme", Sent(account="acme"), Sent(account="other")),
    ("account: [acme, b*]", Sent(account="bank"), Sent(account="other")),
    ("encoding: ucs2", Sent(encoding="ucs2"), Sent(encoding="gsm7")),
    ("segments: '>1'", Sent(segments=2), Sent(segments=1)),
    ("segments: 3", Sent(segments=3), Sent(segments=2)),
    ("to: '+1*', via: smpp", Sent("+12", via="smpp"), Sent("+12", via="http")),
]


@pytest.mark.parametrize(("match", "like", "unlike"), MATCHES, ids=[match[0] for match in MATCHES])
def test_a_rule_takes_what_matches(match: str, like: Message, unlike: Message) -> None:
    scenario = ruled(f"{{match: {{{match}}}, path: expired}}")
    assert chosen(scenario, like) == "expired"
    assert chosen(scenario, unlike) == "delivered"


@pytest.mark.parametrize(("picks", "taken"), [("nth: 2", [2]), ("every: 2", [2, 4]), ("first: 2", [1, 2])])
def test_a_rule_may_count_arrivals(picks: str, taken: list[int]) -> None:
    scenario = ruled(f"{{match: {{{picks}}}, path: expired}}")
    assert [n for n in range(1, 6) if chosen(scenario, Sent()) == "expired"] == taken


def test_outcomes_are_drawn_by_weight() -> None:
    scenario = ruled("outcomes: {delivered: 90, expired: 10, failed: 0}")
    lucks = (Chance(0).key(b"%d" % n) for n in range(1000))
    drawn = [chosen(scenario, Sent(), luck) for luck in lucks]
    assert 60 < drawn.count("expired") < 140
    assert drawn.count("failed") == 0


def test_a_rule_may_refuse() -> None:
    assert chosen(ruled("reject: {error_code: 1201}"), Sent()) == Refusal(error_code="1201")
    both = "reject: {error_code: '1301', command_status: ESME_RTHROTTLED}"
    assert chosen(ruled(both), Sent()) == Refusal("1301", 0x58)
    assert chosen(ruled("reject: {command_status: 0x400}"), Sent()) == Refusal(command_status=0x400)


def test_suffixes_need_no_quotes_and_the_longest_wins() -> None:
    scenario = ruled("suffixes: {0001: expired, 1: failed, '2': {reject: {error_code: 1502}}}")
    assert [chosen(scenario, Sent(to)) for to in ("+10001", "+11", "+12", "+13")] == [
        "expired",
        "failed",
        Refusal("1502"),
        "delivered",
    ]


def test_own_paths_win_over_the_built_in_ones() -> None:
    scenario = load_text("scenario: 1\npaths: {delivered: [failed]}")
    assert scenario.paths["delivered"].steps == (Go(Status.FAILED),)
    assert scenario.world.rules.fallback is scenario.paths["delivered"]
    assert scenario.paths["expired"] is builtin_paths()["expired"]


def test_the_default_scenario_takes_anybody_and_chooses_by_magic_suffix() -> None:
    scenario = default()
    assert scenario.world.accounts == ()
    assert scenario.world.seed == 0
    table = [chosen(scenario, Sent(f"+24399885000{n}")) for n in range(10)]
    assert table == [
        "delivered",
        "delivered",
        "undelivered",
        "expired",
        "rejected",
        "timeout",
        "delivered_after_retries",
        "delivery_unknown",
        "partially_delivered",
        "failed",
    ]


def test_a_file_says_everything_about_its_world() -> None:
    world = load_text(
        dedent("""\
            scenario: 1
            name: all
            seed: 42
            clock: 60x
            start: 2027-01-02T03:04:05+01:00
            accounts:
              - name: acme
                api_key: test-key
                system_id: acme
                password: 1234
                webhook: {url: "http://127.0.0.1:9000/hook", username: u, password: p}
                balance: 5
                postpaid: none
                unit_price: 0.5
                currency: EUR
                timezone: Europe/Paris
                status: suspended
                allow: 10.0.0.0/8
                limits: {send: 5/h, status: none, submit: 100/s, window: 10, sessions: 4}
              - {name: plain, api_key: k, webhook: "https://example.com"}
            smsc:
              system_id: SIM
              message_id: {format: hex}
              receipts: {via: data_sm, message_id: decimal, retries: {attempts: 1, every: [1s, 2s]}, queue: 10}
              validity: 1h
              bind_timeout: 5s
              response_timeout: 6s
            gateway:
              hold: 12h
              validity: 6h
              webhooks: {retries: {attempts: 2, every: 1s}, timeout: 2s, secret: s3, shuffle: 3s, verify_tls: no}
              https_only: yes
              strict_sender_id: true
              carriers: {+243: drc, "+24381": vodacom}
              default_carrier: other
            """)
    ).world
    assert (world.seed, world.clock, world.start) == (42, "60x", 1_798_855_445_000)
    assert world.accounts[0] == Account(
        name="acme",
        api_key="test-key",
        system_id="acme",
        password="1234",
        webhook=WebhookTarget("http://127.0.0.1:9000/hook", "u", "p"),
        balance=5.0,
        postpaid=None,
        unit_price=0.5,
        currency="EUR",
        timezone="Europe/Paris",
        status="suspended",
        allow=("10.0.0.0/8",),
        limits=Limits(send=Rate(5, HOUR), status=None, submit=Rate(100, SECOND), window=10, sessions=4),
    )
    assert world.accounts[1].webhook == WebhookTarget("https://example.com")
    smsc, gateway = world.smsc, world.gateway
    assert (smsc.system_id, smsc.message_id, smsc.receipts.via, smsc.receipts.message_id) == (
        "SIM",
        "hex",
        "data_sm",
        "decimal",
    )
    assert (smsc.receipts.retries, smsc.receipts.queue) == (Retries(1, (1000, 2000)), 10)
    assert (smsc.validity, smsc.bind_timeout, smsc.response_timeout) == (HOUR, 5000, 6000)
    assert (gateway.hold, gateway.validity, gateway.webhook_timeout) == (12 * HOUR, 6 * HOUR, 2000)
    assert (gateway.webhook_retries, gateway.webhook_secret) == (Retries(2, (1000,)), "s3")
    assert (gateway.https_only, gateway.strict_sender_id, gateway.verify_tls) == (True, True, False)
    assert gateway.carriers == (("24381", "vodacom"), ("243", "drc"))
    assert gateway.default_carrier == "other"


def test_without_a_word_everything_is_as_the_engine_has_it() -> None:
    world = load_text("scenario: 1").world
    plain = default().world
    assert (world.smsc, world.gateway, world.start) == (plain.smsc, plain.gateway, plain.start)
    assert load_text("scenario: 1\naccounts: [{name: a, api_key: k}]").world.accounts == (Account("a", "k"),)


# ---- include ----


@pytest.fixture
def folder(tmp_path: File) -> File:
    (tmp_path / "inner").mkdir()
    return tmp_path


def test_an_included_file_gives_its_paths_and_its_rules_after_those_of_the_file(folder: File) -> None:
    (folder / "main.yaml").write_text(
        "scenario: 1\ninclude: inner/more.yaml\npaths: {p: [failed]}\nrules: [{match: {to: '+1*'}, path: q}]"
    )
    (folder / "inner" / "more.yaml").write_text(
        "include: [third.yaml]\npaths: {p: [sent], q: [expired]}\nrules: [{path: r}]"
    )
    (folder / "inner" / "third.yaml").write_text("paths: {r: [rejected]}")
    scenario = load(folder / "main.yaml")
    assert chosen(scenario, Sent("+1")) == "q"
    assert chosen(scenario, Sent("+2")) == "r"
    assert scenario.paths["p"].steps == (Go(Status.FAILED),)
    assert [File(name).name for name in scenario.files] == ["main.yaml", "more.yaml", "third.yaml"]


def test_errors_point_into_the_included_file(folder: File) -> None:
    (folder / "main.yaml").write_text("scenario: 1\ninclude: [inner/more.yaml]\nrules: [{match: {nth: 1}, path: nix}]")
    (folder / "inner" / "more.yaml").write_text("rules:\n  - path: delivrd\n")
    with pytest.raises(ScenarioErrors) as caught:
        load(folder / "main.yaml")
    assert [(File(error.file).name, error.line, error.column) for error in caught.value.errors] == [
        ("main.yaml", 3, 33),
        ("more.yaml", 2, 11),
    ]


def test_includes_in_a_circle_are_found(folder: File) -> None:
    (folder / "a.yaml").write_text("scenario: 1\ninclude: [b.yaml]")
    (folder / "b.yaml").write_text("include:\n  - a.yaml")
    with pytest.raises(ScenarioErrors) as caught:
        load(folder / "a.yaml")
    (error,) = caught.value.errors
    assert (File(error.file).name, error.line, error.column) == ("b.yaml", 2, 5)
    assert error.message == "the include goes round in a circle: a.yaml includes b.yaml includes a.yaml"


def test_what_cannot_be_included_is_told_where_it_is_named(folder: File) -> None:
    (folder / "a.yaml").write_text("scenario: 1\ninclude:\n  - inner\n  - none.yaml")
    with pytest.raises(ScenarioErrors) as caught:
        load(folder / "a.yaml")
    assert [(error.line, error.column, error.message) for error in caught.value.errors] == [
        (3, 5, "can't include 'inner': it is a directory, not a file"),
        (4, 5, "can't include 'none.yaml': there is no such file"),
    ]


def test_two_included_files_may_not_define_the_same_path(folder: File) -> None:
    (folder / "a.yaml").write_text("scenario: 1\ninclude: [b.yaml, c.yaml]")
    (folder / "b.yaml").write_text("paths: {p: [sent]}")
    (folder / "c.yaml").write_text("paths: {p: [failed]}")
    with pytest.raises(ScenarioErrors, match="defined by two included files"):
        load(folder / "a.yaml")


def test_a_file_may_be_written_with_anchors_and_merged_keys() -> None:
    scenario = load_text("scenario: 1\npaths:\n  a: &s [sent, delivered]\n  b: *s\nrules: [{path: b}]")
    assert scenario.paths["b"].steps == scenario.paths["a"].steps
