"""The engine: messages, what becomes of them, and when. Pure: no I/O, no wall clock but the one it is given.

*Plan, then play.* When a message is accepted, its whole itinerary is drawn at once (`plans`), by the path that
the first matching rule names (`rules`, `paths`), with chance keyed by the message itself (`chance`). From then on
its status at any instant is a look-up in that plan; only what somebody can observe gets a date in the
`calendar`. Nothing here knows HTTP, SMPP or YAML.
"""

from simulator.engine.accounts import Account, Accounts, Limits, Rate, WebhookTarget
from simulator.engine.aggregate import Counters, aggregate_status, count
from simulator.engine.calendar import Calendar, Timer
from simulator.engine.causes import CAUSES, Cause
from simulator.engine.chance import Chance
from simulator.engine.clock import EPOCH, Activity, Clock, InstantClock, ManualClock, RealClock, make_clock
from simulator.engine.core import Door, Engine, IllegalTransition, Observer
from simulator.engine.delays import Choice, Delay, Exponential, Fixed, LogNormal, Normal, Uniform
from simulator.engine.messages import BatchRecipient, Message, Recipient, Terms, Watch
from simulator.engine.paths import Attempts, Go, Path, PathError, PathStep, Timeout, Waits
from simulator.engine.plans import Plan, Step
from simulator.engine.rules import Match, Outcomes, Refusal, Rule, Rules, comparison, glob, regex
from simulator.engine.segments import Segmentation, segment
from simulator.engine.settings import (
    GatewaySettings,
    IdFormat,
    Outbind,
    ReceiptSettings,
    Reply,
    Retries,
    SmscSettings,
    TlsSettings,
    World,
)
from simulator.engine.statuses import TERMINAL, TRANSITIONS, Status
from simulator.engine.units import format_duration, iso, iso_ms, parse_duration

__all__ = [
    "CAUSES",
    "EPOCH",
    "TERMINAL",
    "TRANSITIONS",
    "Account",
    "Accounts",
    "Activity",
    "Attempts",
    "BatchRecipient",
    "Calendar",
    "Cause",
    "Chance",
    "Choice",
    "Clock",
    "Counters",
    "Delay",
    "Door",
    "Engine",
    "Exponential",
    "Fixed",
    "GatewaySettings",
    "Go",
    "IdFormat",
    "IllegalTransition",
    "InstantClock",
    "Limits",
    "LogNormal",
    "ManualClock",
    "Match",
    "Message",
    "Normal",
    "Observer",
    "Outbind",
    "Outcomes",
    "Path",
    "PathError",
    "PathStep",
    "Plan",
    "Rate",
    "RealClock",
    "ReceiptSettings",
    "Recipient",
    "Refusal",
    "Reply",
    "Retries",
    "Rule",
    "Rules",
    "Segmentation",
    "SmscSettings",
    "Status",
    "Step",
    "Terms",
    "Timeout",
    "Timer",
    "TlsSettings",
    "Uniform",
    "Waits",
    "Watch",
    "WebhookTarget",
    "World",
    "aggregate_status",
    "comparison",
    "count",
    "format_duration",
    "glob",
    "iso",
    "iso_ms",
    "make_clock",
    "parse_duration",
    "regex",
    "segment",
]
