"""Rules: which path a message takes. The first that matches decides.

Every condition is compiled once into a plain function of the message; the rules of a scenario are then tried in
order. A rule may draw among outcomes, or refuse the message; `nth`, `every` and `first` count the recipients that
reach the rule and meet its other conditions, so these three alone follow the order of arrival.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import translate
from functools import reduce
from itertools import accumulate

from simulator.engine.chance import draw, site
from simulator.engine.messages import Message
from simulator.engine.paths import Path

Condition = Callable[[Message, str], bool]
"""(message, destination without its `+`) -> whether it holds."""
TextTest = Callable[[str], bool]


def glob(patterns: Sequence[str], *, number: bool = False) -> TextTest:
    """A test for "is like one of these": `*` is any text, `?` one character. A number's leading `+` doesn't count."""
    if number:
        patterns = [pattern.removeprefix("+") for pattern in patterns]
    exact = frozenset(pattern for pattern in patterns if not set(pattern) & set("*?["))
    starts, ends, others = [], [], []
    for pattern in patterns:
        if pattern in exact:
            continue
        if not set(pattern[:-1]) & set("*?[") and pattern.endswith("*"):
            starts.append(pattern[:-1])
        elif not set(pattern[1:]) & set("*?[") and pattern.startswith("*"):
            ends.append(pattern[1:])
        else:
            others.append(translate(pattern))
    prefixes, suffixes = tuple(starts), tuple(ends)
    if not (exact or suffixes or others):
        return lambda value: value.startswith(prefixes)
    rest = re.compile("|".join(others)).match if others else None

    def test(value: str) -> bool:
        return (
            value in exact
            or value.startswith(prefixes)
            or value.endswith(suffixes)
            or (rest is not None and rest(value) is not None)
        )

    return test


def regex(expression: str) -> TextTest:
    """A test for "contains this regular expression". Raises re.error."""
    search = re.compile(expression).search
    return lambda value: search(value) is not None


_COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "<=": lambda a, b: a <= b,
    ">=": lambda a, b: a >= b,
    "!=": lambda a, b: a != b,
    "==": lambda a, b: a == b,
    "<": lambda a, b: a < b,
    ">": lambda a, b: a > b,
}
_COMPARISON = re.compile(r"(<=|>=|!=|==|<|>)?\s*(\d+(?:\.\d+)?)")


def comparison(text: str | int) -> Callable[[float], bool]:
    """A test such as `3`, `>1` or `<=40`. Raises ValueError, which says what would be right."""
    match = _COMPARISON.fullmatch(str(text).strip())
    if match is None:
        raise ValueError(f"'{text}' is not a comparison: write a number, or one after <, <=, >, >=, == or !=")
    holds, number = _COMPARISONS[match[1] or "=="], float(match[2])
    return lambda value: holds(value, number)


@dataclass(frozen=True)
class Match:
    """The conditions of a rule; all that are given must hold. Tests come ready made (`glob`, `regex`, `comparison`)."""

    to: TextTest | None = None
    from_: TextTest | None = None
    text: TextTest | None = None
    via: str | None = None
    account: TextTest | None = None
    smsc: TextTest | None = None
    interface_version: Callable[[float], bool] | None = None
    """Of the SMPP session that submitted; never holds for what came by HTTP."""
    encoding: str | None = None
    segments: Callable[[float], bool] | None = None
    nth: int | None = None
    every: int | None = None
    first: int | None = None

    @property
    def counts(self) -> bool:
        """Whether it counts arrivals, which is all the memory that a rule has."""
        return self._picks() is not None

    def compile(self) -> Condition | None:
        """One function for all conditions, the cheap ones first; None: everything matches."""
        conditions: list[Condition] = []
        # bound to locals by the helper functions: a lambda in a row of ifs would see only the last
        if (via := self.via) is not None:
            conditions.append(lambda message, to: message.via == via)
        if (account := self.account) is not None:
            conditions.append(lambda message, to: account(message.account))
        if (carrier := self.smsc) is not None:
            conditions.append(lambda message, to: carrier(message.smsc_name))
        if (version := self.interface_version) is not None:
            conditions.append(lambda message, to: message.interface_version > 0 and version(message.interface_version))
        if (number := self.to) is not None:
            conditions.append(lambda message, to: number(to))
        if (source := self.from_) is not None:
            conditions.append(lambda message, to: source(message.source.removeprefix("+")))
        if (segments := self.segments) is not None:
            conditions.append(lambda message, to: segments(message.segments))
        if (encoding := self.encoding) is not None:
            conditions.append(lambda message, to: message.encoding == encoding)
        if (text := self.text) is not None:
            conditions.append(lambda message, to: text(message.text))
        if (picks := self._picks()) is not None:
            conditions.append(_counting(picks))
        return reduce(_both, conditions) if conditions else None

    def _picks(self) -> Callable[[int], bool] | None:
        if (nth := self.nth) is not None:
            return lambda number: number == nth
        if (every := self.every) is not None:
            return lambda number: number % every == 0
        if (first := self.first) is not None:
            return lambda number: number <= first
        return None


def _both(one: Condition, other: Condition) -> Condition:
    return lambda message, to: one(message, to) and other(message, to)


def _counting(picks: Callable[[int], bool]) -> Condition:
    arrivals = 0

    def test(message: Message, to: str) -> bool:
        nonlocal arrivals
        arrivals += 1
        return picks(arrivals)

    return test


@dataclass(frozen=True, slots=True)
class Refusal:
    """The message is not taken: the answer says why."""

    error_code: str | None = None
    """The gateway's, four digits; None: 1502."""
    command_status: int | None = None
    """The SMSC's; None: ESME_RSUBMITFAIL."""


Choose = Callable[[Message, str, int], Path | Refusal | None]
"""(message, destination without its `+`, luck) -> what becomes of it."""


class Outcomes:
    """Several paths, by weight."""

    __slots__ = ("_bounds", "paths")

    def __init__(self, weights: Iterable[tuple[Path | Refusal, float]]) -> None:
        """Raises ValueError if no weight is above 0."""
        chosen = [(path, weight) for path, weight in weights if weight > 0]
        if not chosen:
            raise ValueError("all weights are 0: at least one outcome must be possible")
        total = sum(weight for _, weight in chosen)
        self.paths = tuple(path for path, _ in chosen)
        self._bounds = tuple(reach / total for reach in accumulate(weight for _, weight in chosen[:-1]))

    def pick(self, uniform: float) -> Path | Refusal:
        return self.paths[bisect_right(self._bounds, uniform)]

    def chooser(self, at: int) -> Choose:
        """A function that picks by what is drawn at the site `at`."""
        paths, bounds = self.paths, self._bounds
        return lambda message, to, luck: paths[bisect_right(bounds, draw(luck, at))]


def _always(outcome: Path | Refusal) -> Choose:
    return lambda message, to, luck: outcome


class Rule:
    """Conditions, and what they lead to: a path, outcomes, a refusal, or a table of the destination's last digits."""

    __slots__ = ("_match", "_site", "choose", "condition", "lengths", "name", "outcome", "suffixes")

    def __init__(
        self,
        name: str,
        outcome: Path | Refusal | Outcomes | None = None,
        match: Match | None = None,
        suffixes: Mapping[str, Path | Refusal] | None = None,
    ) -> None:
        """`name` is the rule's place in its scenario: draws hang on it. Give `outcome` or `suffixes`."""
        self.name = name
        self.outcome = outcome
        self._match = match
        self.condition = match.compile() if match is not None else None
        self.suffixes = dict(suffixes or {})
        self.lengths = sorted({len(suffix) for suffix in self.suffixes}, reverse=True)
        """The longest suffix wins."""
        self._site = site(f"rule {name}")
        self.choose = self._compile()
        """What this rule makes of a recipient (message, destination without its `+`, luck); None: it doesn't match."""

    def fresh(self) -> "Rule":
        """The same rule, which has counted nothing yet."""
        if self._match is None or not self._match.counts:
            return self
        return Rule(self.name, self.outcome, self._match, self.suffixes)

    @property
    def pure(self) -> bool:
        """It can't refuse, and counts nothing."""
        outcomes: tuple[object, ...] = (*self.suffixes.values(), self.outcome)
        if isinstance(self.outcome, Outcomes):
            outcomes = self.outcome.paths
        return not (self._match is not None and self._match.counts) and not any(
            isinstance(outcome, Refusal) for outcome in outcomes
        )

    def _compile(self) -> Choose:
        """One function for all that the rule does."""
        outcome, condition = self.outcome, self.condition
        choose: Choose = self._by_suffix
        if isinstance(outcome, Outcomes):
            choose = outcome.chooser(self._site)
        elif outcome is not None:
            choose = _always(outcome)
        if condition is None:
            return choose
        return lambda message, to, luck: choose(message, to, luck) if condition(message, to) else None

    def _by_suffix(self, message: Message, to: str, luck: int) -> Path | Refusal | None:
        for length in self.lengths:
            path = self.suffixes.get(to[-length:])
            if path is not None:
                return path
        return None


class Rules:
    """The rules of a scenario, in order, and the path of a message that no rule takes."""

    __slots__ = ("_each", "fallback", "pure", "rules")

    def __init__(self, rules: Iterable[Rule], fallback: Path) -> None:
        self.rules = tuple(rules)
        self._each = tuple(rule.choose for rule in self.rules)
        self.fallback = fallback
        self.pure = all(rule.pure for rule in self.rules)
        """No rule refuses or counts: what they make of a message is the same at any time."""

    def fresh(self) -> "Rules":
        """The same rules, which have counted nothing yet: two simulations of one scenario must not count together."""
        return Rules((rule.fresh() for rule in self.rules), self.fallback)

    def choose(self, message: Message, to: str, luck: int) -> Path | Refusal:
        """`to` without its `+`; `luck` is the recipient's."""
        for choose in self._each:
            chosen = choose(message, to, luck)
            if chosen is not None:
                return chosen
        return self.fallback
