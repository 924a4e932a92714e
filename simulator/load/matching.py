"""Which message a receipt is about, and whether it is the first for it.

What it is: message ids, as the answers to submits gave them, and when each message was due. A receipt settles one;
what is left at the end is missing, what comes again is doubled, what nobody knows is unknown.

Why forms: many an SMSC writes the id in hexadecimal in one place and in decimal in the other, or pads it. Whether `10`
means ten or sixteen no single receipt tells, so the first receipts are held back, each form is tried on all of them,
and the one that finds the most messages stays.
"""

from collections.abc import Callable, Iterable
from typing import Final, Literal

Key = bytes | int
Form = Literal["same", "number", "hex of decimal", "decimal of hex", "hex"]

FORMS: Final[tuple[Form, ...]] = ("same", "number", "hex of decimal", "decimal of hex", "hex")
"""How the id of a receipt relates to that of the answer: octet for octet; the same decimal number (padded); one in
hexadecimal, the other not; the same hexadecimal number (padded, or in the other case). Ties go to the first."""

SAMPLE: Final = 64
"""How many receipts decide. Of 64 ids in a row some have a letter in hexadecimal."""
REMEMBERED: Final = 1_000_000
"""How many settled messages are remembered, at least, to tell a doubled receipt from an unknown one."""

Heard = tuple[bytes, int]
"""A receipt: the id that it gives, and when it came (microseconds)."""


def _number(base: int) -> Callable[[bytes], Key]:
    def key(text: bytes) -> Key:
        try:
            return int(text, base)
        except ValueError:
            return text

    return key


def _as_is(text: bytes) -> Key:
    return text


_KEYS: Final[dict[Form, tuple[Callable[[bytes], Key], Callable[[bytes], Key]]]] = {
    "same": (_as_is, _as_is),
    "number": (_number(10), _number(10)),
    "hex of decimal": (_number(10), _number(16)),
    "decimal of hex": (_number(16), _number(10)),
    "hex": (_number(16), _number(16)),
}
"""Form -> what makes the key of an answer's id, and that of a receipt's."""


class Matching:
    """All messages of a run whose receipt is awaited, over all sessions."""

    def __init__(self, form: Form | None = None) -> None:
        """`form`: how ids relate; None: find out."""
        self.form: Form | None = form
        self.matched = 0
        self.doubled = 0
        self._undecided = form is None
        self._waiting: dict[Key, int] = {}
        self._settled: set[Key] = set()
        self._settled_before: set[Key] = set()
        self._early: dict[Key, list[int]] = {}
        self._held: list[Heard] = []
        self._try_at = SAMPLE
        self._of_answer, self._of_receipt = _KEYS[form or "same"]

    @property
    def missing(self) -> int:
        """How many messages still have no receipt."""
        return len(self._waiting)

    @property
    def unknown(self) -> int:
        """How many receipts are about no message that was sent: right only once all answers have come."""
        return sum(len(times) for times in self._early.values())

    def expect(self, ids: Iterable[bytes], dues: Iterable[int]) -> list[int]:
        """Answers gave these ids to messages that were due then. Gives the latencies of receipts that came before."""
        if self.form not in (None, "same"):
            ids = map(self._of_answer, ids)  # type: ignore[arg-type]
        if not self._early:
            self._waiting.update(zip(ids, dues, strict=True))
            return []
        found: list[int] = []
        for key, due in zip(ids, dues, strict=True):
            times = self._early.pop(key, None)
            if times is None:
                self._waiting[key] = due
            else:
                self.matched += 1
                self.doubled += len(times) - 1
                self._settle([key])
                found.append(times[0] - due)
        return found

    def receipts(self, heard: list[Heard]) -> list[int]:
        """Receipts have come. Gives the latencies of the messages that they settle."""
        if self._undecided:
            self._held += heard
            return self.decide() if len(self._held) >= self._try_at else []
        found: list[int] = []
        settled: list[Key] = []
        take, of_receipt = self._waiting.pop, self._of_receipt
        plain = of_receipt is _as_is
        for text, at in heard:
            key = text if plain else of_receipt(text)
            due = take(key, None)
            if due is not None:
                found.append(at - due)
                settled.append(key)
            elif key in self._settled or key in self._settled_before or key in settled:
                self.doubled += 1
            else:
                self._early.setdefault(key, []).append(at)
        self.matched += len(found)
        self._settle(settled)
        return found

    def decide(self, *, final: bool = False) -> list[int]:
        """Settle on a form by the receipts that were held back, and let them count. `final`: though they be few."""
        held = self._held
        if not (self._undecided and held):
            return []
        hits = {"same": self._hits("same", held)}
        if hits["same"] < len(held):
            hits |= {form: self._hits(form, held) for form in FORMS[1:]}
        best = max(FORMS, key=lambda form: hits.get(form, 0))
        # Receipts may be ahead of the answers on another session: then none is found yet, in any form.
        if hits[best] * 2 < len(held) < 64 * SAMPLE and not final:
            self._try_at = 2 * len(held)
            return []
        self._undecided = False
        self._held = []
        self.form = best
        self._of_answer, self._of_receipt = _KEYS[best]
        if best != "same":
            self._waiting = {self._of_answer(key): due for key, due in self._waiting.items() if isinstance(key, bytes)}
        return self.receipts(held)

    def _hits(self, form: Form, held: list[Heard]) -> int:
        of_answer, of_receipt = _KEYS[form]
        sought = {of_receipt(text) for text, _ in held}
        if form == "same":
            return len(sought & self._waiting.keys())
        return len(sought.intersection(of_answer(key) for key in self._waiting if isinstance(key, bytes)))

    def _settle(self, keys: list[Key]) -> None:
        self._settled.update(keys)
        if len(self._settled) > REMEMBERED:
            self._settled_before, self._settled = self._settled, set()
