"""`run --listen`: somebody else sends; the scenario only checks."""

import asyncio
from typing import Any

from aiohttp import ClientSession

from simulator.gateway import BASE_PATH
from simulator.runner.listen import listen
from simulator.runner.run import Run
from simulator.scenario import load_text

SCENARIO = """
scenario: 1
name: listening
clock: instant
accounts: [{name: acme, api_key: sk_test_listen0000000000000000000000001}]
rules: [{path: delivered}]
traffic:
  - send: {id: otp, to: "+15550101", message: whatever}
expect:
  - {message: otp, status: STATUS, response: {status: 201}}
"""


async def sent_by_another(status: str, *numbers: str) -> Run:
    run = Run(load_text(SCENARIO.replace("STATUS", status), "listen.yaml"), time_limit_s=5.0)
    said: asyncio.Queue[str] = asyncio.Queue()
    listening = asyncio.create_task(listen(run, "127.0.0.1", 0, 0, said.put_nowait))
    url = (await said.get()).split("send to ")[1].split(" ")[0]
    async with ClientSession() as session:
        for number in numbers:
            headers = {"app-key": "sk_test_listen0000000000000000000000001"}
            body: dict[str, Any] = {"to": [number], "message": "from the system under test"}
            async with session.post(url + BASE_PATH + "/send", json=body, headers=headers) as answer:
                assert answer.status == 201
    await listening
    return run


async def test_it_ends_as_soon_as_what_is_expected_has_come() -> None:
    run = await sent_by_another("delivered", "+15550101")
    assert [verdict.held for verdict in run.report.verdicts] == [True]
    assert run.report.walks[0].text == "from the system under test"


async def test_it_ends_when_what_came_can_no_more_be_right() -> None:
    run = await sent_by_another("failed", "+15550101")
    assert [verdict.held for verdict in run.report.verdicts] == [False]
    assert "ended as delivered" in run.report.verdicts[0].text


async def test_messages_that_the_scenario_doesnt_describe_are_others() -> None:
    run = await sent_by_another("delivered", "+15550777", "+15550101")
    assert [walk.id for walk in run.report.walks] == ["other", "otp"]


async def test_a_time_limit_ends_it_when_nothing_comes() -> None:
    run = Run(load_text(SCENARIO.replace("STATUS", "delivered"), "listen.yaml"), time_limit_s=0.1)
    await listen(run, "127.0.0.1", 0, 0, lambda text: None)
    assert "no message 'otp' was sent" in run.report.verdicts[0].text
    assert "ended after 0.1 s" in run.report.notes[0]
