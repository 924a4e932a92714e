"""The simulator: one engine with both doors open, put together from a scenario."""

import asyncio
from pathlib import Path
from types import TracebackType
from typing import Self

from simulator.engine import Accounts, Engine, Message, TlsSettings, World, make_clock, parse_duration
from simulator.engine.core import KEEP
from simulator.gateway import Gateway
from simulator.scenario import Scenario, default, load
from simulator.smsc import Smsc, context_of


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
        smpp_tls: TlsSettings | None = None,
        keep: int = KEEP,
        keep_for: int | None = None,
    ) -> None:
        """`scenario`: a file, a shipped scenario's name, or one that was loaded; None: the default one. `seed` and
        `clock` override what it says. A port of 0 means a free one. `smpp_tls` opens a second port for SMPP. `keep`
        messages are remembered, for `keep_for` milliseconds after they are final.

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
        self._tls = smpp_tls
        self.clock = make_clock(clock or world.clock, world.start)
        self.engine = Engine(
            self.clock, world.rules, seed=self.seed, hold=world.gateway.hold, keep=keep, keep_for=keep_for
        )
        self.accounts = Accounts(world.accounts, open_to_all=not world.accounts)
        self.gateway = Gateway(self.engine, self.accounts, world.gateway)
        self.smscs = [Smsc(self.engine, self.accounts, settings) for settings in world.smscs]
        self.http_port = 0

    @property
    def base_url(self) -> str:
        """What a client of the gateway takes as its base URL, without the API's path."""
        return f"http://{_in_url(self.host)}:{self.http_port}"

    @property
    def smsc(self) -> Smsc:
        """The first SMSC, which is the only one in most scenarios."""
        return self.smscs[0]

    @property
    def smpp_port(self) -> int:
        return self.smsc.port

    @property
    def smpp_address(self) -> tuple[str, int]:
        """Where the (first) SMSC listens."""
        return self.host, self.smpp_port

    @property
    def messages(self) -> list[Message]:
        """All that are remembered, in order of arrival."""
        return list(self.engine.messages.values())

    async def start(self) -> None:
        """Open all doors. Raises OSError if a port is taken, NoCertificate if TLS is asked for and can't be had."""
        http_port, smpp_port = self._ports
        try:
            for smsc in self.smscs:
                first = smsc is self.smsc
                port = smpp_port if first and (smpp_port or not smsc.settings.port) else smsc.settings.port or 0
                tls = (self._tls if first else None) or smsc.settings.tls
                await smsc.start(self.host, port, None if tls is None else (tls.port, context_of(tls)))
            self.http_port = await self.gateway.start(self.host, http_port)
        except BaseException:
            await self._close()
            raise
        self.clock.start()

    async def stop(self) -> None:
        """Close all doors: sessions are unbound, requests in hand answered."""
        self.clock.stop()
        await self._close()

    async def _close(self) -> None:
        await asyncio.gather(self.gateway.stop(), *(smsc.stop() for smsc in self.smscs))

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
