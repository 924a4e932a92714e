"""All chance there is: numbers drawn from the seed and the message itself, never from the order of arrival.

A message's *key* is a 63-bit hash of (seed, account, source, destination, text, how many equal messages came before).
Ids are spelled from it, and draws are taken from it, so all that is random about a message can be found again at any
time from its key alone. A draw names its *site* (which rule, which step of which path), so that a step put into one
path changes no draw of another, and no draw depends on how many were made before it.
"""

from collections.abc import Iterable
from functools import partial
from struct import Struct

try:  # the interpreter's own: half the set-up cost per call. It mixes bits here, and keeps no secret
    from _md5 import md5  # type: ignore[import-not-found]
except ImportError:
    from hashlib import md5 as _md5

    md5 = partial(_md5, usedforsecurity=False)

MASK = 0xFFFF_FFFF_FFFF_FFFF
_FIRST_HALF = Struct(">Q8x")
_KEY_MASK = MASK >> 1
_GOLDEN = 0x9E37_79B9_7F4A_7C15  # 2^64 / golden ratio, odd: the step of splitmix64


def _mix(value: int) -> int:
    """The finalizer of splitmix64: every input bit moves every output bit."""
    value = ((value ^ (value >> 30)) * 0xBF58_476D_1CE4_E5B9) & MASK
    value = ((value ^ (value >> 27)) * 0x94D0_49BB_1331_11EB) & MASK
    return value ^ (value >> 31)


def _hash(octets: bytes) -> int:
    """64 bits."""
    return int.from_bytes(md5(octets).digest()[:8])


def site(name: str) -> int:
    """The number of a place that draws, from its name: odd, and the same in every process."""
    return _hash(name.encode()) | 1


def subsite(at: int, number: int) -> int:
    """One of the sites of a place that draws several times for the same recipient."""
    return _mix((at + number) & MASK) | 1


def draw(luck: int, at: int) -> float:
    """A number in [0, 1), uniform: what the recipient with this `luck` gets at the site `at`.

    The upper bits of a product with an odd number (multiply-shift hashing): enough, since a luck is well mixed, and
    cheap, since every message of a load test draws several times.
    """
    return ((luck * at & MASK) >> 11) * 2.0**-53


def prefix_of(key: int) -> int:
    """32 more bits for an id that wants 96: a function of the key, so nothing need be stored."""
    return ((key * _GOLDEN) & MASK) >> 32


def luck_of(key: int, *which: int) -> int:
    """The luck of a part of the message with this `key`: `which` tells it from the other parts. The luck of a message
    without parts is its key itself."""
    luck = key
    for number in which:
        luck = _mix((luck + (number + 1) * _GOLDEN) & MASK)
    return luck


def key_of_equal(first: int, equal_before: int) -> int:
    """The key of a message of which equals came before: a function of the first one's key, and of how many came."""
    return _mix((first + equal_before * _GOLDEN) & MASK) & _KEY_MASK


class Chance:
    """The chance of one simulation: what its seed makes of a message."""

    __slots__ = ("_seed", "seed")

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self._seed = str(seed).encode() + b"\0"

    def key(self, content: bytes) -> int:
        """The key of a message of which no equal came before: 63 bits.

        `content` is all that tells the message from others (account, source, destination, text).
        """
        return _hash(self._seed + content) & _KEY_MASK

    def keys(self, contents: Iterable[bytes]) -> list[int]:
        """The same for many."""
        seed = self._seed
        digests = b"".join([md5(seed + content).digest() for content in contents])
        return [half & _KEY_MASK for (half,) in _FIRST_HALF.iter_unpack(digests)]

    def uuid(self, name: str) -> str:
        """A UUID that is a function of the seed and `name`, in the form of version 4."""
        digits = md5(self._seed + b"uuid\0" + name.encode("utf-8", "surrogatepass")).hexdigest()
        variant = "89ab"[int(digits[16], 16) & 3]
        return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"
