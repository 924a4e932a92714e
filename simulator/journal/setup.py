"""What a simulation was made from, in a journal: enough to make the same again without any other file."""

import os
from collections.abc import Mapping
from dataclasses import MISSING, asdict, fields, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from simulator.engine import Account, Limits, ManualClock, Rate, WebhookTarget, iso_ms
from simulator.journal.events import Event, url_of
from simulator.scenario import Scenario, ScenarioErrors, find, load

if TYPE_CHECKING:
    from simulator.app import Simulator


def setup_of(sim: "Simulator") -> Event:
    """The scenario with its files, the seed, the clock, when it began, and the accounts that there were from the start
    (who runs a scenario may have added some, or pointed their webhooks elsewhere)."""
    portless = isinstance(sim.clock, ManualClock)
    return {
        "scenario": sim.scenario.name,
        **files_of(sim.scenario),
        "seed": sim.seed,
        "clock": sim.clock.name,
        "start": iso_ms(sim.now),
        "accounts": [_written(account, portless) for account in sim.scenario.world.accounts],
    }


def files_of(scenario: Scenario) -> Event:
    """`file`, the scenario's own, and `files`, the text of it and of all that it includes or reads, by their names
    beside it. Without either if the scenario was no file."""
    try:
        main = find(scenario.file).resolve()
    except ScenarioErrors:
        return {}
    if not main.is_file():
        return {}
    names = [main, *(Path(name).resolve() for name in scenario.files[1:])]
    names += [main.parent / data for item in scenario.traffic if isinstance(data := getattr(item, "data", None), str)]
    texts = {os.path.relpath(name, main.parent): name.read_text("utf-8-sig") for name in dict.fromkeys(names)}
    return {"file": main.name, "files": texts}


def restore(setup: Mapping[str, Any]) -> Scenario | None:
    """The scenario that a journal contains; None if it contains none. Raises ScenarioErrors."""
    texts: Mapping[str, str] = setup.get("files") or {}
    if not texts:
        return None
    with TemporaryDirectory(prefix="carrier-sim-") as top:
        above = max(Path(name).parts.count("..") for name in texts)
        folder = Path(top).resolve().joinpath(*["x"] * above)
        for name, text in texts.items():
            file = Path(os.path.normpath(folder / name))
            if not file.is_relative_to(Path(top).resolve()):
                continue  # an absolute name: it must still be where it was
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, "utf-8")
        return load(folder / setup["file"])


def stage(scenario: Scenario, setup: Mapping[str, Any], start: int) -> Scenario:
    """The scenario as it was played, on free ports, calling nobody."""
    accounts = tuple(_read(account) for account in setup["accounts"])
    smscs = tuple(replace(one, port=None, tls=None, outbinds=()) for one in scenario.world.smscs)
    return replace(scenario, world=replace(scenario.world, accounts=accounts, smscs=smscs, start=start))


def _written(account: Account, portless: bool) -> Event:
    """Only what differs from the defaults."""
    values = asdict(account)
    if account.webhook is not None:
        values["webhook"]["url"] = url_of(account.webhook.url, portless)
    defaults = {
        one.name: one.default_factory() if one.default_factory is not MISSING else one.default
        for one in fields(Account)
    }
    return {name: value for name, value in values.items() if getattr(account, name) != defaults[name]}


def _read(values: Mapping[str, Any]) -> Account:
    given = dict(values)
    if given.get("webhook") is not None:
        given["webhook"] = WebhookTarget(**given["webhook"])
    if "limits" in given:
        limits: dict[str, Any] = {
            name: Rate(**value) if isinstance(value, dict) else value for name, value in given["limits"].items()
        }
        given["limits"] = Limits(**limits)
    for name in ("allow", "senders", "numbers"):
        if name in given:
            given[name] = tuple(given[name])
    return Account(**given)
