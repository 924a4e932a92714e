"""How a message_id is spelled, and read again: one function of the message's key a format, and its inverse.

Nothing is stored to find a message by its id. All formats differ in length or alphabet, so an id is understood in any
of them: what a client saw in a receipt it may use in query_sm.
"""

from collections.abc import Iterable

from simulator.engine import IdFormat
from simulator.engine.chance import prefix_of

_BASE36 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_TEXT_DIGITS = 13  # 36**13 > 2**63


def spell_id(key: int, form: IdFormat) -> str:
    """`decimal`: 19 digits; `hex`, `HEX`: 16; `uuid`: 36 characters; `text`: M and 13 digits of base 36."""
    match form:
        case "decimal":
            return f"{key:019d}"
        case "hex":
            return f"{key:016x}"
        case "HEX":
            return f"{key:016X}"
        case "uuid":
            digits = f"{key:016x}{prefix_of(key):08x}"
            return f"{digits[:8]}-{digits[8:12]}-4{digits[12:15]}-a{digits[15:18]}-{digits[18:24]}{digits[:6]}"
        case "text":
            spelled = ""
            for _ in range(_TEXT_DIGITS):
                key, digit = divmod(key, 36)
                spelled = _BASE36[digit] + spelled
            return "M" + spelled


def spell_ids(keys: Iterable[int], form: IdFormat) -> list[bytes]:
    """The same for many, as octets."""
    if form == "decimal":
        return [b"%019d" % key for key in keys]
    return [spell_id(key, form).encode() for key in keys]


def parse_id(message_id: str) -> int | None:
    """The key of an id in any format; None if it is none of ours."""
    try:
        match len(message_id):
            case 19:
                key, form = int(message_id), "decimal"
            case 16:
                key, form = int(message_id, 16), "hex"
            case 36:
                digits = message_id.replace("-", "")
                key, form = int(digits[:12] + digits[13:16] + digits[17:18], 16), "uuid"
            case 14:
                key, form = int(message_id[1:], 36), "text"
            case _:
                return None
    except ValueError:
        return None
    spelled = spell_id(key, form)  # type: ignore[arg-type]  # one of the four
    return key if spelled == message_id or spelled == message_id.lower() else None


class ShortIds:
    """The ids of messages that came by SMPP 3.3, whose message_id has at most 8 characters: hexadecimal
    numbers of 32 bits.

    They are too short to be found by without a table. A number that is taken gives way to the next one.
    """

    MOST = 1_000_000

    def __init__(self) -> None:
        self._keys: dict[int, int] = {}
        self._numbers: dict[int, int] = {}

    def number(self, key: int) -> int:
        """The number of a message, the same each time."""
        number = self._numbers.get(key)
        if number is None:
            number = key & 0xFFFF_FFFF
            while number in self._keys:
                number = (number + 1) & 0xFFFF_FFFF
            if len(self._keys) >= self.MOST:
                oldest = next(iter(self._keys))
                del self._numbers[self._keys.pop(oldest)]
            self._keys[number] = key
            self._numbers[key] = number
        return number

    def key(self, message_id: str) -> int | None:
        """The key of the message with this id; None: there is none."""
        if len(message_id) != 8:
            return None
        try:
            return self._keys.get(int(message_id, 16))
        except ValueError:
            return None
