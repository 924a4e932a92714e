"""A run as one SVG picture without anything from elsewhere: rates above, latencies below, over the same seconds.

Latencies are on a logarithmic scale, since p50 and the highest are often a thousand times apart. Seconds in which
nothing was answered are gaps.
"""

from collections.abc import Callable, Sequence
from html import escape
from math import ceil, floor, log10

from simulator.load.result import Result
from simulator.load.stats import Row
from simulator.load.summary import milliseconds

WIDTH, PANEL, LEFT, RIGHT, TOP, GAP = 900, 220, 78, 120, 60, 56
HEIGHT = TOP + 2 * PANEL + GAP + 44

Value = Callable[[Row], float | None]

RATES: tuple[tuple[str, str, Value], ...] = (
    ("sent/s", "#9aa5b1", lambda row: row.sent / row.seconds),
    ("answered/s", "#1f77b4", lambda row: row.answered / row.seconds),
    ("receipts/s", "#2ca02c", lambda row: row.receipts / row.seconds),
    ("errors/s", "#d62728", lambda row: row.errors / row.seconds),
)
LATENCIES: tuple[tuple[str, str, Value], ...] = (
    ("p50", "#1f77b4", lambda row: row.latency[0] if row.latency else None),
    ("p90", "#17a2b8", lambda row: row.latency[1] if row.latency else None),
    ("p99", "#ff7f0e", lambda row: row.latency[2] if row.latency else None),
    ("p99.9", "#d62728", lambda row: row.latency[3] if row.latency else None),
    ("max", "#7f1d1d", lambda row: row.latency[4] if row.latency else None),
)
STYLE = (
    "text{font:12px system-ui,sans-serif;fill:#334}.title{font-size:15px;font-weight:600}"
    ".grid{stroke:#dde2e8;stroke-width:1}.axis{stroke:#8893a0;stroke-width:1}polyline{fill:none;stroke-width:2;"
    "stroke-linejoin:round}"
)


def plot(result: Result) -> str:
    """The picture, as a file's content."""
    rows = [row for row in result.rows if row.seconds >= 0.05] or list(result.rows)
    rows = [row for row in rows if row.seconds > 0]
    end = max((row.at_s for row in rows), default=1.0)
    title = f"{result.via.upper()}, {'open' if result.open_loop else 'closed'} loop: "
    title += (
        f"{result.answered:,} answered at {result.rate:,.0f}/s, p99 {milliseconds(result.latency.percentile(99))} ms"
    )
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}">',
        f"<title>{escape(title)}</title><style>{STYLE}</style>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        f'<text class="title" x="{LEFT}" y="26">{escape(title)}</text>',
        *_rates(rows, end, TOP),
        *_latencies(rows, end, TOP + PANEL + GAP),
        *_seconds(end),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _rates(rows: Sequence[Row], end: float, top: int) -> list[str]:
    lines = [line for line in RATES if line[0] in ("sent/s", "answered/s") or any(line[2](row) for row in rows)]
    highest = max((value(row) or 0.0 for _, _, value in lines for row in rows), default=0.0)
    step = _step(highest / 4)
    ceiling = max(step, ceil(highest / step) * step)

    def y(value: float) -> float:
        return top + PANEL * (1 - value / ceiling)

    parts = [f'<text x="{LEFT}" y="{top - 8}">a second</text>']
    parts += [_grid(y(at * step), f"{at * step:,.10g}") for at in range(round(ceiling / step) + 1)]
    return parts + _lines(lines, rows, end, y, top)


def _latencies(rows: Sequence[Row], end: float, top: int) -> list[str]:
    values = [max(1.0, found) for _, _, value in LATENCIES for row in rows if (found := value(row)) is not None]
    low, high = floor(log10(min(values, default=1000.0))), ceil(log10(max(values, default=10000.0)))
    high = max(high, low + 1)

    def y(value: float) -> float:
        return top + PANEL * (1 - (log10(max(1.0, value)) - low) / (high - low))

    parts = [f'<text x="{LEFT}" y="{top - 8}">milliseconds to the answer</text>']
    parts += [_grid(y(10.0**power), f"{10.0**power / 1000:,g}") for power in range(low, high + 1)]
    return parts + _lines(LATENCIES, rows, end, y, top)


def _lines(
    lines: Sequence[tuple[str, str, Value]], rows: Sequence[Row], end: float, y: Callable[[float], float], top: int
) -> list[str]:
    parts = []
    for number, (name, colour, value) in enumerate(lines):
        for piece in _pieces(rows, value):
            points = " ".join(f"{_x(at, end):.1f},{y(found):.1f}" for at, found in piece)
            if len(piece) == 1:
                cx, cy = points.split(",")
                parts.append(f'<circle cx="{cx}" cy="{cy}" r="3" fill="{colour}"/>')
            else:
                parts.append(f'<polyline points="{points}" stroke="{colour}"><title>{escape(name)}</title></polyline>')
        x, middle = WIDTH - RIGHT + 14, top + 10 + 20 * number
        parts.append(f'<line x1="{x}" y1="{middle}" x2="{x + 18}" y2="{middle}" stroke="{colour}" stroke-width="3"/>')
        parts.append(f'<text x="{x + 24}" y="{middle + 4}">{escape(name)}</text>')
    return parts


def _pieces(rows: Sequence[Row], value: Value) -> list[list[tuple[float, float]]]:
    """The points of a line, cut where there is no value."""
    pieces: list[list[tuple[float, float]]] = [[]]
    for row in rows:
        found = value(row)
        if found is not None:
            pieces[-1].append((row.at_s, found))
        elif pieces[-1]:
            pieces.append([])
    return [piece for piece in pieces if piece]


def _x(at: float, end: float) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * (at / end if end else 0.0)


def _grid(y: float, label: str) -> str:
    line = f'<line class="grid" x1="{LEFT}" y1="{y:.1f}" x2="{WIDTH - RIGHT}" y2="{y:.1f}"/>'
    return f'{line}<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{label}</text>'


def _seconds(end: float) -> list[str]:
    bottom = TOP + 2 * PANEL + GAP
    step = _step(end / 8)
    parts = [f'<line class="axis" x1="{LEFT}" y1="{bottom}" x2="{WIDTH - RIGHT}" y2="{bottom}"/>']
    at = 0.0
    while at <= end * 1.0001:
        parts.append(f'<text x="{_x(at, end):.1f}" y="{bottom + 20}" text-anchor="middle">{at:g} s</text>')
        at = round(at + step, 9)
    return parts


def _step(about: float) -> float:
    """1, 2 or 5 times a power of ten: what one counts by."""
    if about <= 0:
        return 1.0
    power = 10.0 ** floor(log10(about))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= about * 0.999)
