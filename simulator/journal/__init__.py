"""The journal: all that happened in a simulation, as JSON Lines; written while it goes on, read, and played again.

    sim = Simulator(scenario)
    JournalWriter("run.jsonl", sim)      # before it is started; ends with it
    ...
    difference = await replay(read_journal("run.jsonl"))

`docs/journal.md` has the format.
"""

from simulator.journal.events import Event, Recorder
from simulator.journal.read import Journal, JournalError, read_journal
from simulator.journal.replay import Difference, replay
from simulator.journal.writer import JournalWriter

__all__ = [
    "Difference",
    "Event",
    "Journal",
    "JournalError",
    "JournalWriter",
    "Recorder",
    "read_journal",
    "replay",
]
