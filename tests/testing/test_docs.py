"""What docs/python.md shows is run."""

import re
from pathlib import Path

import pytest

from tests.testing.conftest import Inner

TEXT = (Path(__file__).parents[2] / "docs" / "python.md").read_text()
SHOWN = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)

APPLICATION = """
import asyncio

def send_code(to, gateway):
    class Sim:
        base_url = gateway
    send(Sim, to, "Your code is 1234")

async def send_code_async(to, gateway):
    await asyncio.to_thread(send_code, to, gateway)

"""
REJECTING = "scenario: 1\nname: rejecting\nrules: [{path: rejected}]\n"


@pytest.mark.parametrize("number", range(len(SHOWN)))
def test_each_example_runs(inner: Inner, number: int) -> None:
    example = SHOWN[number]
    if "def test_" not in example:
        calls = "asyncio.run(main())" if "async def main" in example else ""
        body = "".join(f"    {line}\n" for line in f"{example}\n{calls}".splitlines())
        example = f"def test_it():\n{body}"
    result = inner(
        APPLICATION + example,
        *(
            "-p",
            "pytest_asyncio.plugin",
            "-o",
            "asyncio_mode=auto",
            "-o",
            "asyncio_default_fixture_loop_scope=function",
        ),
        rejecting__yaml=REJECTING,
    )
    outcomes = result.parseoutcomes()
    assert outcomes == {"passed": example.count("def test_")}


def test_every_option_is_in_the_docs(inner: Inner) -> None:
    shown = inner("", "--help").stdout.str()
    for option in re.findall(r"(--carrier-\w+)", shown):
        assert f"`{option} " in TEXT
