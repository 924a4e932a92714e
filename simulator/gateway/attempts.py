"""Who gets webhooks, and the record of each try."""

from typing import NamedTuple


class Target(NamedTuple):
    """Where events are posted, and with which `Authorization`."""

    url: str
    authorization: str | None = None


class Attempt(NamedTuple):
    """One POST of one event to one target."""

    at: int
    """The instant at which it began."""
    url: str
    event_type: str
    event_id: str
    recipient: int | None
    """The place in `to`; None: the event is of the whole message."""
    number: int
    """1 for the first try."""
    status: int | None
    """What was answered; None: nothing."""
    error: str | None
    """Why nothing was: `timeout`, or the failure's name."""
    latency: int
    """Milliseconds of the simulation's time until then."""
    retry_at: int | None
    """The instant of the next try; None: this was the last."""

    @property
    def ok(self) -> bool:
        """The event arrived."""
        return self.status is not None and self.status < 300
