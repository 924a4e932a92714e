"""The pytest plugin, seen by those who use it."""

import pytest

from simulator.journal import read_journal
from tests.testing.conftest import Inner

ACCOUNT = "accounts: [{name: acme, api_key: sk_test_00000000000000000000000000000000, system_id: acme}]\n"
REJECTING = f"scenario: 1\nname: rejecting\nseed: 3\n{ACCOUNT}rules: [{{path: rejected}}]\n"
MANUAL = f"scenario: 1\nname: standing-still\nclock: manual\n{ACCOUNT}"


def test_a_test_gets_a_carrier_and_the_end_of_each_message_at_once(inner: Inner) -> None:
    inner("""
def test_it(carrier_sim):
    identifier = send(carrier_sim, "+15550100005")
    message = carrier_sim.wait_for("failed")
    assert message.id == identifier
    assert message.history[-1].at - message.accepted_at == 24 * 3600 * 1000
""").assert_outcomes(passed=1)


def test_each_test_begins_anew_with_the_same_ids_at_the_same_address(inner: Inner) -> None:
    inner("""
seen = set()

@pytest.mark.parametrize("n", range(3))
def test_it(carrier_sim, n):
    assert len(carrier_sim.messages) == 0
    seen.add((send(carrier_sim), carrier_sim.base_url, carrier_sim.smpp_address))
    assert len(seen) == 1
""").assert_outcomes(passed=3)


def test_the_marker_chooses_scenario_seed_and_clock(inner: Inner) -> None:
    inner(
        """
@pytest.mark.carrier_scenario("rejecting.yaml")
def test_a_file_beside_the_test(carrier_sim):
    send(carrier_sim)
    assert carrier_sim.wait_for("rejected").error_code == "1502"
    assert (carrier_sim.seed, carrier_sim.simulator.clock.name) == (3, "instant")

@pytest.mark.carrier_scenario("phone-off")
def test_a_shipped_one(carrier_sim):
    assert carrier_sim.scenario.name == "phone-off"

@pytest.mark.carrier_scenario("standing.yaml", seed=5)
def test_its_own_clock(carrier_sim):
    assert (carrier_sim.seed, carrier_sim.simulator.clock.name) == (5, "manual")
    send(carrier_sim)
    assert carrier_sim.messages.one().status == "pending"
    carrier_sim.advance("24h")
    assert carrier_sim.messages.one().status == "delivered"

@pytest.mark.carrier_scenario(clock="manual")
def test_only_the_clock(carrier_sim):
    assert (carrier_sim.scenario.name, carrier_sim.simulator.clock.name) == ("default", "manual")

def test_none(carrier_sim):
    assert (carrier_sim.scenario.name, carrier_sim.seed) == ("default", 0)
""",
        rejecting__yaml=REJECTING,
        standing__yaml=MANUAL,
    ).assert_outcomes(passed=5)


def test_a_wrong_scenario_is_an_error_that_shows_the_line(inner: Inner) -> None:
    result = inner(
        """
@pytest.mark.carrier_scenario("wrong.yaml")
def test_it(carrier_sim):
    pass
""",
        wrong__yaml="scenario: 1\nname: wrong\nrules: [{path: deliverd}]\n",
    )
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*wrong.yaml:3:*deliverd*"])


def test_options_choose_the_seed_and_the_clock_of_all_tests(inner: Inner) -> None:
    inner(
        """
def test_it(carrier_sim, make_carrier_sim):
    assert (carrier_sim.seed, carrier_sim.simulator.clock.name) == (9, "manual")
    other = make_carrier_sim()
    assert (other.seed, other.simulator.clock.name) == (9, "manual")
""",
        "--carrier-seed=9",
        "--carrier-clock=manual",
    ).assert_outcomes(passed=1)


def test_a_factory_makes_more_of_them(inner: Inner) -> None:
    inner(
        """
def test_it(make_carrier_sim):
    one, two = make_carrier_sim("rejecting.yaml"), make_carrier_sim(clock="manual", seed=4)
    assert one.http_port != two.http_port
    send(one)
    assert one.wait_for("rejected")
    assert len(two.messages) == 0
    assert (two.seed, two.simulator.clock.name) == (4, "manual")
""",
        rejecting__yaml=REJECTING,
    ).assert_outcomes(passed=1)


ASYNC = """
import aiohttp

@MARK
async def test_it(carrier_sim):
    body = {"to": ["+15550100001"], "message": "hello", "sender_id": "ACME"}
    async with aiohttp.ClientSession(headers={"app-key": "sk_test_" + "0" * 32}) as client:
        async with client.post(carrier_sim.base_url + "/api/v1/lisoloo/sms-api/send", json=body) as response:
            assert response.status == 201
    message = await carrier_sim.aio.wait_for("delivered")
    assert message.walk[-1] == carrier_sim.messages.one().status == "delivered"
    await carrier_sim.aio.reset()
    assert len(carrier_sim.messages) == 0
    with pytest.raises(RuntimeError, match="await it"):
        carrier_sim.advance("1s")
"""


def test_it_works_with_pytest_asyncio(inner: Inner) -> None:
    scope = "asyncio_default_fixture_loop_scope=function"
    inner(ASYNC.replace("MARK", "pytest.mark.asyncio"), "-p", "pytest_asyncio.plugin", "-o", scope).assert_outcomes(
        passed=1
    )


def test_it_works_with_anyio(inner: Inner) -> None:
    backend = "@pytest.fixture\ndef anyio_backend():\n    return 'asyncio'\n"
    inner(backend + ASYNC.replace("MARK", "pytest.mark.anyio"), "-p", "anyio").assert_outcomes(passed=1)


def test_it_works_with_trio(inner: Inner) -> None:
    pytest.importorskip("trio")
    inner(
        """
@pytest.fixture
def anyio_backend():
    return "trio"

@pytest.mark.anyio
async def test_it(carrier_sim):
    import trio
    await trio.to_thread.run_sync(send, carrier_sim)
    assert (await carrier_sim.aio.wait_for("delivered")).status == "delivered"
""",
        "-p",
        "anyio",
    ).assert_outcomes(passed=1)


def test_it_works_with_xdist(inner: Inner) -> None:
    inner(
        """
@pytest.mark.parametrize("n", range(6))
def test_it(carrier_sim, n):
    send(carrier_sim)
    assert carrier_sim.wait_for("delivered", count=1)
    assert len(carrier_sim.messages) == 1
""",
        "-p",
        "xdist",
        "-n2",
        subprocess=True,
    ).assert_outcomes(passed=6)


# ---- failures ----

FAILING = """
def test_it(carrier_sim):
    send(carrier_sim, "+15550100002", "where is it?")
    carrier_sim.wait_for("delivered", timeout=0.1)
"""


def test_a_failed_test_shows_what_the_carrier_saw(inner: Inner) -> None:
    result = inner(FAILING)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*AssertionError: expected 1 message to have come to 'delivered' within 0.1 s: 0 did",
            "*-- carrier-sim --*",
            "scenario default, seed 0, now 2026-01-01T*: 1 messages, 0 refused, 0 HTTP errors",
            '* via http by * to +15550100002 at 2026-01-01T00:00:00.000Z: "where is it?"',
            "*undelivered (unknown_subscriber, error_code 1502)",
        ]
    )


def test_a_passed_test_shows_nothing(inner: Inner) -> None:
    result = inner("def test_it(carrier_sim):\n    send(carrier_sim)\n", "-rA")
    result.assert_outcomes(passed=1)
    result.stdout.no_fnmatch_line("*carrier-sim --*")


def test_each_test_leaves_a_journal_where_one_is_asked_for(inner: Inner, pytester: pytest.Pytester) -> None:
    result = inner(
        FAILING
        + """
@pytest.mark.parametrize("to", ["+15550100001"])
def test_other(carrier_sim, make_carrier_sim, to):
    send(carrier_sim, to)
    carrier_sim.wait_for("delivered")
    send(make_carrier_sim(), to)
""",
        "--carrier-journal=journals",
    )
    result.assert_outcomes(failed=1, passed=1)
    result.stdout.fnmatch_lines(["*-- carrier-sim journal --*", "journals/test_inner.py--test_it.jsonl"])
    found = {path.name: read_journal(path) for path in pytester.path.joinpath("journals").iterdir()}
    assert set(found) == {
        "test_inner.py--test_it.jsonl",
        "test_inner.py--test_other[+15550100001].jsonl",
        "test_inner.py--test_other[+15550100001].2.jsonl",
    }
    for journal in found.values():
        assert journal.ended
        assert [event["e"] for _, event in journal.events][:2] == ["http", "accepted"]


# ---- scenario files ----

PLAYED = f"""
scenario: 1
name: everything arrives
{ACCOUNT}
traffic:
  - send: {{id: hello, via: smpp, account: acme, to: "+15550100001", message: hello}}
expect:
  - {{message: hello, status: STATUS}}
"""


def test_scenario_files_are_tests(inner: Inner) -> None:
    result = inner(
        "def test_it():\n    pass\n",
        "-v",
        test_good__scenario__yaml=PLAYED.replace("STATUS", "delivered"),
        test_bad__scenario__yaml=PLAYED.replace("STATUS", "rejected"),
        other__scenario__yaml=PLAYED,
    )
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(["*test_good.scenario.yaml::everything arrives PASSED*"])
    result.stdout.fnmatch_lines(
        ["*test_bad.scenario.yaml:9: hello: status", "*expected the status rejected*ended as delivered*"]
    )
    result.stdout.no_fnmatch_line("*Traceback*")


def test_a_wrong_scenario_file_is_an_error_that_shows_the_line(inner: Inner) -> None:
    result = inner("", test_wrong__scenario__yaml="scenario: 1\nname: wrong\nrules: [{path: deliverd}]\n")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*test_wrong.scenario.yaml:3:*deliverd*"])


def test_nothing_heavy_is_imported_before_a_test_asks_for_it(inner: Inner) -> None:
    inner(
        """
def test_it():
    import sys
    assert not {"aiohttp", "pydantic", "simulator.app"} & set(sys.modules)
""",
        subprocess=True,
    ).assert_outcomes(passed=1)
