"""Plays a journal's inputs again, each at its instant, and names the first thing that came otherwise.

The doors are real ones, on free ports, but under a manual clock: a day of traffic is replayed as fast as the machine
can. What came out of a journal that was written under a manual or instant clock must come again to the millisecond.
Under the wall's time it must come again as such; only the walk of a message is also held against the clock, counted
from when the message was accepted, as that alone is the simulator's own doing.
"""

import asyncio
from collections import defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from aiohttp import ClientSession, ClientTimeout

from simulator.app import Simulator
from simulator.engine import Status
from simulator.engine.causes import CAUSES
from simulator.gateway.ids import key_of
from simulator.journal.client import PATIENCE_S, Answers, Esme, ReplayedWebhooks, Sessions
from simulator.journal.events import Event, Order, Recorder
from simulator.journal.read import Journal, JournalError
from simulator.journal.setup import restore, stage
from simulator.journal.writer import line
from simulator.scenario import Scenario
from simulator.smsc import Smsc, parse_id

PATIENCE_OF_TIME_S = 30.0
"""Real seconds that simulated time waits for an answer in hand: a slow machine must not look like another simulator."""

QUIET_S = 0.01
"""Real seconds for what no answer tells that it has been read."""

CLOSE_ENOUGH = 100
"""Milliseconds by which a walk under the wall's time may differ: requests were not handled in no time."""

_INPUTS = frozenset({"advance", "smpp", "left", "inbound", "force", "reset", "load", "end"})
_UNTIMED = ("t", "took", "retry_at")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Difference:
    """Where two runs first differ."""

    line: int
    """The journal's line; where too much came: the last line before it."""
    recorded: Event | None
    """None: nothing was recorded there."""
    came: Event | None
    """None: nothing came."""

    def __str__(self) -> str:
        def shown(event: Event | None) -> str:
            return "nothing" if event is None else line(event).decode().strip()

        return f"line {self.line}:\n  recorded: {shown(self.recorded)}\n  came:     {shown(self.came)}"


async def replay(journal: Journal, scenario: Scenario | None = None) -> Difference | None:
    """Play a journal's inputs again; returns the first difference, or None. `scenario` is played in place of the one
    that the journal contains.

    Raises JournalError if it contains none, or can't be played; ScenarioErrors if that one is wrong by now.
    """
    if scenario is None:
        scenario = restore(journal.header)
    if scenario is None:
        raise JournalError(f"{journal.path}: the scenario was no file, so it is not in here: give it with --scenario")
    try:
        return await _Replay(journal, scenario).play()
    except (KeyError, TypeError, ValueError) as error:
        raise JournalError(f"{journal.path}: this can't be played: {error!r}") from error


class _Replay:
    """One replay."""

    def __init__(self, journal: Journal, scenario: Scenario) -> None:
        self._journal = journal
        header = journal.header
        self._timed = header["clock"] in ("manual", "instant")
        self._instant = _Instants()
        staged = stage(scenario, header, self._instant[header["start"]])
        self._scenario = scenario
        self._sim = sim = Simulator(staged, seed=header["seed"], clock="manual", record=False)
        self._answers = Answers(journal.events, self._instant, self._timed)
        self._came: list[Event] = []
        self._recorder = Recorder(sim, self._record)
        self._recorder.portless = self._timed
        self._sessions = Sessions(sim, self._answers)
        for smsc in sim.smscs:
            smsc.listeners.append(self._sessions)
        self._answered = {
            (event["session"], event["n"]) for _, event in journal.events if event["e"] == "answer"
        }  # what isn't here was never answered; a reset counts anew, which only makes for more patience
        self._open: list[asyncio.Future[None]] = []
        self._advanced_at = -1
        self._last = 0
        """The session of the latest submit."""
        self._over = False
        """What is still to come is not of the journal."""

    def _record(self, at: int, order: Order, event: Event) -> None:
        if self._over:
            return
        if event["e"] not in _INPUTS:
            self._came.append(event)
        elif event["e"] == "reset":
            self._came.append({"t": event["t"], "e": "reset"})

    async def play(self) -> Difference | None:
        """The whole replay."""
        sim = self._sim
        self._prepare()
        async with sim, ClientSession(timeout=ClientTimeout(total=PATIENCE_S)) as self._http:
            for _, event in self._journal.events:
                at = self._instant[event["t"]]
                if at > sim.now:
                    await self._settle()
                    await sim.clock.advance(at - sim.now)
                await self._do(event)
            await self._settle()
            if self._journal.header["clock"] != "manual" or self._advanced_at == sim.now:
                await sim.clock.advance(0)
            self._over = True
            await self._sessions.close()
        return self._compare()

    def _prepare(self) -> None:
        sim = self._sim
        activity = sim.clock.activity
        activity.quiet_s, activity.patience_s = 0.0, PATIENCE_OF_TIME_S
        webhooks = ReplayedWebhooks(sim.engine, sim.gateway.settings, self._answers, self._timed)
        webhooks.listeners = sim.gateway.webhooks.listeners
        sim.gateway.webhooks = webhooks

    # ---- inputs ----

    async def _do(self, event: Event) -> None:
        match event["e"]:
            case "smpp":
                await self._submit(event)
            case "http":
                await self._settle()
                await self._request(event)
            case "left":
                await self._settle()
                await self._sessions.leave(event["session"])
            case "inbound":
                await self._settle()
                self._smsc(event).inbound(event["account"], event["from"], event["to"], event["text"])
            case "force":
                await self._settle()
                self._force(event)
            case "advance":
                self._advanced_at = self._instant[event["t"]]
            case "load":
                await self._settle()
                await self._sim.load(restore(event) or self._scenario)
            case "reset":
                await self._settle()
                await self._reset(event)

    def _smsc(self, event: Event) -> Smsc:
        named = event.get("smsc")
        return next((smsc for smsc in self._sim.smscs if smsc.settings.name == named), self._sim.smsc)

    async def _submit(self, event: Event) -> None:
        """Requests of one session go out without waiting for each other's responses."""
        number = event["session"]
        if self._open and self._last != number:
            await self._settle()
        self._last = number
        esme: Esme = await self._sessions.esme(number, self._smsc(event).port)
        response = esme.request(bytes.fromhex(event["pdu"]))
        if (number, event["n"]) in self._answered:
            self._sim.clock.activity.begin()
            self._open.append(response)
            if event["op"].startswith("bind_"):
                await self._settle()  # before it is bound nothing else may come
        else:
            await asyncio.sleep(QUIET_S)

    async def _settle(self) -> None:
        """Wait for the responses to all that was asked."""
        if self._open:
            await asyncio.wait(self._open, timeout=PATIENCE_S)
            self._sim.clock.activity.end(len(self._open))
            self._open.clear()

    async def _request(self, event: Event) -> None:
        headers = {"app-key": event["key"]} if event.get("key") else {}
        if "body" in event:
            data: bytes | None = event["body"].encode("utf-8", "surrogatepass")
        else:
            data = bytes.fromhex(event["octets"]) if "octets" in event else None
        kind = event.get("type", "application/json")
        if kind is not None and (data is not None or "type" in event):
            headers["Content-Type"] = kind
        skip = () if "Content-Type" in headers else ("Content-Type",)
        url = self._sim.base_url + event["path"]
        with self._sim.clock.activity.going_on():
            async with self._http.request(
                event["method"], url, data=data, headers=headers, skip_auto_headers=skip
            ) as response:
                await response.read()

    def _force(self, event: Event) -> None:
        key = key_of(event["id"]) if len(event["id"]) == 24 else parse_id(event["id"])
        message = self._sim.engine.find(key or 0)
        if message is None:
            return  # the difference has been there before
        cause = CAUSES[event["cause"]] if "cause" in event else None
        for recipient in message.recipients:
            if recipient.index == event["n"]:
                self._sim.engine.force(recipient, Status(event["status"]), cause)

    async def _reset(self, event: Event) -> None:
        scenario = restore(event) or self._scenario
        self._timed = event["clock"] in ("manual", "instant")
        await self._sim.reset(stage(scenario, event, self._instant[event["start"]]), seed=event["seed"])
        self._sessions.forget()
        self._prepare()

    # ---- the comparison ----

    def _compare(self) -> Difference | None:
        """The first recorded line that didn't come again; else what came beyond."""
        there: dict[bytes, deque[tuple[Event, int | None]]] = defaultdict(deque)
        walks = _Walks(self._instant)
        for event in self._came:
            after = walks.see(event)
            there[self._signature(event, walks.epoch)].append((event, after))
        recorded_walks = _Walks(self._instant)
        last = 1
        for number, event in self._journal.events:
            if event["e"] in _INPUTS and event["e"] != "reset":
                continue
            after = recorded_walks.see(event)
            found = there.get(self._signature(event, recorded_walks.epoch))
            if not found:
                return Difference(number, event, self._instead(event, there))
            came, came_after = found.popleft()
            if not self._timed and after is not None and abs((came_after or 0) - after) > CLOSE_ENOUGH:
                return Difference(number, event, came)
            last = number
        left = [event for found in there.values() for event, _ in found]
        if not self._journal.ended and self._journal.events:
            # the last instant may lack some of its events
            end = self._instant[self._journal.events[-1][1]["t"]]
            left = [event for event in left if self._instant[event["t"]] < end]
        if left:
            return Difference(last, None, min(left, key=lambda event: (event["t"], line(event))))
        return None

    def _signature(self, event: Event, epoch: int) -> bytes:
        if event["e"] == "reset":
            return b"reset %d" % epoch
        if not self._timed:
            event = {name: value for name, value in event.items() if name not in _UNTIMED}
        return b"%d " % epoch + line(dict(sorted(event.items())))

    def _instead(self, event: Event, there: Mapping[bytes, deque[tuple[Event, int | None]]]) -> Event | None:
        """What came in the place of a recorded event: of its kind, about the same thing, and most like it."""
        best, most = None, 0
        about = ("id", "session") if "id" in event or "session" in event else ("account",)
        for found in there.values():
            for came, _ in found:
                if came["e"] != event["e"] or any(came.get(name) != event.get(name) for name in about):
                    continue
                alike = 1 + sum(came.get(name) == value for name, value in event.items())
                if alike > most:
                    best, most = came, alike
        return best


class _Walks:
    """Sees events in order; tells how long after its acceptance a message came to a status."""

    def __init__(self, instant: Mapping[str, int]) -> None:
        self.epoch = 0
        """How many resets there were."""
        self._instant = instant
        self._accepted: dict[str, int] = {}

    def see(self, event: Event) -> int | None:
        """None: this event is held against no clock."""
        kind = event["e"]
        if kind == "reset":
            self.epoch += 1
            self._accepted.clear()
        elif kind == "accepted":
            self._accepted[event["id"]] = self._instant[event["t"]]
        elif kind == "status" and event.get("cause") != "cancelled" and event["id"] in self._accepted:
            return self._instant[event["t"]] - self._accepted[event["id"]]
        return None


class _Instants(dict[str, int]):
    """ISO 8601 to milliseconds since the epoch, each read once."""

    def __missing__(self, text: str) -> int:
        at = self[text] = (datetime.fromisoformat(text) - _EPOCH) // timedelta(milliseconds=1)
        return at
