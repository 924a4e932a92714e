"""The SMSC: the SMPP door of the engine. Connections and their sessions, what each operation does, and receipts on
their way to whoever is bound.

The protocol itself is in `simulator.smpp`, which does no I/O; what becomes of a message is the engine's.
"""

from simulator.smsc.connection import Connection
from simulator.smsc.ids import parse_id, spell_id
from simulator.smsc.inbound import Inbound
from simulator.smsc.messages import SmppMessage
from simulator.smsc.parts import LongMessage
from simulator.smsc.server import Smsc
from simulator.smsc.states import message_state
from simulator.smsc.tls import NoCertificate, context_of

__all__ = [
    "Connection",
    "Inbound",
    "LongMessage",
    "NoCertificate",
    "SmppMessage",
    "Smsc",
    "context_of",
    "message_state",
    "parse_id",
    "spell_id",
]
