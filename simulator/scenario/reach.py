"""Rules that no message can ever reach, because one before takes all that they would."""

from fnmatch import fnmatchcase

from simulator.scenario.check import At
from simulator.scenario.routing import MatchModel, PatternModel, RuleModel

COUNTING = frozenset({"nth", "every", "first"})
MOST_COMPARED = 30
"""Each rule is compared with so many before it, and with those that are the same or take every message: generated files
are long."""

Conditions = dict[str, object]
"""By name; patterns as a frozenset."""


class Reach:
    """The rules so far, and what they leave for the next."""

    def __init__(self) -> None:
        self._before: list[tuple[Conditions, str]] = []
        self._same: dict[frozenset[tuple[str, object]], str] = {}

    def add(self, number: int, rule: RuleModel, at: At) -> None:
        """Add the next rule, and complain about it if an earlier one takes all of its messages."""
        conditions = _conditions(rule.match)
        identity = frozenset(conditions.items())
        earlier = self._same.get(identity) or self._wider(conditions)
        if earlier is not None:
            at.wrong(f"this rule is never reached: {earlier} takes all that it would")
            return
        if rule.suffixes is not None or COUNTING & conditions.keys():
            return  # they let messages through
        name = f"rule {number} ({at.place()})"
        self._same[identity] = name
        if not conditions or len(self._before) < MOST_COMPARED:
            self._before.append((conditions, name))

    def _wider(self, conditions: Conditions) -> str | None:
        """The first of the earlier rules that takes all that meets these conditions."""
        return next((name for other, name in self._before if covers(other, conditions)), None)


def _conditions(match: MatchModel | None) -> Conditions:
    found: Conditions = {}
    if match is None:
        return found
    for name in match.model_fields_set:
        value = getattr(match, name)
        if isinstance(value, PatternModel):
            value = ("regex", value.regex) if value.like is None else _patterns(value.like, number=name != "text")
        elif isinstance(value, list):
            value = _patterns(value)
        if value is not None:
            found[name] = value
    return found


def _patterns(patterns: list[str], *, number: bool = False) -> frozenset[str]:
    return frozenset(pattern.removeprefix("+") for pattern in patterns) if number else frozenset(patterns)


def covers(earlier: Conditions, later: Conditions) -> bool:
    """Whether each message that meets `later` meets `earlier` too; False where that can't be told."""
    for name, needed in earlier.items():
        given = later.get(name)
        if given is None:
            return False
        if given == needed:
            continue
        if not isinstance(needed, frozenset) or not isinstance(given, frozenset):
            return False
        if not all(any(_like(one, other) for other in needed) for one in given):
            return False
    return True


def _like(narrow: str, wide: str) -> bool:
    """Whether all that is like `narrow` is like `wide` too."""
    if narrow == wide or wide == "*":
        return True
    if not _wild(wide):
        return False
    if not _wild(narrow):
        return fnmatchcase(narrow, wide)
    return wide.endswith("*") and not _wild(wide[:-1]) and narrow.startswith(wide[:-1])


def _wild(pattern: str) -> bool:
    return "*" in pattern or "?" in pattern or "[" in pattern
