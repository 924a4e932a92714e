"""Scenarios from files: find, read, check, build. Everything wrong in a file is found here, never while it runs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path as File
from types import MappingProxyType

from simulator.engine import Path, World
from simulator.scenario.build import Names, make_accounts, make_paths, make_rules, make_smscs, make_world
from simulator.scenario.check import Checked, check
from simulator.scenario.errors import MOST_ERRORS, ScenarioError, ScenarioErrors, did_you_mean
from simulator.scenario.expect import Expectation
from simulator.scenario.play import Play
from simulator.scenario.positions import Source
from simulator.scenario.read import Unreadable, read_text
from simulator.scenario.traffic import Action

DEFAULT = "default"
"""The scenario that is played when no file is given."""

_HERE = File(__file__).parent
DEFAULT_FILE = _HERE / "default.yaml"


@dataclass(frozen=True, slots=True)
class Scenario:
    """What one file says."""

    world: World
    name: str
    description: str = ""
    file: str = ""
    """As it was named when it was loaded."""
    traffic: tuple[Action, ...] = ()
    expect: tuple[Expectation, ...] = ()
    paths: Mapping[str, Path] = field(default_factory=dict)
    """All that rules may name, the built-in ones included."""
    files: tuple[str, ...] = ()
    """The file itself and all that it includes."""


def load(path: str | File) -> Scenario:
    """The scenario in a file, or with the name of a shipped one (or `default`). Raises ScenarioErrors."""
    found = find(path)
    shown = DEFAULT if found == DEFAULT_FILE else str(path if isinstance(path, File) or File(path) == found else found)
    try:
        text = read_text(found)
    except Unreadable as error:
        raise ScenarioErrors([ScenarioError(str(path), 0, 0, f"can't be read: {error}")]) from None
    return _load(text, shown, found)


def load_text(text: str, file: str = "<text>") -> Scenario:
    """The scenario in a text. What it includes is looked for beside `file`. Raises ScenarioErrors."""
    return _load(text, file, File(file))


def default() -> Scenario:
    """What is played when no file is given: any credentials, and a path for each magic suffix."""
    return load(DEFAULT)


def find(name_or_path: str | File) -> File:
    """The file that is meant: one that exists, or a shipped scenario by its name. Raises ScenarioErrors."""
    path = File(name_or_path)
    name = str(name_or_path)
    if name == DEFAULT:
        return DEFAULT_FILE
    if isinstance(name_or_path, File) or path.suffix in (".yaml", ".yml") or len(path.parts) != 1:
        return path
    for shipped_name, file in _shipped_files():
        if shipped_name == name:
            return file
    try:
        if path.exists():
            return path
    except (OSError, ValueError):
        pass
    names = [DEFAULT, *(shipped_name for shipped_name, _ in _shipped_files())]
    message = "there is no such file, and no shipped scenario of this name"
    raise ScenarioErrors([ScenarioError(name[:200], 0, 0, message, hint=did_you_mean(name, names))])


def shipped() -> list[tuple[str, str, File]]:
    """(name, description, file) of each scenario that comes with carrier-sim."""
    found = []
    for name, file in _shipped_files():
        data = Source(str(file), read_text(file)).data
        found.append((name, str(data.get("description", "")) if isinstance(data, dict) else "", file))
    return found


def _shipped_files() -> list[tuple[str, File]]:
    package = _HERE.parent
    # in the wheel they are inside the package; in a checkout at the top
    for folder in (package / "scenarios", package.parent / "scenarios"):
        if folder.is_dir():
            return [(file.stem, file) for file in sorted(folder.glob("*.yaml"))]
    return []


@cache
def builtin_paths() -> Mapping[str, Path]:
    """The paths that every scenario may use: those of the default scenario."""
    return MappingProxyType(_load(read_text(DEFAULT_FILE), DEFAULT, DEFAULT_FILE, builtin={}).paths)


def _load(text: str, shown: str, file: File, builtin: Mapping[str, Path] | None = None) -> Scenario:
    if builtin is None:
        builtin = {} if file == DEFAULT_FILE else builtin_paths()
    errors: list[ScenarioError] = []
    main = check(Source(shown, text), errors)
    files = _with_included(main, file, errors)
    paths = make_paths(files, builtin)
    accounts = make_accounts(main.accounts)
    names = Names(
        [account.name for account in accounts] if len(accounts) == len(main.accounts) else [],
        [model.name if model is not None else "" for _, model in main.smscs] or ["smsc"],
    )
    smscs = make_smscs(main.smscs, names)
    parts = [part for checked in files for part in checked.rules]
    rules = make_rules(parts, paths, names)
    play = Play(main, accounts, file.parent)
    if errors or main.head is None or rules is None:
        raise ScenarioErrors(_sorted(errors, [checked.at.source.file for checked in files]))
    return Scenario(
        world=make_world(main.head, rules, accounts, smscs),
        name=main.head.name or file.stem,
        description=main.head.description,
        file=shown,
        traffic=tuple(play.traffic),
        expect=tuple(play.expect),
        paths={name: path for name, path in paths.items() if path is not None},
        files=tuple(checked.at.source.file for checked in files),
    )


def _with_included(main: Checked, file: File, errors: list[ScenarioError]) -> list[Checked]:
    """The file and all that it includes, each once, in the order of their rules."""
    found = [main]
    seen = {_resolved(file)}

    def walk(checked: Checked, at_file: File, chain: tuple[File, ...]) -> None:
        for name, at in checked.include:
            wanted = at_file.parent / name
            resolved = _resolved(wanted)
            if resolved in chain:
                way = " includes ".join(link.name for link in (*chain[chain.index(resolved) :], resolved))
                at.wrong(f"the include goes round in a circle: {way}")
                continue
            if resolved in seen:
                continue
            seen.add(resolved)
            try:
                text = read_text(wanted)
            except Unreadable as error:
                at.wrong(f"can't include '{name[:200]}': {error}")
                continue
            try:
                source = Source(str(wanted), text)
            except ScenarioErrors as problems:
                errors.extend(problems.errors)
                continue
            inner = check(source, errors, included=True)
            found.append(inner)
            if len(chain) < 20:
                walk(inner, wanted, (*chain, resolved))
            elif inner.include:
                inner.at.sub("include").wrong(
                    "files that include files that include ...: more than 20 levels", key=True
                )

    walk(main, file, (_resolved(file),))
    return found


def _resolved(file: File) -> File:
    try:
        return file.resolve()
    except (OSError, ValueError, RuntimeError):
        return file


def _sorted(errors: list[ScenarioError], files: list[str]) -> list[ScenarioError]:
    order = {name: number for number, name in enumerate(files)}
    unique = list(dict.fromkeys(errors))
    unique.sort(key=lambda error: (order.get(error.file, len(order)), error.line, error.column))
    if len(unique) > MOST_ERRORS:
        last = unique[MOST_ERRORS - 1]
        more = ScenarioError(last.file, 0, 0, f"... and {len(unique) - MOST_ERRORS} more")
        unique = [*unique[:MOST_ERRORS], more]
    return unique
