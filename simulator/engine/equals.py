"""Equal messages: the same account, source, destination and text. How many came makes the difference in their keys."""

from collections.abc import Collection

from simulator.engine.chance import key_of_equal
from simulator.engine.remembered import Remembered


class Equals:
    """Tells them apart. Counts are known of those that came last: at least `keep`/2, at most `keep` of them; the others
    count as 1 as long as the first one is remembered."""

    __slots__ = ("_half", "_messages", "_new", "_old")

    def __init__(self, messages: Remembered, keep: int) -> None:
        self._messages = messages
        self._half = max(keep // 2, 1)
        # the key of the first one -> how many there were
        self._new: dict[int, int] = {}
        self._old: dict[int, int] = {}

    def __len__(self) -> int:
        return len(self._new) + len(self._old)

    def key(self, first: int, taken: Collection[int] = ()) -> int:
        """The key of a message, none of the `taken` ones; `first` is what it is if it had no equal."""
        number = self._number(first) or int(first in taken)
        if not number:
            return first
        while True:
            key = key_of_equal(first, number)
            number += 1
            if key not in self._messages and key not in taken:
                break
        self._count({first: number})
        return key

    def tell_apart(self, keys: list[int]) -> None:
        """The same for many: put the keys that they get in place of those that they had if they had no equals."""
        if self._all_new(keys) or self._all_at_once(keys):
            return
        taken: set[int] = set()
        for index, first in enumerate(keys):
            keys[index] = key = self.key(first, taken)
            taken.add(key)

    def refused(self, first: int) -> None:
        """A message came that isn't remembered."""
        if not (first in self._new or first in self._old):
            self._count({first: 1})

    def _number(self, first: int) -> int:
        """How many came before, for all that is known."""
        return self._new.get(first) or self._old.get(first) or int(first in self._messages)

    def _all_new(self, keys: list[int]) -> bool:
        known = (self._new, self._old, self._messages)
        return len(set(keys)) == len(keys) and all(one.keys().isdisjoint(keys) for one in known)

    def _all_at_once(self, keys: list[int]) -> bool:
        """False: they must be looked at one by one."""
        if len(set(keys)) < len(keys):
            return False
        numbers = {key: number for key in keys if (number := self._number(key))}
        others = dict(zip(numbers, map(key_of_equal, numbers, numbers.values()), strict=True))
        if len(set(others.values())) < len(others) or not self._messages.keys().isdisjoint(others.values()):
            return False
        keys[:] = [others.get(key, key) for key in keys]
        self._count({key: number + 1 for key, number in numbers.items()})
        return True

    def _count(self, numbers: dict[int, int]) -> None:
        self._new.update(numbers)
        if len(self._new) >= self._half:  # whoever was not counted since the last turn is forgotten
            self._old, self._new = self._new, {}
