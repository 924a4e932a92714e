"""Which of the two languages a client asks for (`Accept-Language`, RFC 9110 12.5.4; decision D29)."""

from functools import lru_cache

from simulator.gateway.errors import Language

_MOST_RANGES = 32
_LONGEST = 1000


@lru_cache(maxsize=256)
def language_of(header: str | None) -> Language:
    """French if it is wanted more than English; what can't be read counts for nothing."""
    if not header or len(header) > _LONGEST:
        return "en"
    weights: dict[str, float] = {}
    for place, part in enumerate(header.split(",")[:_MOST_RANGES]):
        tag, _, parameter = part.partition(";")
        primary = tag.strip().lower().partition("-")[0]
        weight = _weight(parameter)
        if primary in ("en", "fr", "*") and weight > 0:
            weights.setdefault(primary, weight - place / 1e6)  # of two equal ones the first is preferred
    anything = weights.get("*", 0.0)
    return "fr" if weights.get("fr", 0.0) > max(weights.get("en", 0.0), anything) else "en"


def _weight(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    if not name:
        return 1.0
    try:
        weight = float(value) if name.strip().lower() == "q" else 0.0
    except ValueError:
        return 0.0
    return weight if 0.0 <= weight <= 1.0 else 0.0
