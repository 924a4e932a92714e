"""How long a step takes: a fixed time, a range, or one named distribution. All in milliseconds.

One uniform number becomes one delay (by the inverse of the distribution function), so that a delay needs one draw.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import exp, inf, log
from statistics import NormalDist
from typing import Protocol

from simulator.engine.chance import MASK, draw
from simulator.engine.units import LONGEST

_STANDARD = NormalDist()
_MOST = 700.0  # e to the power of 709.8 is more than a float holds


class Delay(Protocol):
    """Anything that says how long."""

    @property
    def fixed(self) -> bool:
        """True: no chance in it, every draw is the same."""

    def at(self, uniform: float) -> int:
        """The delay that `uniform`, in [0, 1), stands for."""

    def drawn(self, site: int) -> Callable[[int], int]:
        """The delay as a function of the luck of which it is drawn at this site."""


class _Drawn:
    """What a delay does with luck."""

    __slots__ = ()

    def at(self, uniform: float) -> int:
        raise NotImplementedError

    def drawn(self, site: int) -> Callable[[int], int]:
        at = self.at
        return lambda luck: at(draw(luck, site))


@dataclass(frozen=True, slots=True)
class Fixed:
    ms: int
    fixed = True

    def at(self, uniform: float) -> int:
        return self.ms

    def drawn(self, site: int) -> Callable[[int], int]:
        ms = self.ms
        return lambda luck: ms


@dataclass(frozen=True, slots=True)
class Uniform(_Drawn):
    """Every whole millisecond from `low` to `high` is as likely."""

    low: int
    high: int
    fixed = False

    def at(self, uniform: float) -> int:
        return self.low + int(uniform * (self.high - self.low + 1))

    def drawn(self, site: int) -> Callable[[int], int]:
        low, number = self.low, self.high - self.low + 1
        return lambda luck: low + ((luck * site & MASK) * number >> 64)  # `draw`, but in whole numbers: the commonest


@dataclass(frozen=True, slots=True)
class Clamped(_Drawn):
    """The bounds that the unbounded distributions share."""

    min: int = 0
    max: int = LONGEST
    fixed = False

    def within(self, value: float) -> int:
        return int(max(self.min, min(self.max, value)) + 0.5)

    @staticmethod
    def normal(uniform: float) -> float:
        """The standard normal variate at this point; the two ends, which are infinite, are cut off."""
        return _STANDARD.inv_cdf(min(max(uniform, 2.0**-53), 1 - 2.0**-53))


@dataclass(frozen=True, slots=True)
class Normal(Clamped):
    mean: int = 0
    sd: int = 0

    def at(self, uniform: float) -> int:
        return self.within(self.mean + self.sd * self.normal(uniform))


@dataclass(frozen=True, slots=True)
class Exponential(Clamped):
    mean: int = 0

    def at(self, uniform: float) -> int:
        return self.within(-self.mean * log(1 - uniform))


@dataclass(frozen=True, slots=True)
class LogNormal(Clamped):
    """Given by its median and by `sigma`, the standard deviation of the logarithm (0.5: most within a factor 3)."""

    median: int = 0
    sigma: float = 0.0

    def at(self, uniform: float) -> int:
        exponent = self.sigma * self.normal(uniform)
        return self.within(self.median * (exp(exponent) if exponent < _MOST else inf))


@dataclass(frozen=True, slots=True)
class Choice(_Drawn):
    """One of several delays, by weight."""

    options: tuple[tuple[int, float], ...]
    """(milliseconds, weight)"""
    fixed = False

    def at(self, uniform: float) -> int:
        rest = uniform * sum(weight for _, weight in self.options)
        for ms, weight in self.options:
            rest -= weight
            if rest < 0:
                return ms
        return self.options[-1][0]


NOTHING = Fixed(0)
