"""Rate limits: a sliding window for each key and endpoint, on the simulation's clock (lisoloo-api 8; D25)."""

import pytest

from simulator.engine import Account, Limits, Rate

from .conftest import KEY, Lab, MakeLab


@pytest.mark.parametrize(("path", "limit"), [("/balance", 30), ("/status/507f1f77bcf86cd799439011", 120)])
async def test_an_endpoint_has_its_documented_limit(lab: Lab, path: str, limit: int) -> None:
    answers = [(await lab.ask("GET", path)).status for _ in range(limit + 1)]
    assert 429 not in answers[:-1]
    assert answers[-1] == 429


async def test_sixty_messages_a_minute_and_then_a_429_with_equal_waits_in_header_and_body(lab: Lab) -> None:
    for _ in range(60):
        assert (await lab.send()).status == 201
    await lab.advance(33_000)
    answer = await lab.send()
    assert (answer.status, answer.code, answer.body["retryable"]) == (429, "1301", True)
    assert answer.headers["Retry-After"] == "27"
    assert answer.body["retry_after"] == 27


async def test_after_the_wait_the_next_one_is_let_in(make_lab: MakeLab) -> None:
    lab = await make_lab(Account("acme", api_key=KEY, limits=Limits(send=Rate(2, 60_000))))
    await lab.send()
    await lab.advance(10_000)
    await lab.send()
    wait = (await lab.send()).body["retry_after"]
    await lab.advance(wait * 1000 - 1)
    assert (await lab.send()).status == 429
    await lab.advance(1)
    assert (await lab.send()).status == 201
    assert (await lab.send()).status == 429


async def test_keys_and_endpoints_have_windows_of_their_own(make_lab: MakeLab) -> None:
    limits = Limits(send=Rate(1, 60_000), status=Rate(1, 60_000), balance=Rate(1, 60_000))
    lab = await make_lab(Account("a", api_key=KEY, limits=limits), Account("b", api_key="b", limits=limits))
    assert (await lab.send()).status == 201
    assert (await lab.ask("GET", "/balance")).status == 200
    assert (await lab.send(key="b")).status == 201
    assert (await lab.send()).status == 429


async def test_health_has_no_limit(lab: Lab) -> None:
    assert {(await lab.ask("GET", "/health", key=None)).status for _ in range(200)} == {200}


async def test_an_account_may_have_no_limit(make_lab: MakeLab) -> None:
    lab = await make_lab(Account("acme", api_key=KEY, balance=1000, limits=Limits(send=None)))
    assert {(await lab.send()).status for _ in range(100)} == {201}


async def test_a_refused_request_does_not_lengthen_the_wait(make_lab: MakeLab) -> None:
    lab = await make_lab(Account("acme", api_key=KEY, limits=Limits(send=Rate(1, 60_000))))
    assert (await lab.send()).status == 201
    waits = []
    for pause in (0, 1, 58_999, 1, 998):
        await lab.advance(pause)
        waits.append((await lab.send()).body["retry_after"])
    assert waits == [60, 60, 1, 1, 1]
    await lab.advance(1)
    assert (await lab.send()).status == 201


async def test_a_limit_of_nothing_lets_nobody_in(make_lab: MakeLab) -> None:
    lab = await make_lab(Account("acme", api_key=KEY, limits=Limits(send=Rate(0, 60_000))))
    assert (await lab.send()).body["retry_after"] == 60
