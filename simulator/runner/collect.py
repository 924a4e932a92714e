"""Turns the run's book and the engine's plans into the records of the report."""

from simulator.engine import Engine, Recipient, Status
from simulator.runner.log import Log
from simulator.runner.records import Moment, Walk


def collect(log: Log, engine: Engine) -> list[Walk]:
    """Every recipient's walk, with its history up to now, in the order of sending."""
    now = engine.clock.now()
    walks: list[Walk] = []
    for sent in log.sent:
        message = engine.find(sent.key) if sent.key is not None else None
        for number, walk in enumerate(sent.walks):
            if message is not None and number < len(message.recipients):
                walk.accepted_at = message.accepted_at
                walk.history = history_of(message.recipients[number], now)
            walks.append(walk)
    return walks


def history_of(recipient: Recipient, now: int) -> list[Moment]:
    """All that has happened to a recipient by `now`. One that waited for its dispatch was scheduled before."""
    waited = recipient.message.accepted_at < recipient.started_at
    before = [Moment(recipient.message.accepted_at, str(Status.SCHEDULED))] if waited else []
    return before + [
        Moment(
            at,
            str(step.status),
            step.cause.name if step.cause is not None else None,
            step.cause.error_code if step.cause is not None else None,
            step.attempt,
        )
        for at, step in recipient.history(now)
    ]
