"""The engine: messages, what becomes of them, and when. Pure: no I/O, no wall clock but the one it is given.

*Plan, then play.* When a message is accepted, its whole itinerary is drawn at once (`plans`), by the path that
the first matching rule names (`rules`, `paths`), with chance keyed by the message itself (`chance`). From then on
its status at any instant is a look-up in that plan; only what somebody can observe gets a date in the
`calendar`. Nothing here knows HTTP, SMPP or YAML.
"""

from simulator.engine.accounts import Account, Accounts
from simulator.engine.aggregate import Counters, aggregate_status, count
from simulator.engine.calendar import Calendar, Timer
from simulator.engine.causes import CAUSES, Cause
from simulator.engine.chance import Chance
from simulator.engine.clock import Activity, Clock, ManualClock, RealClock, make_clock
from simulator.engine.core import Door, Engine, IllegalTransition
from simulator.engine.messages import BatchRecipient, Message, Recipient, Watch
from simulator.engine.paths import Attempts, Go, Path
from simulator.engine.plans import Plan, Step
from simulator.engine.rules import Match, Outcomes, Refusal, Rule, Rules
from simulator.engine.segments import Segmentation, segment
from simulator.engine.statuses import TERMINAL, TRANSITIONS, Status

__all__ = [
    "CAUSES",
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
    "Clock",
    "Counters",
    "Door",
    "Engine",
    "Go",
    "IllegalTransition",
    "ManualClock",
    "Match",
    "Message",
    "Outcomes",
    "Path",
    "Plan",
    "RealClock",
    "Recipient",
    "Refusal",
    "Rule",
    "Rules",
    "Segmentation",
    "Status",
    "Step",
    "Timer",
    "Watch",
    "aggregate_status",
    "count",
    "make_clock",
    "segment",
]
