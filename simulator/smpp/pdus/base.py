"""What all PDUs share: the header's two changing numbers, and a table of fields.

What it is: the base class, and the few lines that turn a dataclass into a table. A PDU class in this folder
reads like its table in the standard: the fields in the order of the wire, each with its size and the
command_status that the standard names for a bad value. The same declarations serve the codec, the
dissector and the tests.

`tlvs`, where an operation has it, is the last field: tag -> value, as `tlv` says.

What it is not: codec. A PDU here knows its fields, not how they become octets.

Why `sequence_number` and `command_status` come first: they are in the header, which comes first.
"""

import dataclasses
from dataclasses import dataclass
from typing import ClassVar

from simulator.smpp.constants import RESPONSE_BIT, CommandId
from simulator.smpp.fields import Kind


@dataclass(slots=True)
class Pdu:
    """One operation (SMPP v3.4 section 3.2). A request's `command_status` is 0."""

    command_id: ClassVar[CommandId]
    table: ClassVar[tuple[Kind, ...]] = ()
    """The mandatory parameters, in the order of the wire."""
    has_tlvs: ClassVar[bool] = False
    """Whether optional parameters may follow."""
    response_class: ClassVar["type[Pdu] | None"] = None
    """The class that answers this one; None for responses and for what is not answered."""

    sequence_number: int = 0
    command_status: int = 0

    @classmethod
    def is_response(cls) -> bool:
        return bool(cls.command_id & RESPONSE_BIT)

    @classmethod
    def operation(cls) -> str:
        """The standard's name: `submit_sm_resp`."""
        return cls.command_id.name.lower()


def adopt(cls: type[Pdu]) -> None:
    """Fill `table` and `has_tlvs` from the dataclass's declarations. Called once for each class."""
    kinds = []
    for field in dataclasses.fields(cls):
        kind = field.metadata.get("kind")
        if isinstance(kind, Kind):
            kind.name = field.name
            kinds.append(kind)
    cls.table = tuple(kinds)
    cls.has_tlvs = any(field.name == "tlvs" for field in dataclasses.fields(cls))
