"""What keeps a scenario from being played: told like an error in its file, never as a traceback."""

from simulator.scenario import Place


class RunError(Exception):
    """An item of `traffic` can't be done."""

    def __init__(self, message: str, place: Place | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.place = place

    def __str__(self) -> str:
        return f"{self.place}: {self.message}" if self.place is not None and self.place.line else self.message
