"""An event loop whose timers are right to some ten microseconds.

Why: epoll waits in whole milliseconds, and asyncio rounds up. An open loop of 2,000 messages a second would send each
of them half a millisecond late on average, and show that as the latency of the system under test. `select` waits in
microseconds, and an epoll is itself a file that `select` can wait for.
"""

import asyncio
import select
import selectors
from typing import Any

SHORT_S = 0.05
"""Waits that are longer may be late by a millisecond."""


def new_loop() -> asyncio.AbstractEventLoop:
    """A loop for `asyncio.Runner(loop_factory=new_loop)`; the usual one where there is no epoll."""
    return (
        asyncio.SelectorEventLoop(PreciseSelector())
        if hasattr(selectors, "EpollSelector")
        else asyncio.new_event_loop()
    )


if hasattr(selectors, "EpollSelector"):

    class PreciseSelector(selectors.EpollSelector):
        """An epoll that is waited for with `select`, if the wait is short."""

        def select(self, timeout: float | None = None) -> Any:
            if timeout is not None and 0 < timeout < SHORT_S:
                ready, _, _ = select.select([self.fileno()], [], [], timeout)
                if not ready:
                    return []
                timeout = 0
            return super().select(timeout)
