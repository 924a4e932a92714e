"""One run from the first connection to the last receipt."""

import asyncio
import gc
import os
from collections.abc import Callable, Coroutine, Iterable, Iterator
from contextlib import contextmanager

from simulator.load.feeds import ClosedLoop, Feed, OpenLoop
from simulator.load.http_sender import HttpSender
from simulator.load.matching import Matching
from simulator.load.plan import Plan, PlanError
from simulator.load.requests import Requests
from simulator.load.result import Result, names
from simulator.load.schedule import US, Schedule
from simulator.load.smpp_sender import SmppSender, open_session
from simulator.load.stats import Row, Stats
from simulator.load.submits import Submits
from simulator.load.webhooks import Webhooks

TURN_S = 1.0
"""How long a row of the timeline is."""
AT_ONCE = 50
"""So many connections are opened at the same time."""

Progress = Callable[[Row, Stats, Matching | None], None]


async def run(plan: Plan, *, progress: Progress | None = None, stop: asyncio.Event | None = None) -> Result:
    """Do it. `progress` is called each second. `stop` ends it early, with the result so far.

    Raises PlanError (or another ValueError) for what can't be sent, Unreachable if the endpoint lets no connection in.
    """
    return await _Run(plan, progress, stop or asyncio.Event()).run()


class _Run:
    def __init__(self, plan: Plan, progress: Progress | None, stop: asyncio.Event) -> None:
        self.plan = plan
        self.progress = progress
        self.stop = stop
        self.stats = Stats()
        # The ids of webhooks are those of the answers; carriers are not so simple.
        form = "same" if plan.via == "http" else plan.receipt_ids
        self.matching = Matching(form) if plan.hears_receipts else None
        self.senders: list[SmppSender | HttpSender] = []
        self.webhooks: Webhooks | None = None
        self.loop = asyncio.get_running_loop()
        self.moved = asyncio.Event()
        self.gave_up = False
        self.feed: Feed

    async def run(self) -> Result:
        plan, stats = self.plan, self.stats
        self.feed = self._feed()
        try:
            await self._open()
            wall, cpu = self.loop.time(), _cpu_s()
            with _without_gc():
                stats.begin(int(wall * US))
                self.feed.start(self.senders)
                await self._watch()
            wall, cpu = self.loop.time() - wall, _cpu_s() - cpu
            self._end()
        finally:
            await asyncio.gather(*(_close(sender) for sender in self.senders))
            if self.webhooks is not None:
                await self.webhooks.stop()
        return self._result(plan, wall, cpu)

    def _feed(self) -> Feed:
        plan = self.plan
        if plan.open_loop:
            return OpenLoop(Schedule(list(plan.stages), plan.messages), self.stats)
        return ClosedLoop(plan.messages, plan.duration_s, plan.ramp_s)

    # ---- begin ----

    async def _open(self) -> None:
        """All connections. Raises PlanError, Unreachable."""
        if self.plan.via == "http":
            await self._open_http()
        else:
            await self._open_smpp()
        for sender in self.senders:
            sender.feed = self.feed
            sender.on_progress = self._progressed
            sender.on_end = self.moved.set

    async def _open_smpp(self) -> None:
        plan = self.plan
        submits = Submits(plan.message)
        kinds = plan.bind.split("+")
        gate = asyncio.Semaphore(AT_ONCE)

        async def one(number: int, kind: str) -> None:
            account = plan.accounts[number % len(plan.accounts)]
            async with gate:
                self.senders.append(await open_session(plan, account, kind, submits, self.stats, self.matching))

        # Receivers first, so that no receipt finds nobody. One session alone shows what is wrong before many try.
        for kind in reversed(kinds):
            await one(0, kind)
            await _all(one(number, kind) for number in range(1, plan.connections))

    async def _open_http(self) -> None:
        plan = self.plan
        if plan.http is None:
            raise PlanError("HTTP needs a URL")
        callback_url = None
        if plan.http.webhooks:
            assert self.matching is not None
            self.webhooks = Webhooks(plan.http, self.stats, self.matching)
            self.webhooks.on_progress = self._progressed
            callback_url = await self.webhooks.start()
        requests = [Requests(plan.http, plan.message, account, callback_url) for account in plan.accounts]
        gate = asyncio.Semaphore(AT_ONCE)

        async def one(number: int) -> None:
            sender = HttpSender(plan, requests[number % len(requests)], self.stats, self.matching)
            async with gate:
                await sender.open()
            self.senders.append(sender)

        await one(0)
        await _all(one(number) for number in range(1, plan.connections))

    # ---- meanwhile ----

    def _progressed(self) -> None:
        if self.feed.exhausted:
            self.moved.set()

    def _done(self) -> bool:
        complete = self.feed.exhausted and not self.stats.in_flight and not self._missing()
        needed = self.senders if self.feed.exhausted else [sender for sender in self.senders if sender.sends]
        if not any(sender.alive for sender in needed):
            self.gave_up = not complete or self.stats.lost > 0
            return True
        return complete or self.stop.is_set()

    def _missing(self) -> int:
        if self.matching is None or not self.plan.expects_receipts:
            return 0
        # Nothing is answered any more that a receipt could be ahead of.
        self.stats.receipt_latency.waiting += self.matching.decide(final=True)
        return self.matching.missing

    async def _watch(self) -> None:
        """Until all has come, or nothing comes any more."""
        stats = self.stats
        before, quiet_since = (-1, -1, -1), self.loop.time()
        turn_at = self.loop.time() + TURN_S
        waker = asyncio.ensure_future(self.stop.wait())
        waker.add_done_callback(lambda _: self.moved.set())
        try:
            while not self._done():
                now = self.loop.time()
                state = (stats.sent, stats.answered, stats.receipts)
                # An open loop may have long pauses of its own.
                if state != before or (self.plan.open_loop and not self.feed.exhausted):
                    before, quiet_since = state, now
                elif now - quiet_since >= self.plan.wait_s:
                    stats.notes.append(f"gave up after {self.plan.wait_s:g} s in which nothing came")
                    break
                wait_until = min(turn_at, quiet_since + self.plan.wait_s)
                self.moved.clear()
                timer = self.loop.call_at(wait_until, self.moved.set)
                await self.moved.wait()
                timer.cancel()
                if self.loop.time() >= turn_at:
                    self._turn()
                    turn_at += TURN_S
        finally:
            self.feed.end()
            waker.cancel()

    def _turn(self) -> None:
        row = self.stats.turn(int(self.loop.time() * US))
        if self.progress is not None:
            self.progress(row, self.stats, self.matching)

    # ---- end ----

    def _end(self) -> None:
        if self.matching is not None:
            self.stats.receipt_latency.waiting += self.matching.decide(final=True)
        if self.gave_up:
            self.stats.notes.append("all connections were lost")
        self.stats.turn(int(self.loop.time() * US))

    def _result(self, plan: Plan, wall: float, cpu: float) -> Result:
        stats, matching = self.stats, self.matching
        return Result(
            via=plan.via,
            open_loop=plan.open_loop,
            seconds=(stats.answered_us - stats.begun_us) / US,
            messages=stats.messages,
            sent=stats.sent,
            answered=stats.answered,
            ok=stats.ok,
            refused=names(stats.refused),
            unanswered=stats.sent - stats.answered,
            unexpected=stats.unexpected,
            latency=stats.latency.whole,
            lateness=stats.lateness.whole,
            receipts_expected=plan.expects_receipts,
            receipts=stats.receipts,
            receipts_by_status=dict(stats.stats.most_common()),
            receipts_matched=matching.matched if matching else 0,
            receipts_missing=matching.missing if matching and plan.expects_receipts else 0,
            receipts_doubled=matching.doubled if matching else 0,
            receipts_unknown=matching.unknown if matching else stats.receipts,
            receipt_seconds=(stats.heard_us - stats.begun_us) / US,
            receipt_latency=stats.receipt_latency.whole,
            id_form=matching.form if matching and stats.receipts else None,
            intermediate=stats.intermediate,
            inbound=stats.inbound,
            cpu_s=cpu,
            wall_s=wall,
            rows=tuple(stats.rows),
            notes=_grouped(stats.notes),
            interrupted=self.stop.is_set(),
            gave_up=self.gave_up,
        )


async def _all(tasks: Iterable[Coroutine[None, None, None]]) -> None:
    """All of them, to their end; then the first error, if there is any."""
    for error in await asyncio.gather(*tasks, return_exceptions=True):
        if error is not None:
            raise error


async def _close(sender: SmppSender | HttpSender) -> None:
    if isinstance(sender, SmppSender):
        await sender.unbind()
    else:
        await sender.close()


def _cpu_s() -> float:
    used = os.times()
    return used.user + used.system


def _grouped(notes: list[str]) -> tuple[str, ...]:
    """A thousand sessions that end say so once."""
    return tuple(
        note if notes.count(note) == 1 else f"{note} ({notes.count(note)} times)" for note in dict.fromkeys(notes)
    )


@contextmanager
def _without_gc() -> Iterator[None]:
    """Nothing here makes cycles, and a collection in the middle would be a latency that the endpoint is blamed for."""
    enabled = gc.isenabled()
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.unfreeze()
        if enabled:
            gc.enable()
