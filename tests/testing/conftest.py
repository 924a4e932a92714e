"""Runs of pytest inside a test, with the plugin loaded."""

from collections.abc import Callable
from typing import Any

import pytest

PLUGIN = "simulator.testing.plugin"

Inner = Callable[..., pytest.RunResult]


@pytest.fixture
def inner(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Inner:
    """Writes a test file, with what the tests below share, and runs it. Keyword arguments are files beside it.

    No other plugin is loaded than those that a test names, whatever is installed.
    """
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")

    def run(test: str, *options: str, subprocess: bool = False, **files: str) -> pytest.RunResult:
        pytester.makepyfile(test_inner=SHARED + test)
        for name, text in files.items():
            pytester.path.joinpath(name.replace("__", ".")).write_text(text)
        usual = ["-p", PLUGIN, "-p", "no:cacheprovider", "-W", "error", "--strict-markers"]
        more: dict[str, Any] = {"timeout": 50} if subprocess else {}
        start = pytester.runpytest_subprocess if subprocess else pytester.runpytest_inprocess
        return start(*usual, *options, **more)

    return run


SHARED = """
import json
from urllib.request import Request, urlopen

import pytest


def send(sim, to="+15550100001", text="hello", key="sk_test_" + "0" * 32):
    body = json.dumps({"to": [to], "message": text, "sender_id": "ACME"}).encode()
    url = sim.base_url + "/api/v1/lisoloo/sms-api/send"
    with urlopen(Request(url, body, {"app-key": key, "Content-Type": "application/json"})) as response:
        return json.load(response)["data"]["message_id"]

"""
