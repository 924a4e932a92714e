"""What a run has come to: the record of each message, the verdict on each expectation, and the totals."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from simulator.runner.records import InboundSeen, ReceiptSeen, Walk, WebhookSeen


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether one expectation held."""

    expectation: str
    """In words: `otp walks pending > ... > delivered`."""
    line: str
    """`file:line` of it."""
    held: bool
    source: str = ""
    """That line."""
    failures: tuple[str, ...] = ()
    """What was expected, what came, when, and the message's timeline: one text for each message that failed."""

    @property
    def text(self) -> str:
        """All about the failure."""
        return "\n\n".join(self.failures)


@dataclass(slots=True)
class Report:
    """One scenario's run."""

    name: str
    description: str
    file: str
    seed: int
    clock: str
    started_at: int = 0
    """The first instant, in simulated time."""
    ended_at: int = 0
    elapsed_s: float = 0.0
    """Real time."""
    walks: list[Walk] = field(default_factory=list)
    inbound: list[InboundSeen] = field(default_factory=list)
    stray_receipts: list[ReceiptSeen] = field(default_factory=list)
    stray_webhooks: list[WebhookSeen] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    receipts: int = 0
    webhooks: int = 0
    verdicts: list[Verdict] = field(default_factory=list)
    error: str | None = None
    """What kept the scenario from being played, as `file:line: message`."""
    interrupted: bool = False
    """Ctrl-C, or the time limit, came before the end."""

    @property
    def held(self) -> int:
        return sum(verdict.held for verdict in self.verdicts)

    @property
    def failed(self) -> int:
        return sum(not verdict.held for verdict in self.verdicts)

    @property
    def ok(self) -> bool:
        return self.error is None and not self.failed

    @property
    def failures(self) -> str:
        """All that went wrong, as a text; empty: nothing did."""
        parts = [self.error] if self.error is not None else []
        parts += [
            f"{verdict.line}: {verdict.expectation}\n{verdict.text}" for verdict in self.verdicts if not verdict.held
        ]
        return "\n\n".join(parts)

    @property
    def simulated(self) -> int:
        """Milliseconds of simulated time."""
        return self.ended_at - self.started_at

    @property
    def totals(self) -> dict[str, int]:
        """Recipients by status, and the other names that `totals` expectations know; only what there is."""
        return totals_of(self.walks, self.receipts, self.webhooks)


def totals_of(walks: Sequence[Walk], receipts: int, webhooks: int) -> dict[str, int]:
    found: Counter[str] = Counter()
    for walk in walks:
        if walk.response is not None and (walk.via == "smpp" or walk.index == 0):  # once for each message
            found["accepted" if walk.response.ok else "refused"] += 1
        if walk.status is not None and walk.status != "accepted":
            found[walk.status] += 1
        if walk.is_final and walk.history[-1].cause == "timeout":
            found["timeout"] += 1
    found["receipts"] = receipts
    found["webhooks"] = webhooks
    return {name: count for name, count in found.items() if count}
