"""docs/scenario-language.md: its examples load, and its tables are those of the code."""

import re
from pathlib import Path

import pytest

from simulator.engine import CAUSES
from simulator.scenario import builtin_paths, load_text
from simulator.scenario.model import ScenarioModel
from simulator.scenario.reference import page
from simulator.scenario.steps import StepModel
from simulator.scenario.traffic import Send, TrafficModel

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "scenario-language.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def test_there_are_examples() -> None:
    assert len(BLOCKS) >= 7


@pytest.mark.parametrize("block", BLOCKS, ids=[block.split("\n")[0][:30] for block in BLOCKS])
def test_an_example_loads(block: str) -> None:
    load_text(block if "scenario: 1" in block else f"scenario: 1\n{block}", "docs.yaml")


def test_all_built_in_paths_and_causes_are_listed() -> None:
    rows = set(re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE))
    assert rows == {*builtin_paths(), *CAUSES}
    for cause in CAUSES.values():
        assert f"| `{cause.name}` | {cause.error_code or ''} | {cause.network_error} | {cause.text} |" in PAGE


@pytest.mark.parametrize("model", [ScenarioModel, StepModel, TrafficModel, Send])
def test_every_field_is_named(model: type[ScenarioModel | StepModel | TrafficModel | Send]) -> None:
    for name in model.field_names():
        if name not in ("pending", "failed"):
            assert re.search(rf"\b{name}\b", PAGE), name


def test_the_reference_is_current() -> None:
    """If not: python -m simulator.scenario.reference > docs/scenario-reference.md"""
    assert (DOCS / "scenario-reference.md").read_text(encoding="utf-8") == page()
