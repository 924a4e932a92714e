"""The simulator: one engine with both doors open, put together from a scenario."""

import asyncio
from pathlib import Path
from types import TracebackType
from typing import Self

from simulator.engine import Accounts, Engine, Message, World, make_clock, parse_duration
from simulator.engine.core import KEEP
from simulator.gateway import Gateway
from simulator.scenario import Scenario, default, load
from simulator.smsc import Smsc


class Simulator:
    """A carrier on this machine: `async with Simulator() as sim:` and point an application at `sim.base_url` or
    `sim.smpp_address`."""

    def __init__(
        self,
        scenario: Scenario | str | Path | None = None,
        *,
        seed: int | None = None,
        clock: str | None = None,
        host: str = "127.0.0.1",
        http_port: int = 0,
        smpp_port: int = 0,
        keep: int = KEEP,
        keep_for: int | None = None,
    ) -> None:
        """`scenario`: a file, a shipped scenario's name, or one that was loaded; None: the default one. `seed` and
        `clock` override what it says. A port of 0 means a free one. `keep` messages are remembered, for `keep_for`
        milliseconds after they are final.

        Raises ScenarioErrors if the scenario is wrong, ValueError if `clock` is none.
        """
        if scenario is None:
            scenario = default()
        elif not isinstance(scenario, Scenario):
            scenario = load(scenario)
        self.scenario = scenario
        world: World = scenario.world
        self.seed = world.seed if seed is None else seed
        self.host = host
        self._ports = (http_port, smpp_port)
        self.clock = make_clock(clock or world.clock, world.start)
        self.engine = Engine(
            self.clock, world.rules, seed=self.seed, hold=world.gateway.hold, keep=keep, keep_for=keep_for
        )
        self.accounts = Accounts(world.accounts, open_to_all=not world.accounts)
        self.gateway = Gateway(self.engine, self.accounts, world.gateway)
        self.smsc = Smsc(self.engine, self.accounts, world.smsc)
        self.http_port = 0
        self.smpp_port = 0

    @property
    def base_url(self) -> str:
        """What a client of the gateway takes as its base URL, without the API's path."""
        return f"http://{_in_url(self.host)}:{self.http_port}"

    @property
    def smpp_address(self) -> tuple[str, int]:
        return self.host, self.smpp_port

    @property
    def messages(self) -> list[Message]:
        """All that are remembered, in order of arrival."""
        return list(self.engine.messages.values())

    async def start(self) -> None:
        """Open both doors. Raises OSError if a port is taken."""
        http_port, smpp_port = self._ports
        self.smpp_port = await self.smsc.start(self.host, smpp_port)
        try:
            self.http_port = await self.gateway.start(self.host, http_port)
        except OSError:
            await self.smsc.stop()
            raise
        self.clock.start()

    async def stop(self) -> None:
        """Close both doors: sessions are unbound, requests in hand answered."""
        self.clock.stop()
        await asyncio.gather(self.gateway.stop(), self.smsc.stop())

    async def advance(self, duration: str | int) -> None:
        """Move a manual clock on, by `24h` or by a number of milliseconds, serving what falls due on the way."""
        await self.clock.advance(parse_duration(duration) if isinstance(duration, str) else duration)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host
