"""Plays `traffic`: does one item after the other, as clients of the two doors would.

Whatever happens at the same simulated instant is done in the order of the file, one request after the other: so two
runs with the same seed see the same arrivals. Submits of one item go out without waiting for each other's responses,
as far as the window allows; their order on the session is still that of the file.
"""

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

from simulator.app import Simulator
from simulator.engine import Account, IllegalTransition, Rate
from simulator.gateway.ids import key_of
from simulator.runner.esme import NOT_CONNECTED, Answer, Esme
from simulator.runner.http_door import HttpDoor
from simulator.runner.listener import CALLBACK, Listener
from simulator.runner.log import Log, Sent
from simulator.runner.pace import Pace
from simulator.runner.problems import RunError
from simulator.runner.records import InboundSeen, Response, Walk
from simulator.runner.smpp_door import SmppDoor, segments_of, source_of, submit_pdu
from simulator.runner.stage import account_for, smsc_of
from simulator.scenario import (
    Action,
    Bind,
    Cancel,
    Drop,
    Force,
    Inbound,
    Pause,
    Query,
    Replace,
    Resume,
    Send,
    StopReading,
    Unbind,
    Wait,
)
from simulator.smsc import parse_id

Told = Callable[[], None]


class Player:
    """One run's client side."""

    def __init__(
        self, sim: Simulator, http: HttpDoor, smpp: SmppDoor, listener: Listener, pace: Pace, log: Log, told: Told
    ) -> None:
        """`told` is called after each request: whoever shows progress may look at the log then."""
        self._sim = sim
        self._http = http
        self._smpp = smpp
        self._listener = listener
        self._pace = pace
        self._log = log
        self._told = told
        self._accounts = list(sim.scenario.world.accounts)
        self._turn = asyncio.Lock()  # hands out turns in the order in which they were asked for
        self._reference = 0
        self._unnamed = 0
        self._aside: list[asyncio.Task[None]] = []

    async def play(self) -> None:
        """Do all items. Raises RunError for one that can't be done."""
        self._pace.begin()
        try:
            for action in self._sim.scenario.traffic:
                await self._do(action)
            self._pace.end()
            try:
                await asyncio.gather(*self._aside)
            finally:
                self._pace.begin()
        finally:
            for task in self._aside:
                task.cancel()
            await asyncio.gather(*self._aside, return_exceptions=True)
            self._pace.end()

    async def _do(self, action: Action) -> None:
        match action:
            case Send():
                await self._send_item(action)
            case Wait():
                await self._pace.sleep(action.duration)
            case Inbound():
                await self._inbound(action)
            case Bind():
                await self._smpp.bind(self._account(action.account, "smpp", action), action.as_, action.id)  # type: ignore[arg-type]
            case Unbind():
                await self._smpp.session(action.session, action.place).unbind()
            case Drop():
                await self._smpp.session(action.session, action.place).close()
            case StopReading():
                self._smpp.session(action.session, action.place).stop_reading()
                self._pace.expect_silence()
            case Cancel() | Query() | Replace() | Pause() | Resume():
                for sent in self._sent(action):
                    await self._manage(action, sent)
            case Force():
                for sent in self._sent(action):
                    self._force(action, sent)
        self._told()

    def _account(self, name: str | None, via: str, action: Any) -> Account:
        return account_for(self._accounts, name, via, action.place)

    # ---- sending ----

    async def _send_item(self, item: Send) -> None:
        if item.id is None:
            self._unnamed += 1
        name = item.id or f"send {self._unnamed}"
        if not item.start:
            await self._send_all(item, name)
            return
        task = asyncio.get_running_loop().create_task(self._send_later(item, name))
        self._aside.append(task)

        await asyncio.sleep(0)  # it is counted by the activity from here on

    async def _send_later(self, item: Send, name: str) -> None:
        self._pace.begin()
        try:
            await self._pace.sleep(item.start)
            await self._send_all(item, name)
        finally:
            self._pace.end()

    async def _send_all(self, item: Send, name: str) -> None:
        account = self._account(item.account, item.via, item)
        unanswered: list[asyncio.Task[None]] = []
        began = self._pace.now()
        try:
            for n, offset in enumerate(_offsets(item.total, item.rate), 1):
                await self._pace.sleep_until(began + offset)
                async with self._turn:
                    if item.via == "http":
                        await self._send_http(item, name, n, account)
                    else:
                        await self._submit(item, name, n, account, unanswered)
                if len(unanswered) > 2000:
                    unanswered = [task for task in unanswered if not task.done()]
            await asyncio.gather(*unanswered)
        finally:
            for task in unanswered:
                task.cancel()

    def _walk(
        self, item: Send, name: str, n: int, account: Account, to: str, text: str, index: int, part: int = 0
    ) -> Walk:
        place = item.place
        line = str(place) if place.line else ""
        return Walk(name, n, item.via, account.name, to, text, self._pace.now(), line, index, part)

    async def _send_http(self, item: Send, name: str, n: int, account: Account) -> None:
        sender, to, text = item.render(n)
        body: dict[str, Any] = {"to": list(to), "message": text}
        if sender is not None:
            body["sender_id"] = sender
        if item.callback:
            body["callback_url"] = self._listener.url(CALLBACK, account.name)
        if item.scheduled_dates is not None:
            body["sending_type"] = "scheduled"
            body["scheduled_dates"] = [date.model_dump() for date in item.scheduled_dates]
        if item.recurring_schedule is not None:
            body["sending_type"] = "recurring"
            body["recurring_schedule"] = item.recurring_schedule.model_dump()
        sent = Sent([self._walk(item, name, n, account, number, text, index) for index, number in enumerate(to)])
        self._log.sent.append(sent)
        response = await self._http.send(account, body, self._pace.now())
        sent.answered(response)
        self._log.taken(sent, key_of(response.message_id) if response.message_id is not None else None)
        self._told()

    async def _submit(
        self, item: Send, name: str, n: int, account: Account, unanswered: list[asyncio.Task[None]]
    ) -> None:
        sender, to, text = item.render(n)
        esme = await self._smpp.submitter(account, item.place)
        for index, number in enumerate(to):
            self._reference += 1
            segments = segments_of(item, text, self._reference)
            for part, segment in enumerate(segments, 1):
                split = part if len(segments) > 1 else 0
                walk = self._walk(item, name, n, account, number, text, index, split)
                sent = Sent([walk], source=source_of(sender))
                self._log.sent.append(sent)
                answer = await esme.post(submit_pdu(esme, item, sender, number, segment))
                self._pace.begin()
                unanswered.append(asyncio.get_running_loop().create_task(self._answered(sent, answer)))

    async def _answered(self, sent: Sent, answer: "asyncio.Future[Answer]") -> None:
        try:
            got = await answer
        finally:
            self._pace.end()
        message_id = got.message_id if got.command_status == 0 else None
        sent.answered(Response(self._pace.now(), command_status=got.command_status, message_id=message_id))
        self._log.taken(sent, parse_id(message_id) if message_id else None)
        self._told()

    # ---- what is done to messages ----

    def _sent(self, action: Cancel | Query | Replace | Pause | Resume | Force) -> list[Sent]:
        found = [sent for sent in self._log.of(action.message) if sent.key is not None]
        if not found:
            raise RunError(f"'{action.message}' has sent nothing that was taken", action.place)
        return found

    async def _manage(self, action: Cancel | Query | Replace | Pause | Resume, sent: Sent) -> None:
        walk = sent.walks[0]
        response = walk.response
        assert response is not None
        account = self._account(walk.account, walk.via, action)
        kind = type(action).__name__.lower()
        if walk.via == "http":
            way = _HTTP.get(type(action))
            if way is None:
                raise RunError(f"a message via http can't be asked to {kind}", action.place)
            method, path = way[0], f"{way[1]}/{response.message_id}"
            answer = await self._http.request(account, method, path, self._pace.now())
            said = f"HTTP {answer.status}" + (f", error_code {answer.error_code}" if answer.error_code else "")
        else:
            esme = await self._smpp.submitter(account, action.place)
            said = await self._smpp_operation(action, sent, esme, str(response.message_id))
        self._log.notes.append(f"{kind} of {walk.name}: {said}")

    async def _smpp_operation(self, action: Any, sent: Sent, esme: Esme, message_id: str) -> str:
        from simulator.smpp import MessageState, status_name

        ton, npi = 0, 0
        fields: dict[str, Any] = {
            "message_id": message_id,
            "source_addr_ton": ton,
            "source_addr_npi": npi,
            "source_addr": sent.source,
        }
        walk = sent.walks[0]
        match action:
            case Cancel():
                got = await esme.request("cancel_sm", **fields, destination_addr=walk.to.removeprefix("+"))
            case Query():
                got = await esme.request("query_sm", **fields)
            case Replace():
                text = action.text.render(walk.n).encode("latin-1", "replace")
                got = await esme.request("replace_sm", **fields, short_message=text)
            case _:
                kind = type(action).__name__.lower()
                raise RunError(f"a message via smpp can't be asked to {kind}", action.place)
        if got.command_status == NOT_CONNECTED:
            return "the connection was lost"
        said = status_name(got.command_status)
        if got.message_state is not None and not got.command_status:
            said += f", message_state {MessageState(got.message_state).name}"
        return said

    def _force(self, action: Force, sent: Sent) -> None:
        message = self._sim.engine.find(sent.key or 0)
        if message is None:
            raise RunError(f"'{action.message}' is not remembered any more", action.place)
        for recipient in message.recipients:
            try:
                self._sim.engine.force(recipient, action.status, action.error)
            except IllegalTransition as error:
                raise RunError(f"{sent.walks[0].name} can't be forced: {error}", action.place) from None

    # ---- from phones ----

    async def _inbound(self, item: Inbound) -> None:
        account = self._account(item.account, "smpp", item)
        await self._smpp.receiver(account)
        name = item.id or "inbound"
        began = self._pace.now()
        for n, offset in enumerate(_offsets(item.count, item.rate), 1):
            await self._pace.sleep_until(began + offset)
            source, to, text = (template.render(n) for template in (item.from_, item.to, item.message))
            self._log.inbound.append(InboundSeen(name, n, account.name, source, to, text, self._pace.now()))
            smsc_of(self._sim, account).inbound(account.name, source, to, text)


_HTTP: dict[type[Any], tuple[str, str]] = {
    Cancel: ("DELETE", "/cancel"),
    Pause: ("POST", "/pause"),
    Resume: ("POST", "/resume"),
    Query: ("GET", "/status"),
}
"""Action -> (method, path)."""


def _offsets(total: int, rate: Rate | None) -> Iterator[int]:
    """When each of `total` is due: milliseconds after the first."""
    for number in range(total):
        yield 0 if rate is None else number * rate.window // rate.count
