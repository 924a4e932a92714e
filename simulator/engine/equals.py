"""How many messages with the same content came so far, for those of which more than one came."""

from collections.abc import Container, Iterable, Sequence


class Equals:
    """First key -> count. Those that were counted last are known; at least the last `keep`/2, at most `keep`."""

    __slots__ = ("_half", "_new", "_old")

    def __init__(self, keep: int) -> None:
        self._half = max(keep // 2, 1)
        self._new: dict[int, int] = {}
        self._old: dict[int, int] = {}

    def __len__(self) -> int:
        return len(self._new) + len(self._old)

    def __contains__(self, first: int) -> bool:
        return first in self._new or first in self._old

    def isdisjoint(self, keys: list[int]) -> bool:
        """Whether none of these is known."""
        return self._new.keys().isdisjoint(keys) and self._old.keys().isdisjoint(keys)

    def of(self, first: int) -> int:
        """How many so far; 0 if it isn't known."""
        return self._new.get(first) or self._old.get(first, 0)

    def of_all(self, firsts: Iterable[int], others: Container[int]) -> list[int]:
        """The same for each of these; 1 for one that isn't known, but among the `others`."""
        new, old = self._new.get, self._old.get
        return [new(first) or old(first) or (1 if first in others else 0) for first in firsts]

    def count(self, first: int, number: int) -> None:
        """Say how many it is now."""
        self.count_all((first,), (number,))

    def count_all(self, firsts: Sequence[int], numbers: Sequence[int]) -> None:
        """The same for each of these."""
        new = self._new
        new.update(zip(firsts, numbers, strict=True))
        if len(new) >= self._half:  # whoever was not counted since the last turn is forgotten
            self._old, self._new = new, {}
