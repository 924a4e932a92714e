"""The kinds of field that PDUs are made of, and how each is read, written and judged.

What it is: Integer, C-Octet String, Octet String (SMPP v3.4 section 3.1) and the two lists of submit_multi.
A PDU class declares its fields with the functions at the end (`integer`, `c_octet`, ...) in the order of
the standard's table; the declaration carries the size and the command_status that the standard names for
a bad value. One loop in `codec` then reads and writes every operation.

What it is not: fast. A loop over kinds costs some ten microseconds a PDU. The three PDUs that load is made
of go through `fast`, and a property test holds that both ways give the same.

Why reading has two strengths: *structure* (does the field fit the bytes?) is always checked, since what
follows can't be found otherwise. *Values* are checked only when asked for (`validate`): an SMSC must
judge its clients, but a client that judged a carrier's receipts would lose most of them.
"""

import dataclasses
from collections.abc import Callable
from typing import Any, ClassVar, Final, NamedTuple

from simulator.smpp.status import CommandStatus, status_name

Value = Any
MAX_TON: Final = 6
MAX_NPI: Final = 18


class PduError(ValueError):
    """A PDU that breaks the standard: whose field, where in the PDU, and what would have been right.

    `command_status` is what the peer is to be told. `offset` counts from the first octet of the header.
    """

    def __init__(self, command_status: int, field: str, offset: int, why: str) -> None:
        super().__init__(command_status, field, offset, why)
        self.command_status = command_status
        self.field = field
        self.offset = offset
        self.why = why

    def __str__(self) -> str:
        return f"{self.field} at octet {self.offset}: {self.why} ({status_name(self.command_status)})"


class Kind:
    """How one field is read and written. `name` is set when a PDU class adopts it."""

    standard_name: ClassVar[str] = ""
    default: ClassVar[Any] = None

    def __init__(self, status: CommandStatus) -> None:
        self.name = ""
        self.status = status

    def read(self, data: bytes, at: int, end: int) -> tuple[Value, int]:
        """The value that starts at `at`, and where the next field starts. Raises PduError."""
        raise NotImplementedError

    def check(self, value: Value, at: int) -> None:
        """Raise PduError if a client may not send this value."""

    def write(self, value: Value, out: bytearray) -> None:
        """Append the value. Raises PduError if it can't be put on the wire at all."""
        raise NotImplementedError

    def fault(self, at: int, why: str) -> PduError:
        return PduError(self.status, self.name, at, why)

    def ends_early(self, at: int) -> PduError:
        why = f"the PDU ends here, where {self.standard_name} {self.name} should begin or go on"
        return PduError(CommandStatus.ESME_RINVCMDLEN, self.name, at, why)


class Integer(Kind):
    """Unsigned, big-endian, of 1, 2 or 4 octets."""

    standard_name = "Integer"
    default = 0

    def __init__(
        self, size: int, status: CommandStatus, high: int | None = None, valid: frozenset[int] | None = None
    ) -> None:
        super().__init__(status)
        self.size = size
        self.high = high
        self.valid = valid

    def read(self, data: bytes, at: int, end: int) -> tuple[int, int]:
        after = at + self.size
        if after > end:
            raise self.ends_early(at)
        return int.from_bytes(data[at:after], "big"), after

    def check(self, value: int, at: int) -> None:
        if self.high is not None and value > self.high:
            raise self.fault(at, f"{value} is not one of the values 0 to {self.high}")
        if self.valid is not None and value not in self.valid:
            raise self.fault(at, f"0x{value:02X} is a value that the standard reserves")

    def write(self, value: int, out: bytearray) -> None:
        try:
            out += value.to_bytes(self.size, "big")
        except OverflowError:
            raise self.fault(len(out), f"{value} does not fit into {self.size} octet(s)") from None


class COctetString(Kind):
    """Text that ends with a NUL, which counts into `size`.

    Kept as `str` in Latin-1: every octet is a character, so no peer can send one that raises.
    """

    standard_name = "C-Octet String"
    default = ""

    def __init__(
        self,
        size: int,
        status: CommandStatus,
        *,
        required: bool = False,
        fixed: bool = False,
        valid: Callable[[str], bool] | None = None,
    ) -> None:
        super().__init__(status)
        self.size = size
        self.required = required
        self.fixed = fixed
        self.valid = valid

    def read(self, data: bytes, at: int, end: int) -> tuple[str, int]:
        if at >= end:
            raise self.ends_early(at)
        nul = data.find(0, at, min(end, at + self.size))
        if nul < 0:
            raise self.fault(at, f"no NUL within the {self.size} octets that it may take")
        return data[at:nul].decode("latin-1"), nul + 1

    def check(self, value: str, at: int) -> None:
        if not value:
            if self.required:
                raise self.fault(at, "it is empty, and must not be")
            return
        if self.fixed and len(value) != self.size - 1:
            raise self.fault(at, f"{value!r} must be empty or of {self.size - 1} characters")
        if self.valid is not None and not self.valid(value):
            raise self.fault(at, f"{value!r} is not a valid value")

    def write(self, value: str, out: bytearray) -> None:
        try:
            octets = value.encode("latin-1")
        except UnicodeEncodeError:
            raise self.fault(len(out), f"{value!r} has characters beyond Latin-1") from None
        if len(octets) >= self.size:
            raise self.fault(len(out), f"{len(octets)} octets and a NUL are more than {self.size}")
        if 0 in octets:
            raise self.fault(len(out), f"{value!r} has a NUL inside, which would end it")
        out += octets
        out.append(0)


class OctetString(Kind):
    """Octets after a one-octet length, which is a field of its own in the standard (`length_field`)."""

    standard_name = "Octet String"
    default = b""

    def __init__(self, high: int, status: CommandStatus, length_field: str) -> None:
        super().__init__(status)
        self.high = high
        self.length_field = length_field

    def read(self, data: bytes, at: int, end: int) -> tuple[bytes, int]:
        if at >= end:
            raise self.ends_early(at)
        start, length = at + 1, data[at]
        if start + length > end:
            raise self.fault(at, f"{self.length_field} says {length} octets, but {end - start} follow")
        return data[start : start + length], start + length

    def check(self, value: bytes, at: int) -> None:
        if len(value) > self.high:
            raise self.fault(at, f"{self.length_field} is {len(value)}, more than {self.high}")

    def write(self, value: bytes, out: bytearray) -> None:
        if len(value) > 255:
            raise self.fault(len(out), f"{len(value)} octets; {self.length_field} is one octet")
        out.append(len(value))
        out += value


class SmeAddress(NamedTuple):
    """A destination that is a phone or an application (dest_flag 1)."""

    dest_addr_ton: int
    dest_addr_npi: int
    destination_addr: str


class DistributionList(NamedTuple):
    """A destination that is a list kept at the SMSC (dest_flag 2)."""

    dl_name: str


class UnsuccessSme(NamedTuple):
    """One destination that submit_multi could not take, and why."""

    dest_addr_ton: int
    dest_addr_npi: int
    destination_addr: str
    error_status_code: int


def _named(kind: Kind, name: str) -> Any:
    kind.name = name
    return kind


_TON: Final[Integer] = _named(Integer(1, CommandStatus.ESME_RINVDSTTON, MAX_TON), "dest_addr_ton")
_NPI: Final[Integer] = _named(Integer(1, CommandStatus.ESME_RINVDSTNPI, MAX_NPI), "dest_addr_npi")
_ADDR: Final[COctetString] = _named(COctetString(21, CommandStatus.ESME_RINVDSTADR, required=True), "destination_addr")
_DL_NAME: Final[COctetString] = _named(COctetString(21, CommandStatus.ESME_RINVDLNAME, required=True), "dl_name")
_ERROR: Final[Integer] = _named(Integer(4, CommandStatus.ESME_RUNKNOWNERR), "error_status_code")


def _read_address(data: bytes, at: int, end: int) -> tuple[int, int, str, int]:
    ton, at = _TON.read(data, at, end)
    npi, at = _NPI.read(data, at, end)
    addr, at = _ADDR.read(data, at, end)
    return ton, npi, addr, at


class DestAddresses(Kind):
    """number_of_dests and then so many addresses, each after its dest_flag (SMPP v3.4 section 4.5.1)."""

    standard_name = "list"

    def read(self, data: bytes, at: int, end: int) -> tuple[list[SmeAddress | DistributionList], int]:
        if at >= end:
            raise self.ends_early(at)
        found: list[SmeAddress | DistributionList] = []
        count, at = data[at], at + 1
        for _ in range(count):
            if at >= end:
                raise self.ends_early(at)
            flag = data[at]
            if flag == 1:
                ton, npi, addr, at = _read_address(data, at + 1, end)
                found.append(SmeAddress(ton, npi, addr))
            elif flag == 2:
                name, at = _DL_NAME.read(data, at + 1, end)
                found.append(DistributionList(name))
            else:
                why = f"{flag} is neither 1 (SME address) nor 2 (distribution list)"
                raise PduError(CommandStatus.ESME_RINVDESTFLAG, "dest_flag", at, why)
        return found, at

    def check(self, value: list[SmeAddress | DistributionList], at: int) -> None:
        if not value:
            raise self.fault(at, "number_of_dests is 0; there must be at least one destination")
        for dest in value:
            if isinstance(dest, SmeAddress):
                _TON.check(dest.dest_addr_ton, at)
                _NPI.check(dest.dest_addr_npi, at)
                _ADDR.check(dest.destination_addr, at)
            else:
                _DL_NAME.check(dest.dl_name, at)

    def write(self, value: list[SmeAddress | DistributionList], out: bytearray) -> None:
        if len(value) > 255:
            raise self.fault(len(out), f"{len(value)} destinations; number_of_dests is one octet")
        out.append(len(value))
        for dest in value:
            if isinstance(dest, SmeAddress):
                out.append(1)
                _TON.write(dest.dest_addr_ton, out)
                _NPI.write(dest.dest_addr_npi, out)
                _ADDR.write(dest.destination_addr, out)
            else:
                out.append(2)
                _DL_NAME.write(dest.dl_name, out)


class UnsuccessSmes(Kind):
    """no_unsuccess and then so many addresses with a status each (SMPP v3.4 section 4.5.2)."""

    standard_name = "list"

    def read(self, data: bytes, at: int, end: int) -> tuple[list[UnsuccessSme], int]:
        if at >= end:
            raise self.ends_early(at)
        found = []
        count, at = data[at], at + 1
        for _ in range(count):
            ton, npi, addr, at = _read_address(data, at, end)
            error, at = _ERROR.read(data, at, end)
            found.append(UnsuccessSme(ton, npi, addr, error))
        return found, at

    def write(self, value: list[UnsuccessSme], out: bytearray) -> None:
        if len(value) > 255:
            raise self.fault(len(out), f"{len(value)} destinations; no_unsuccess is one octet")
        out.append(len(value))
        for sme in value:
            _TON.write(sme.dest_addr_ton, out)
            _NPI.write(sme.dest_addr_npi, out)
            _ADDR.write(sme.destination_addr, out)
            _ERROR.write(sme.error_status_code, out)


def integer(
    status: CommandStatus = CommandStatus.ESME_RSYSERR,
    *,
    high: int | None = None,
    valid: frozenset[int] | None = None,
    default: int = 0,
) -> Any:
    """Declare a one-octet Integer; a client may send values up to `high`, or those in `valid`."""
    return dataclasses.field(default=default, metadata={"kind": Integer(1, status, high, valid)})


def c_octet(
    size: int,
    status: CommandStatus,
    *,
    required: bool = False,
    fixed: bool = False,
    valid: Callable[[str], bool] | None = None,
) -> Any:
    """Declare a C-Octet String of at most `size` octets, NUL included (exactly `size` or 1 if `fixed`)."""
    kind = COctetString(size, status, required=required, fixed=fixed, valid=valid)
    return dataclasses.field(default="", metadata={"kind": kind})


def octets(high: int, status: CommandStatus, *, length_field: str) -> Any:
    """Declare an Octet String preceded by its length."""
    return dataclasses.field(default=b"", metadata={"kind": OctetString(high, status, length_field)})


def dest_addresses() -> Any:
    """Declare submit_multi's list of destinations."""
    kind = DestAddresses(CommandStatus.ESME_RINVNUMDESTS)
    return dataclasses.field(default_factory=list, metadata={"kind": kind})


def unsuccess_smes() -> Any:
    """Declare submit_multi_resp's list of destinations that failed."""
    kind = UnsuccessSmes(CommandStatus.ESME_RINVNUMDESTS)
    return dataclasses.field(default_factory=list, metadata={"kind": kind})
