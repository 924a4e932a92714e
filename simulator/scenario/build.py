"""Checked models into what the engine takes: delays, causes, paths, rules, accounts, settings.

Here is found what more than one field or name must be looked at for: paths that can't be walked, names that nobody
defined, rules that are never reached.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from simulator.engine import (
    CAUSES,
    EPOCH,
    Account,
    Attempts,
    Cause,
    GatewaySettings,
    Go,
    Limits,
    Match,
    Outbind,
    Outcomes,
    Path,
    PathError,
    PathStep,
    ReceiptSettings,
    Refusal,
    Reply,
    Retries,
    Rule,
    Rules,
    SmscSettings,
    Status,
    Timeout,
    TlsSettings,
    Waits,
    WebhookTarget,
    World,
    glob,
)
from simulator.engine.causes import DEFAULT_CAUSE
from simulator.engine.delays import NOTHING, Delay
from simulator.engine.rules import TextTest
from simulator.scenario.check import At, Checked, CheckedRule
from simulator.scenario.model import AccountModel, GatewayModel, HeadModel, LimitsModel, RetriesModel, SmscModel
from simulator.scenario.reach import Reach
from simulator.scenario.routing import MatchModel, PatternModel, RejectModel, RuleModel, SuffixModel
from simulator.scenario.steps import AttemptsModel, DelayModel, GoModel, StepModel

FALLBACK = "delivered"
"""The path of a message that no rule takes."""

Paths = Mapping[str, Path | None]
"""By name; None: there is such a path, but it is wrong."""


@dataclass(frozen=True, slots=True)
class Names:
    """What conditions may name; of what is empty, anything."""

    accounts: list[str]
    smscs: list[str]


# ---- paths ----


def make_path(name: str, at: At, steps: list[StepModel] | None) -> Path | None:
    if steps is None:
        return None
    made = [_step(step, at.sub(number)) for number, step in enumerate(steps)]
    whole = [step for step in made if step is not None]
    if len(whole) < len(made):
        return None
    try:
        return Path(name, whole)
    except PathError as error:
        at.sub(error.step).wrong(str(error))
        return None


def _step(step: StepModel, at: At) -> PathStep | None:
    name = step.name
    if name == "timeout":
        return Timeout()
    if name == "attempts":
        if step.attempts is None:
            at.wrong("'attempts' needs 'fail' and 'every'")
            return None
        return _attempts(step.attempts, at.sub(name))
    return _go(Status(name), getattr(step, name) or GoModel(), at.sub(name))


_MAY_FAIL = frozenset({*DEFAULT_CAUSE, Status.UNKNOWN, Status.ENROUTE, Status.PARTIALLY_DELIVERED})


def _go(status: Status, go: GoModel, at: At) -> Go | None:
    delay = _delay(go.after, at.sub("after")) if go.after is not None else NOTHING
    sound = delay is not None
    if (go.error is not None or go.err is not None) and status not in _MAY_FAIL:
        at.sub("error" if go.error is not None else "err").wrong(f"'{status}' is no failure: it has no error", key=True)
        sound = False
    if go.segments is not None and status is not Status.PARTIALLY_DELIVERED:
        at.sub("segments").wrong("only 'partially_delivered' has segments that arrive", key=True)
        sound = False
    if not sound or delay is None:
        return None
    return Go(
        status,
        delay,
        _cause(go.error, go.err, DEFAULT_CAUSE.get(status)),
        go.segments,
        at_validity=status is Status.EXPIRED and go.after is None,
    )


def _delay(model: DelayModel, at: At) -> Delay | None:
    problem = model.problem()
    if problem is not None:
        at.wrong(problem)
        return None
    return model.delay()


def _attempts(model: AttemptsModel, at: At) -> Attempts | None:
    then = [_step(step, at.sub("then", number)) for number, step in enumerate(model.then)]
    whole = [step for step in then if step is not None]
    every = model.every
    waits: Waits | None = None
    if (every.each is None) == (every.first is None):
        at.sub("every").wrong("expected pauses: 20m, [20m, 80m], or {first: 20m, factor: 2, max: 4h, jitter: 10%}")
    elif every.each is not None:
        waits = Waits(list=tuple(every.each))
    else:
        waits = Waits(first=every.first or 0, factor=every.factor, max=every.max, jitter=every.jitter)
    if waits is None or len(whole) < len(then):
        return None
    fail = None if isinstance(model.fail, str) else model.fail
    cause = _cause(model.error, model.err, None) or CAUSES["absent_subscriber"]
    return Attempts(fail, waits, cause, tuple(whole))


def _cause(error: str | None, err: int | None, usual: Cause | None) -> Cause | None:
    """A cause by its name or code, with the network's number where one is given."""
    if error is None and err is None:
        return None
    usual = usual or CAUSES["undeliverable"]
    if error is None:
        known = next((cause for cause in CAUSES.values() if cause.network_error == err), None)
        return known or Cause(f"err_{err}", usual.error_code, err or 0, f"The network's error {err}")
    base = CAUSES.get(error) or Cause(f"error_{error}", error, usual.network_error, f"The error {error}")
    if err is None or err == base.network_error:
        return base
    return Cause(f"{base.name}_err_{err}", base.error_code, err, base.text)


# ---- rules ----


def make_rules(parts: list[CheckedRule], paths: Paths, names: Names) -> Rules | None:
    rules: list[Rule] = []
    reach: dict[str | None, Reach] = {}
    for number, (at, model, sound, smsc) in enumerate(parts, 1):
        if model is None:
            continue
        rule = _rule(str(number), model, at, paths, names, smsc)
        if rule is not None:
            rules.append(rule)
        if sound:
            reach.setdefault(smsc, Reach()).add(number, model, at)
    fallback = paths.get(FALLBACK)
    return Rules(rules, fallback) if fallback is not None else None


def _rule(name: str, model: RuleModel, at: At, paths: Paths, names: Names, smsc: str | None) -> Rule | None:
    match = make_match(model.match, at.sub("match"), names) if model.match is not None else None
    if smsc is not None:
        match = replace(match or Match(), smsc=glob([smsc]))
    ways = [way for way in ("path", "outcomes", "reject", "suffixes") if getattr(model, way) is not None]
    if len(ways) != 1:
        if ways:
            at.sub(ways[1]).wrong(f"one outcome for a rule: it has '{ways[0]}' already", key=True)
        else:
            at.wrong("what becomes of the message? Give 'path', 'outcomes', 'reject' or 'suffixes'")
        return None
    if model.suffixes is not None:
        table = {
            suffix: _suffix(suffix, way, at.sub("suffixes", suffix), paths) for suffix, way in model.suffixes.items()
        }
        if not table:
            at.sub("suffixes").wrong("an empty table: name at least one suffix")
        sound = {suffix: way for suffix, way in table.items() if way is not None}
        return Rule(name, None, match, sound)
    outcome: Path | Refusal | Outcomes | None
    if model.path is not None:
        outcome = _find(model.path, at.sub("path"), paths)
    elif model.reject is not None:
        outcome = _refusal(model.reject, at.sub("reject"))
    else:
        outcome = _outcomes(model.outcomes or {}, at.sub("outcomes"), paths)
    return Rule(name, outcome, match) if outcome is not None else None


def _find(name: str, at: At, paths: Paths, *, key: bool = False) -> Path | None:
    if name not in paths:
        at.wrong(f"unknown path '{name}'", at.near(name, paths), key=key)
    return paths.get(name)


def _outcomes(weights: dict[str, float], at: At, paths: Paths) -> Outcomes | None:
    found = [(_find(name, at.sub(name), paths, key=True), weight) for name, weight in weights.items()]
    try:
        Outcomes([(Refusal(), weight) for _, weight in found])
    except ValueError as error:
        at.wrong(str(error) if weights else "no outcomes: name at least one path, with its weight")
        return None
    sound = [(path, weight) for path, weight in found if path is not None]
    return Outcomes(sound) if len(sound) == len(found) else None


def _refusal(model: RejectModel, at: At) -> Refusal | None:
    if model.error_code is None and model.command_status is None:
        at.wrong("a refusal says why: give 'error_code', 'command_status' or both")
        return None
    return Refusal(model.error_code, model.command_status)


def _suffix(suffix: str, model: SuffixModel, at: At, paths: Paths) -> Path | Refusal | None:
    if not (suffix.isascii() and suffix.isdigit() and len(suffix) <= 15):
        at.wrong(f"the suffix '{suffix}' isn't 1 to 15 digits", key=True)
        return None
    if (model.path is None) == (model.reject is None):
        at.wrong("expected a path's name, or {reject: {error_code: 1502}}")
        return None
    if model.reject is not None:
        return _refusal(model.reject, at.sub("reject"))
    return _find(model.path or "", at, paths)


def make_match(model: MatchModel, at: At, names: Names) -> Match:
    counting = [name for name in ("nth", "every", "first") if getattr(model, name) is not None]
    if len(counting) > 1:
        at.sub(counting[1]).wrong(f"one of nth, every and first: '{counting[0]}' is given already", key=True)
    _know(model.account, names.accounts, "account", at.sub("account"))
    _know(model.smsc, names.smscs, "SMSC", at.sub("smsc"))
    return Match(
        to=_pattern(model.to, at.sub("to"), number=True),
        from_=_pattern(model.from_, at.sub("from"), number=True),
        text=_pattern(model.text, at.sub("text")),
        via=model.via,
        account=glob(model.account) if model.account is not None else None,
        smsc=glob(model.smsc) if model.smsc is not None else None,
        interface_version=model.interface_version,
        encoding=model.encoding,
        segments=model.segments,
        nth=model.nth,
        every=model.every,
        first=model.first,
    )


def _know(patterns: list[str] | None, known: list[str], what: str, at: At) -> None:
    """Complain of names that nobody has."""
    for number, name in enumerate(patterns or () if known else ()):
        if not set(name) & set("*?[") and name not in known:
            at.sub(number).wrong(f"unknown {what} '{name}'", at.near(name, known))


def _pattern(model: PatternModel | None, at: At, *, number: bool = False) -> TextTest | None:
    if model is None:
        return None
    if (model.like is None) == (model.regex is None):
        at.wrong("expected a pattern such as '+24399*', a list of them, or {regex: ...}")
        return None
    if model.like is not None:
        return glob(model.like, number=number)
    search = re.compile(model.regex or "").search
    if number:
        # rules see a number without its plus; an expression may be written either way
        return lambda value: search("+" + value) is not None or search(value) is not None
    return lambda value: search(value) is not None


# ---- accounts and settings ----


def make_accounts(parts: list[tuple[At, AccountModel | None]]) -> tuple[Account, ...]:
    _complain_of_twins(parts)
    accounts = []
    for at, model in parts:
        if model is None:
            continue
        if model.api_key is None and model.system_id is None:
            at.wrong(
                f"nobody can use the account '{model.name}'", "give it an api_key (HTTP), a system_id (SMPP) or both"
            )
        if model.password is not None and model.system_id is None:
            at.sub("password").wrong("a password needs a system_id: it is for SMPP", key=True)
        accounts.append(_account(model))
    return tuple(accounts)


def _complain_of_twins(parts: list[tuple[At, AccountModel | None]]) -> None:
    """No two accounts have the same name or credentials; also those that are wrong otherwise are looked at."""
    seen: dict[tuple[str, str], int] = {}
    for at, _ in parts:
        item = at.data
        for kind in ("name", "api_key", "system_id"):
            value = item.get(kind) if isinstance(item, dict) else None
            if not isinstance(value, str | int | float):
                continue
            part = at.sub(kind)
            text = str(getattr(value, "text", value))
            if (kind, text) in seen:
                part.wrong(f"two accounts with the {kind} '{text[:60]}': the first is in line {seen[kind, text]}")
            seen.setdefault((kind, text), part.place().line)


def _account(model: AccountModel) -> Account:
    webhook = None
    if model.webhook is not None:
        webhook = WebhookTarget(model.webhook.url, model.webhook.username, model.webhook.password)
    return Account(
        name=model.name,
        api_key=model.api_key,
        system_id=model.system_id,
        password=model.password,
        webhook=webhook,
        balance=model.balance,
        postpaid=model.postpaid,
        unit_price=model.unit_price,
        currency=model.currency,
        timezone=model.timezone,
        status=model.status,  # type: ignore[arg-type]  # one of its words: the model checked
        allow=tuple(model.allow),
        environment=model.environment,  # type: ignore[arg-type]
        limits=_limits(model.limits),
        senders=tuple(model.senders),
        numbers=tuple(model.numbers),
    )


def _limits(model: LimitsModel) -> Limits:
    return Limits(**{name: getattr(model, name) for name in model.model_fields_set})


def _retries(model: RetriesModel | None, default: Retries) -> Retries:
    return Retries(model.attempts, tuple(model.every)) if model is not None else default


def make_smscs(parts: list[tuple[At, SmscModel | None]], names: Names) -> tuple[SmscSettings, ...]:
    """What `smsc:` says; nothing means one with the defaults."""
    made: list[SmscSettings] = []
    seen: set[str] = set()
    for at, model in parts:
        if model is None:
            continue
        if model.name in seen:
            at.sub("name").wrong(f"two SMSCs with the name '{model.name}'", "give each its own")
        seen.add(model.name)
        _know(model.accounts, names.accounts, "account", at.sub("accounts"))
        made.append(_smsc(model, at, names))
    return tuple(made) or (SmscSettings(),)


def _smsc(model: SmscModel, at: At, names: Names) -> SmscSettings:
    receipts, tls = model.receipts, model.tls
    return SmscSettings(
        name=model.name,
        port=model.port,
        tls=TlsSettings(tls.port, tls.certificate, tls.key) if tls is not None else None,
        accounts=tuple(model.accounts) if model.accounts is not None else None,
        system_id=model.system_id,
        message_id=model.message_id.format,  # type: ignore[arg-type]  # one of its words: the model checked
        receipts=ReceiptSettings(
            via=receipts.via,  # type: ignore[arg-type]
            message_id=receipts.message_id.format if receipts.message_id is not None else None,  # type: ignore[arg-type]
            retries=_retries(receipts.retries, ReceiptSettings().retries),
            queue=receipts.queue,
            to=receipts.to,  # type: ignore[arg-type]
        ),
        validity=model.validity,
        bind_timeout=model.bind_timeout,
        response_timeout=model.response_timeout,
        enquire_link=model.enquire_link,
        inactivity=model.inactivity,
        default_alphabet=model.default_alphabet,  # type: ignore[arg-type]
        distribution_lists={name: tuple(numbers) for name, numbers in model.distribution_lists.items()},
        parts_timeout=model.parts_timeout,
        alert_after=model.alert_after,
        outbinds=tuple(
            Outbind(outbind.host, outbind.port, outbind.system_id, outbind.password, outbind.every)
            for outbind in model.outbind
        ),
        replies=tuple(
            Reply(make_match(reply.match, at.sub("replies", number, "match"), names), reply.text, reply.after)
            for number, reply in enumerate(model.replies)
        ),
    )


def _gateway(model: GatewayModel) -> GatewaySettings:
    hooks = model.webhooks
    return GatewaySettings(
        hold=model.hold,
        validity=model.validity,
        webhook_retries=_retries(hooks.retries, GatewaySettings().webhook_retries),
        webhook_timeout=hooks.timeout,
        webhook_secret=hooks.secret,
        webhook_shuffle=hooks.shuffle,
        verify_tls=hooks.verify_tls,
        https_only=model.https_only,
        strict_sender_id=model.strict_sender_id,
        environment=model.environment,  # type: ignore[arg-type]
        cancel_within=model.cancel_within,
        carriers=tuple(sorted(model.carriers.items(), key=lambda carrier: (-len(carrier[0]), carrier[0]))),
        default_carrier=model.default_carrier,
    )


def make_world(head: HeadModel, rules: Rules, accounts: tuple[Account, ...], smscs: tuple[SmscSettings, ...]) -> World:
    return World(
        rules=rules,
        accounts=accounts,
        seed=head.seed,
        clock=head.clock,
        start=head.start if head.start is not None else EPOCH,
        smscs=smscs,
        gateway=_gateway(head.gateway),
    )


def make_paths(files: list[Checked], builtin: Mapping[str, Path]) -> dict[str, Path | None]:
    """All paths by name. The first file's own win over those that it includes, and all win over the built-in ones."""
    found: dict[str, Path | None] = dict(builtin)
    lines: dict[str, str] = {}
    main = True
    for checked in files:
        for name, (at, steps) in checked.paths.items():
            path = make_path(name, at, steps)
            if name not in lines:
                found[name] = path
            elif not main and not lines[name].startswith(f"{files[0].at.source.file}:"):
                at.wrong(f"the path '{name}' is defined by two included files: first in {lines[name]}", key=True)
            lines.setdefault(name, str(at.place(key=True)))
        main = False
    return found
