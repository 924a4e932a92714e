"""A walk as a picture: an SVG line with a dot for each status, and under it what the client heard.

The distances tell which waits were long without being to scale: between 50 ms and 24 hours no scale would do.
"""

from html import escape
from math import log10

from simulator.runner.records import Moment, Walk
from simulator.runner.timeline import receipt, webhook
from simulator.runner.words import short

LEFT, NEAREST, STRETCH = 64, 112, 14
TOP, LINE_HEIGHT = 34, 16


def svg(walk: Walk) -> str:
    """The picture of one walk; empty if there is nothing to draw."""
    if not walk.history:
        return ""
    marks: dict[int, list[tuple[str, str, str]]] = {}  # instant -> (kind, label, long text)
    for moment in walk.history:
        marks.setdefault(moment.at, []).append(_mark(moment))
    heard: dict[int, list[str]] = {}
    for got in walk.receipts:
        heard.setdefault(got.at, []).append(receipt(got))
    for seen in walk.webhooks:
        heard.setdefault(seen.at, []).append(webhook(seen).removeprefix("webhook "))
    instants = sorted({*marks, *heard})
    places = _places(instants)
    above = max(len(found) for found in marks.values())
    base = TOP + (above - 1) * LINE_HEIGHT
    below = max((len(words) for words in heard.values()), default=0)
    height = base + 40 + below * LINE_HEIGHT
    width = places[instants[-1]] + LEFT + 20
    parts = [f'<line x1="{places[instants[0]]}" y1="{base}" x2="{places[instants[-1]]}" y2="{base}"/>']
    for at in instants:
        x = places[at]
        for number, (kind, label, text) in enumerate(marks.get(at, ())):
            if number == len(marks[at]) - 1:
                parts.append(
                    f'<circle class="dot {kind}" cx="{x}" cy="{base}" r="6"><title>{escape(text)}</title></circle>'
                )
            y = base - 12 - (len(marks[at]) - 1 - number) * LINE_HEIGHT
            parts.append(_text(x, y, label))
        parts.append(_text(x, base + 22, f"+{short(at - walk.start)}", more=' class="when"'))
        for number, words in enumerate(heard.get(at, ()), 1):
            y = base + 24 + number * LINE_HEIGHT
            parts.append(_text(x, y, _first_words(words), hint=words))
    size = f'width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
    return f'<svg {size} role="img"><title>{escape(walk.name)}</title>{"".join(parts)}</svg>'


def _text(x: int, y: int, text: str, *, hint: str = "", more: str = "") -> str:
    title = f"<title>{escape(hint)}</title>" if hint else ""
    return f'<text x="{x}" y="{y}" text-anchor="middle"{more}>{escape(text)}{title}</text>'


def _mark(moment: Moment) -> tuple[str, str, str]:
    if moment.attempt:
        return "attempt", f"attempt {moment.attempt}", f"attempt {moment.attempt} failed: {moment.cause}"
    return moment.status, moment.status.replace("_", " "), moment.status + (f": {moment.cause}" if moment.cause else "")


def _places(instants: list[int]) -> dict[int, int]:
    """instant -> x: farther apart the longer it took, but only by the order of magnitude."""
    found, x = {}, LEFT
    for number, at in enumerate(instants):
        if number:
            x += NEAREST + int(STRETCH * log10(1 + (at - instants[number - 1]) / 100))
        found[at] = x
    return found


def _first_words(text: str) -> str:
    return " ".join(text.split()[:2]) if text.startswith("receipt") else text.split()[0]
