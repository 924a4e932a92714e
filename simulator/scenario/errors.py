"""What is wrong with a scenario file: where, what, and what would have been right. All of it at once."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

MOST_ERRORS = 200
"""More are counted, but not told."""


@dataclass(frozen=True, slots=True)
class ScenarioError:
    """One thing that is wrong."""

    file: str
    line: int
    """From 1; 0: the error is about the file as a whole."""
    column: int
    """From 1."""
    message: str
    source_line: str = ""
    hint: str | None = None
    """What the author probably meant, as a full sentence part: `did you mean 'delivered'?`."""

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        return f"{where}: {self.message}{f' - {self.hint}' if self.hint else ''}"

    def render(self) -> str:
        """The error with its line and a caret under the place."""
        if not self.line or not self.source_line.strip():
            return str(self)
        line, column = _window(self.source_line, self.column)
        # tabs stay tabs, so that the caret stands where the terminal shows the place
        blank = "".join("\t" if character == "\t" else " " for character in line[: column - 1])
        return f"{self}\n  {line}\n  {blank}^"


class ScenarioErrors(ValueError):
    """A scenario that can't be used, with everything that is wrong with it, in the order of the file."""

    def __init__(self, errors: Iterable[ScenarioError]) -> None:
        self.errors = tuple(errors)
        super().__init__(self.render())

    def render(self) -> str:
        return "\n".join(error.render() for error in self.errors)

    def __str__(self) -> str:
        return self.render()


def did_you_mean(word: str, known: Iterable[str]) -> str | None:
    """`did you mean 'x'?`, where one of the `known` is near enough; None: none is."""
    by_fold = {name.casefold().replace("-", "_"): name for name in known}
    near = get_close_matches(word[:100].casefold().replace("-", "_"), by_fold, n=1, cutoff=0.66)
    return f"did you mean '{by_fold[near[0]]}'?" if near else None


def shown(value: object) -> str:
    """A value as an error message shows it: short, and on one line."""
    if isinstance(value, dict):
        return "a mapping" if value else "an empty mapping"
    if isinstance(value, list):
        return "a list" if value else "an empty list"
    if value is None:
        return "nothing"
    text = " ".join((value if isinstance(value, str) else str(value).lower()).split())
    return f"'{text if len(text) <= 60 else text[:57] + '...'}'"


_WIDEST = 160


def _window(line: str, column: int) -> tuple[str, int]:
    """The part of a long line around `column`."""
    if len(line) <= _WIDEST:
        return line, column
    start = max(0, min(column - 1 - _WIDEST // 2, len(line) - _WIDEST))
    return line[start : start + _WIDEST], column - start
