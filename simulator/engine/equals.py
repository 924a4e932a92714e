"""How many messages with the same content came so far, for those of which more than one came."""


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
        """How many so far: 1 if it isn't known."""
        number = self._new.get(first)
        return self._old.get(first, 1) if number is None else number

    def count(self, first: int, number: int) -> None:
        """Say how many it is now."""
        new = self._new
        new[first] = number
        if len(new) >= self._half:  # whoever was not counted since the last turn is forgotten
            self._old, self._new = new, {}
