"""The pytest plugin: there as soon as carrier-sim is installed, with nothing to configure.

    def test_a_code_arrives(carrier_sim):
        my_app.send_code("+15550100001", gateway=carrier_sim.base_url)
        assert carrier_sim.wait_for("delivered").text == "Your code is 1234"

One simulator runs for all tests of a process, in a thread of its own, and begins anew for each test: it works with
synchronous tests, with pytest-asyncio and anyio (await `carrier_sim.aio.…`), and with pytest-xdist (one a worker).
Files named `test_*.scenario.yaml` are tests, too: their `traffic` is played, and what they `expect` must hold.

Nothing heavy is imported before a test asks for it: this module is loaded in every run of pytest.

It has no assertions to be rewritten, and says so, as its own tests load it a second time: PYTEST_DONT_REWRITE.
"""

import re
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pytest

if TYPE_CHECKING:
    from simulator.blocking import BlockingSimulator
    from simulator.scenario import Scenario

CLOCK = "instant"
"""The clock of a test that names none, and whose scenario has the wall's: an application that polls, or waits for a
webhook, sees the end of a message at its next look, whether that is a minute or a day away."""

MARKER = "carrier_scenario"

_SCENARIO_FILE = re.compile(r"test_.*\.scenario\.ya?ml")

_running: "pytest.StashKey[list[BlockingSimulator]]" = pytest.StashKey()
"""The simulators that a test has used, for its report."""

_journals: "pytest.StashKey[list[Path]]" = pytest.StashKey()


class MakeCarrierSim(Protocol):
    """What `make_carrier_sim` is."""

    def __call__(
        self, scenario: "Scenario | str | Path | None" = None, *, clock: str | None = None, **options: Any
    ) -> "BlockingSimulator":
        """Another simulator, on ports of its own, stopped after the test. `options` are those of `Simulator`."""


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("carrier-sim", "a fake SMS gateway and SMSC")
    group.addoption("--carrier-seed", type=int, metavar="SEED", help="what all chance comes from, in every test")
    group.addoption(
        "--carrier-clock", metavar="CLOCK", help="manual, instant, real or a rate such as 60x, in every test"
    )
    group.addoption("--carrier-journal", metavar="DIR", help="write a journal of each test into this folder")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers",
        f"{MARKER}(scenario=None, *, seed=None, clock=None): what carrier_sim plays: a file beside the test's, or a "
        "shipped scenario's name",
    )


# ---- fixtures ----


@pytest.fixture(scope="session")
def _carrier_server() -> Iterator["BlockingSimulator"]:
    from simulator.app import Simulator

    with Simulator(clock=CLOCK) as sim:
        yield sim


@pytest.fixture
def carrier_sim(request: pytest.FixtureRequest, _carrier_server: "BlockingSimulator") -> Iterator["BlockingSimulator"]:
    """A carrier with fresh state: `base_url` and `smpp_address` for the application under test, `messages`,
    `wait_for(...)`, `advance(...)` and the rest for the test; in an asynchronous one `await carrier_sim.aio.advance()`.

    Its clock is `instant`, unless the scenario or the marker says otherwise.
    """
    marker = request.node.get_closest_marker(MARKER)
    scenario, seed, clock = _asked(request.node.path.parent, *marker.args, **marker.kwargs) if marker else _asked(None)
    seed = _first(seed, request.config.getoption("--carrier-seed"), scenario.world.seed)
    _carrier_server.reset(scenario, seed=seed, clock=clock_of(request.config, scenario, clock))
    with _shown(request, _carrier_server):
        yield _carrier_server


@pytest.fixture
def make_carrier_sim(request: pytest.FixtureRequest) -> Iterator[MakeCarrierSim]:
    """Makes further simulators, each with its own ports: `make_carrier_sim("slow-carrier", clock="manual")`."""
    from contextlib import ExitStack

    from simulator.app import Simulator

    with ExitStack() as stack:

        def make(
            scenario: "Scenario | str | Path | None" = None, *, clock: str | None = None, **options: Any
        ) -> "BlockingSimulator":
            read, _, _ = _asked(request.node.path.parent, scenario)
            options.setdefault("seed", request.config.getoption("--carrier-seed"))
            made = Simulator(read, clock=clock_of(request.config, read, clock), **options)
            sim = stack.enter_context(made)
            stack.enter_context(_shown(request, sim))
            return sim

        yield make


def clock_of(config: pytest.Config, scenario: "Scenario", clock: str | None) -> str:
    """The test's own, that of the command line, the scenario's unless that is the wall's, or else `instant`."""
    own = scenario.world.clock if scenario.world.clock != "real" else CLOCK
    return str(_first(clock, config.getoption("--carrier-clock"), own))


def _first(*values: Any) -> Any:
    return next((value for value in values if value is not None), None)


def _asked(
    folder: Path | None,
    scenario: "Scenario | str | Path | None" = None,
    *,
    seed: int | None = None,
    clock: str | None = None,
) -> tuple["Scenario", int | None, str | None]:
    """What a marker asks for. A file is looked for beside the test. Raises ScenarioErrors."""
    from simulator.scenario import Scenario, default, load

    if scenario is None:
        return default(), seed, clock
    if not isinstance(scenario, Scenario):
        file = Path(scenario)
        if folder is not None and (isinstance(scenario, Path) or file.suffix in (".yaml", ".yml")):
            scenario = folder / file
        scenario = load(scenario)
    return scenario, seed, clock


# ---- what a report shows ----


class _shown:
    """While a test uses a simulator: keeps a journal where one is asked for, and has its report show what happened."""

    def __init__(self, request: pytest.FixtureRequest, sim: "BlockingSimulator") -> None:
        self._item: pytest.Item = request.node
        self._folder: str | None = request.config.getoption("--carrier-journal")
        self._sim = sim
        self._end: Callable[[], None] = lambda: None

    def __enter__(self) -> None:
        sims = self._item.stash.setdefault(_running, [])
        sims.append(self._sim)
        if self._folder is not None:
            path = journal_path(Path(self._folder), self._item.nodeid, len(sims))
            self._item.stash.setdefault(_journals, []).append(path)
            self._end = start_journal(self._sim, path)

    def __exit__(self, *error: object) -> None:
        self._end()


def start_journal(sim: "BlockingSimulator", path: Path) -> Callable[[], None]:
    """Write a journal from now on; what is returned ends it."""
    from simulator.journal import JournalWriter

    async def begin() -> JournalWriter:
        return JournalWriter(path, sim.simulator)

    writer = sim.run(begin())

    async def end() -> None:
        writer.close()

    return lambda: sim.run(end())


def journal_path(folder: Path, nodeid: str, number: int) -> Path:
    """Where a test's journal goes: a name that any file system takes."""
    folder.mkdir(parents=True, exist_ok=True)
    name = re.sub(r"[^\w.\-\[\]=,+]+", "-", nodeid.replace("::", "--")).strip("-")[-180:]
    return folder / (f"{name}.jsonl" if number == 1 else f"{name}.{number}.jsonl")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.failed and call.when == "call":
        sims = item.stash.get(_running, [])
        for number, sim in enumerate(sims, 1):
            title = "carrier-sim" if len(sims) == 1 else f"carrier-sim {number}"
            report.sections.append((title, _story(sim)))
        for path in item.stash.get(_journals, []):
            report.sections.append(("carrier-sim journal", str(path)))
    return report


def _story(sim: "BlockingSimulator") -> str:
    """What a simulator has seen during a test."""
    from simulator.engine import iso_ms

    stats, messages = sim.stats, sim.messages
    head = f"scenario {sim.scenario.name}, seed {sim.seed}, now {iso_ms(sim.now)}"
    counts = f"{stats.accepted} messages, {stats.refused} refused, {stats.http_errors} HTTP errors"
    return "\n".join([f"{head}: {counts}", *([messages.timeline] if messages else [])])


# ---- scenario files as tests ----


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> "ScenarioFile | None":
    if _SCENARIO_FILE.fullmatch(file_path.name):
        return ScenarioFile.from_parent(parent, path=file_path)
    return None


class ScenarioFile(pytest.File):
    """A scenario with its own traffic and expectations."""

    def collect(self) -> Iterator["ScenarioItem"]:
        from simulator.scenario import ScenarioErrors, load

        try:
            scenario = load(self.path)
        except ScenarioErrors as errors:
            raise self.CollectError(errors.render()) from None
        yield ScenarioItem.from_parent(self, name=scenario.name, scenario=scenario)


class ScenarioFailed(Exception):
    """Says what was expected, and what came."""


class ScenarioItem(pytest.Item):
    """Plays it."""

    def __init__(self, *, scenario: "Scenario", **more: Any) -> None:
        super().__init__(**more)
        self.scenario = scenario

    def runtest(self) -> None:
        import asyncio

        from simulator.runner import run_scenario

        seed = self.config.getoption("--carrier-seed")
        clock = clock_of(self.config, self.scenario, None)
        folder: str | None = self.config.getoption("--carrier-journal")
        journal = None if folder is None else journal_path(Path(folder), self.nodeid, 1)
        loop = asyncio.new_event_loop()  # and no asyncio.run: it would leave the thread without a loop
        try:
            report = loop.run_until_complete(run_scenario(self.scenario, seed=seed, clock=clock, journal=journal))
            loop.run_until_complete(loop.shutdown_asyncgens())
        finally:
            loop.close()
        if not report.ok:
            raise ScenarioFailed(report.failures)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        if isinstance(excinfo.value, ScenarioFailed):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        return self.path, None, f"scenario {self.name}"
