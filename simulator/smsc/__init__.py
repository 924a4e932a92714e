"""The SMSC: the SMPP door of the engine. Connections and their sessions, what each operation does, and receipts on
their way to whoever is bound.

The protocol itself is in `simulator.smpp`, which does no I/O; what becomes of a message is the engine's.
"""

from simulator.smsc.connection import Connection
from simulator.smsc.ids import parse_id, spell_id
from simulator.smsc.messages import SmppMessage
from simulator.smsc.server import Smsc
from simulator.smsc.states import message_state

__all__ = ["Connection", "SmppMessage", "Smsc", "message_state", "parse_id", "spell_id"]
