"""A parsed file against the models, piece by piece, so that a mistake in one piece hides none in another."""

from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass, field
from typing import Any, NamedTuple, TypeVar

from pydantic import ValidationError

from simulator.scenario.base import MISSING, Model, told
from simulator.scenario.errors import MOST_ERRORS, ScenarioError, did_you_mean, shown
from simulator.scenario.expect import KINDS, Expectation
from simulator.scenario.fields import AT_KEY
from simulator.scenario.model import AccountModel, HeadModel, SmscModel
from simulator.scenario.positions import Loc, Place, Source
from simulator.scenario.routing import MatchModel, RuleModel
from simulator.scenario.steps import StepModel
from simulator.scenario.traffic import TrafficModel

M = TypeVar("M", bound=Model)


@dataclass(frozen=True, slots=True)
class At:
    """A part of a file, about which something may have to be said."""

    source: Source
    errors: list[ScenarioError]
    loc: Loc = ()

    def sub(self, *parts: str | int) -> "At":
        return At(self.source, self.errors, (*self.loc, *parts))

    def wrong(self, message: str, hint: str | None = None, *, key: bool = False) -> None:
        """Say it of the value, or of its `key`."""
        self.errors.append(self.place(key=key).error(message, hint))

    def near(self, word: str, known: Iterable[str]) -> str | None:
        """The hint with the nearest of the `known` names; not for the thousandth error, which nobody gets to see."""
        return did_you_mean(word, known) if len(self.errors) < MOST_ERRORS else None

    @property
    def data(self) -> Any:
        """The value as it was read; None: there is none."""
        data = self.source.data
        for part in self.loc:
            try:
                data = data[part]
            except (KeyError, IndexError, TypeError):
                return None
        return data

    def place(self, *, key: bool = False) -> Place:
        return self.source.place(self.loc, key=key)

    def check(self, model: type[M], data: Any) -> M | None:
        """`data` as a `model`; None: it isn't one, and the errors have been told."""
        try:
            return model.model_validate(data)
        except ValidationError as error:
            for loc, message, hint, kind in told(error):
                where = (*self.loc, *loc)
                if kind == MISSING:
                    place = self.source.key_of(where[:-1])
                else:
                    place = self.source.place(where, key=kind == AT_KEY)
                self.errors.append(place.error(message, hint))
            return None


class CheckedRule(NamedTuple):
    """A rule; `model` is None if it is wrong."""

    at: At
    model: RuleModel | None
    sound: bool
    """False: its conditions are wrong, and left out."""
    smsc: str | None
    """The SMSC whose rule it is; None: it is the file's."""


@dataclass(slots=True)
class Checked:
    """A file's pieces; None stands for one that is wrong."""

    at: At
    head: HeadModel | None = None
    include: list[tuple[str, At]] = field(default_factory=list)
    accounts: list[tuple[At, AccountModel | None]] = field(default_factory=list)
    paths: dict[str, tuple[At, list[StepModel] | None]] = field(default_factory=dict)
    rules: list["CheckedRule"] = field(default_factory=list)
    traffic: list[tuple[At, TrafficModel | None]] = field(default_factory=list)
    expect: list[tuple[At, Expectation | None]] = field(default_factory=list)
    smscs: list[tuple[At, SmscModel | None]] = field(default_factory=list)
    """Their rules are among `rules`, before the file's own."""


SECTIONS = ("accounts", "paths", "rules", "traffic", "expect", "smsc")


def check(source: Source, errors: list[ScenarioError], *, included: bool = False) -> Checked:
    """Check a file. An `included` one needs no version."""
    at = At(source, errors)
    checked = Checked(at)
    data = source.data
    if not isinstance(data, dict):
        what = "an empty file" if data is None else shown(data)
        at.wrong(f"a scenario is a mapping that begins with 'scenario: 1', not {what}")
        return checked
    head = {key: value for key, value in data.items() if key not in SECTIONS}
    if included:
        head.setdefault("scenario", 1)
    checked.head = at.check(HeadModel, head)
    include = data.get("include")
    names = include if isinstance(include, list) else [include]
    checked.include = [(name, at.sub("include", number)) for number, name in enumerate(names) if isinstance(name, str)]
    checked.accounts = [(part, part.check(AccountModel, item)) for part, item in _items(at, data, "accounts")]
    checked.paths = dict(_paths(at, data))
    checked.smscs = [(part, part.check(SmscModel, _without_rules(item))) for part, item in _smscs(at, data)]
    checked.rules = [
        _rule(part.sub("rules", number), rule, _name(item))
        for part, item in _smscs(at, data)
        if isinstance(item, dict) and isinstance(item.get("rules"), list)
        for number, rule in enumerate(item["rules"])
    ]
    checked.rules += [_rule(part, item) for part, item in _items(at, data, "rules")]
    checked.traffic = [(part, _one(part, part.check(TrafficModel, item))) for part, item in _items(at, data, "traffic")]
    checked.expect = [(part, _expectation(part, item)) for part, item in _items(at, data, "expect")]
    return checked


def _smscs(at: At, data: dict[str, Any]) -> Iterator[tuple[At, Any]]:
    """One or several."""
    if "smsc" not in data:
        return
    if isinstance(data["smsc"], list):
        yield from _items(at, data, "smsc")
    else:
        yield at.sub("smsc"), data["smsc"]


def _without_rules(item: Any) -> Any:
    """The rules are checked one by one, unless they are no list."""
    if isinstance(item, dict) and isinstance(item.get("rules"), list):
        return {key: value for key, value in item.items() if key != "rules"}
    return item


def _name(item: dict[str, Any]) -> str:
    """What an SMSC is called."""
    name = item.get("name", SmscModel.model_fields["name"].default)
    return str(getattr(name, "text", name))


def _items(at: At, data: dict[str, Any], section: str) -> Iterator[tuple[At, Any]]:
    items = data.get(section)
    if items is None:
        if section in data:
            at.sub(section).wrong(f"expected a list under '{section}', not nothing", key=True)
        return
    if not isinstance(items, list):
        at.sub(section).wrong(f"expected a list, not {shown(items)}", f"begin each of the {section} with '- '")
        return
    for number, item in enumerate(items):
        yield at.sub(section, number), item


def _paths(at: At, data: dict[str, Any]) -> Iterator[tuple[str, tuple[At, list[StepModel] | None]]]:
    paths = data.get("paths")
    if paths is None and "paths" not in data:
        return
    if not isinstance(paths, dict):
        at.sub("paths").wrong(f"expected a mapping of names to lists of steps, not {shown(paths)}", key=paths is None)
        return
    for name, steps in paths.items():
        part = at.sub("paths", name)
        if not isinstance(steps, list) or not steps:
            part.wrong(f"expected a list of steps, not {shown(steps)}", "begin each step with '- '", key=not steps)
            yield name, (part, None)
            continue
        made = [_one(part.sub(number), part.sub(number).check(StepModel, step)) for number, step in enumerate(steps)]
        whole = [step for step in made if step is not None]
        yield name, (part, whole if len(whole) == len(made) else None)


def _rule(at: At, item: Any, smsc: str | None = None) -> CheckedRule:
    """Conditions and outcome apart, so that both are checked if one is wrong."""
    if not isinstance(item, dict) or item.get("match") is None:
        return CheckedRule(at, at.check(RuleModel, item), True, smsc)
    match = at.sub("match").check(MatchModel, item["match"])
    return CheckedRule(at, at.check(RuleModel, {**item, "match": match}), match is not None, smsc)


def _one(at: At, model: M | None) -> M | None:
    """A model of which exactly one field may be given."""
    if model is None or len(model.model_fields_set) == 1:
        return model
    names = [name for name in model.field_names() if name in model.model_fields_set]
    if not names:
        at.wrong(f"an empty {model.kind}: expected one of {', '.join(model.field_names())}")
        return None
    written = sorted(names, key=lambda name: astuple(at.sub(name).place(key=True))[1:3])
    part = at.sub(written[1])
    part.wrong(f"one {model.kind} at a time: '{written[0]}' stands here already", "begin it with '- '", key=True)
    return None


def _expectation(at: At, item: Any) -> Expectation | None:
    if not isinstance(item, dict):
        at.wrong(f"expected an expectation such as 'message: otp', not {shown(item)}")
        return None
    kinds = [kind for kind in KINDS if kind in item]
    if not kinds:
        near = next((hint for key in item if (hint := did_you_mean(key, KINDS))), None)
        at.wrong("what is expected? 'message', 'totals' or 'inbound' is missing", near)
        return None
    made: Expectation | None = at.check(KINDS[kinds[0]], item)
    if made is not None:
        made._place = at.place()
    return made
