"""Which scenarios a command line means: files, folders of them, and names of shipped ones."""

from collections.abc import Sequence
from pathlib import Path

from simulator.scenario import Scenario, ScenarioError, ScenarioErrors, load

SUFFIXES = (".yaml", ".yml")


def files_of(names: Sequence[str]) -> list[str]:
    """Each file or shipped name, folders taken apart: their YAML files in alphabetical order, subfolders included.
    Raises ScenarioErrors for a folder without any."""
    found: list[str] = []
    for name in names:
        path = Path(name)
        if not path.is_dir():
            found.append(name)
            continue
        inside = sorted(file for file in path.rglob("*") if file.suffix in SUFFIXES and _is_scenario(file))
        if not inside:
            raise ScenarioErrors([ScenarioError(name, 0, 0, "no scenario in this folder: they end in .yaml or .yml")])
        found += [str(file) for file in inside]
    return list(dict.fromkeys(found))


def _is_scenario(file: Path) -> bool:
    """Whether a file says so itself: a folder may hold files that scenarios include, or other YAML altogether."""
    try:
        with file.open(encoding="utf-8", errors="replace") as lines:
            return any(line.startswith("scenario:") for line in lines)
    except OSError:
        return True  # whoever loads it tells why


def load_all(files: Sequence[str], only: str | None = None) -> list[Scenario]:
    """All of them, or those whose name contains `only`. Raises ScenarioErrors with everything wrong in all of them."""
    errors: list[ScenarioError] = []
    scenarios: list[Scenario] = []
    for file in files:
        try:
            scenarios.append(load(file))
        except ScenarioErrors as problems:
            errors += problems.errors
    if errors:
        raise ScenarioErrors(errors)
    if only is None:
        return scenarios
    chosen = [scenario for scenario in scenarios if only.casefold() in scenario.name.casefold()]
    if not chosen:
        names = ", ".join(scenario.name for scenario in scenarios)
        raise ScenarioErrors([ScenarioError("-k", 0, 0, f"no scenario's name contains '{only}': there are {names}")])
    return chosen
