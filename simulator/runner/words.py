"""How times, walks and numbers are written in reports: short, and the same everywhere."""

from collections.abc import Iterable, Sequence

from simulator.engine.units import DAY, HOUR, MINUTE, SECOND
from simulator.runner.records import Moment, Walk

LONG_AGO = 10 * SECOND


def short(duration: int) -> str:
    """A duration for people: `0s`, `50ms`, `2.3s`, `1m30s`, `2h20m`, `1d`: never more than two units."""
    if duration < 0:
        return "-" + short(-duration)
    if duration == 0:
        return "0s"
    if duration < SECOND:
        return f"{duration}ms"
    if duration < MINUTE:
        return f"{duration / SECOND:.1f}".removesuffix(".0") + "s" if duration < 59_950 else "1m"
    for big, small, names in ((DAY, HOUR, "dh"), (HOUR, MINUTE, "hm"), (MINUTE, SECOND, "ms")):
        rounded = (duration + small // 2) // small * small
        if rounded >= big:
            whole, rest = divmod(rounded, big)
            return f"{whole}{names[0]}" + (f"{rest // small}{names[1]}" if rest else "")
    return f"{duration}ms"


def span(durations: Iterable[int]) -> str:
    """`2.3s`, or `1.9s..3.4s` where they differ."""
    low, high = _ends(durations)
    return short(low) if short(low) == short(high) else f"{short(low)}..{short(high)}"


def _ends(durations: Iterable[int]) -> tuple[int, int]:
    found = list(durations)
    return min(found), max(found)


def number(count: int, noun: str) -> str:
    """`1 message`, `2 messages`."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def stretches(history: Sequence[Moment]) -> list[list[int]]:
    """The places of a history's moments, with attempts that follow each other taken together."""
    found: list[list[int]] = []
    for place, moment in enumerate(history):
        if moment.attempt and found and history[found[-1][-1]].attempt and history[found[-1][-1]].cause == moment.cause:
            found[-1].append(place)
        else:
            found.append([place])
    return found


def walk_pieces(walks: Sequence[Walk], times: str = "x") -> list[tuple[str, str]]:
    """(text, status or `attempt`) of each piece of a walk that all of `walks` share: `delivered +2.3s`."""
    history = walks[0].history
    pieces: list[tuple[str, str]] = []
    for places in stretches(history):
        first = history[places[0]]

        def offsets(place: int) -> list[int]:
            return [walk.history[place].at - walk.start for walk in walks]

        when = span(offsets(places[0]))
        if first.attempt:
            failed = f"{len(places)}{times} {first.cause}"
            if len(places) > 3:
                when += f"..{span(offsets(places[-1]))}"
            else:
                when = " +".join(span(offsets(place)) for place in places)
            pieces.append((f"{failed} +{when}", "attempt"))
        elif places[0] == 0:
            pieces.append((first.status, first.status))
        else:
            pieces.append((f"{first.status} +{when}", first.status))
    return pieces
