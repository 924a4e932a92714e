"""The app-key: who comes in (lisoloo-api 2; decisions D1, D2, D27)."""

import pytest

from simulator.engine import Account, GatewaySettings
from simulator.gateway import customers
from simulator.gateway.customers import Customer
from simulator.gateway.errors import ApiError

from .conftest import KEY, Lab, MakeLab

SANDBOX = "sk_test_kqz3pX9aB7nT2vR4wY8eD1fH6jM5oU0i"
PRODUCTION = "sk_live_kqz3pX9aB7nT2vR4wY8eD1fH6jM5oU0i"

GUARDED = [
    ("POST", "/send"),
    ("GET", "/status/507f1f77bcf86cd799439011"),
    ("GET", "/balance"),
    ("DELETE", "/cancel/507f1f77bcf86cd799439011"),
    ("POST", "/pause/507f1f77bcf86cd799439011"),
    ("POST", "/resume/507f1f77bcf86cd799439011"),
]


@pytest.mark.parametrize(("method", "path"), GUARDED)
async def test_every_endpoint_but_health_wants_a_key(lab: Lab, method: str, path: str) -> None:
    assert (await lab.ask(method, path, key=None)).code == "1002"
    assert (await lab.ask(method, path, key="")).code == "1002"
    assert (await lab.ask(method, path, key="wrong")).code == "1001"


async def test_health_wants_none(lab: Lab) -> None:
    answer = await lab.ask("GET", "/health", key=None)
    assert answer.body == {
        "status": "healthy",
        "service": "lisoloo-sms-api",
        "version": "1.0.0",
        "timestamp": "2026-01-01T00:00:00Z",
    }


async def test_both_key_errors_say_the_documented_sentence(lab: Lab) -> None:
    for key in (None, "wrong"):
        answer = await lab.ask("GET", "/balance", key=key)
        assert (answer.status, answer.body["message"]) == (401, "Missing or invalid app-key")


async def test_any_sandbox_key_is_taken_where_accounts_are_open(make_lab: MakeLab) -> None:
    lab = await make_lab(open_to_all=True)
    assert (await lab.send(key=SANDBOX)).status == 201


async def test_and_no_unknown_key_where_a_scenario_names_accounts(lab: Lab) -> None:
    assert (await lab.send(key=SANDBOX)).code == "1001"


@pytest.mark.parametrize("key", [PRODUCTION, SANDBOX + "x", SANDBOX[:-1], SANDBOX[:-1] + "-", "sk_test_", "x" * 40])
async def test_open_accounts_still_want_a_well_formed_key(make_lab: MakeLab, key: str) -> None:
    lab = await make_lab(open_to_all=True)
    assert (await lab.send(key=key)).code == "1001"


async def test_two_unknown_keys_are_two_accounts(make_lab: MakeLab) -> None:
    lab = await make_lab(open_to_all=True)
    other = SANDBOX[:12] + "X" * 24 + SANDBOX[-4:]  # looks the same when masked
    identifier = (await lab.send(key=SANDBOX)).id
    assert (await lab.ask("GET", f"/status/{identifier}", key=other)).status == 404
    assert (await lab.ask("GET", f"/status/{identifier}", key=SANDBOX)).status == 200


async def test_the_name_of_an_open_account_hides_its_key(make_lab: MakeLab) -> None:
    lab = await make_lab(open_to_all=True)
    await lab.send(key=SANDBOX)
    (name,) = [account.name for account in lab.accounts if account.api_key == SANDBOX]
    assert SANDBOX[12:-4] not in name


async def test_open_accounts_are_bounded_in_number(make_lab: MakeLab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(customers, "MOST_OPEN_ACCOUNTS", 2)
    lab = await make_lab(open_to_all=True)
    keys = [SANDBOX[:-1] + last for last in "123"]
    assert [(await lab.send(key=key)).status for key in keys] == [201, 201, 401]
    assert (await lab.send(key=keys[0])).status == 201


async def test_a_key_of_the_other_environment_is_refused_with_401(make_lab: MakeLab) -> None:
    lab = await make_lab(Account("acme", api_key=PRODUCTION), Account("b", api_key="b", environment="production"))
    for key in (PRODUCTION, "b"):
        answer = await lab.send(key=key)
        assert (answer.status, answer.code) == (401, "1001")


async def test_a_gateway_can_be_the_production_one(make_lab: MakeLab) -> None:
    accounts = [Account("a", api_key=PRODUCTION), Account("b", api_key=SANDBOX), Account("c", api_key=KEY)]
    lab = await make_lab(*accounts, settings=GatewaySettings(environment="production"))
    assert [(await lab.send(key=account.api_key)).status for account in accounts] == [201, 401, 201]


@pytest.mark.parametrize(("status", "code"), [("suspended", "1004"), ("expired", "1005")])
@pytest.mark.parametrize(("method", "path"), GUARDED)
async def test_a_key_that_is_not_active_opens_nothing(
    make_lab: MakeLab, method: str, path: str, status: str, code: str
) -> None:
    lab = await make_lab(Account("acme", api_key=KEY, status=status))  # type: ignore[arg-type]
    answer = await lab.ask(method, path)
    assert (answer.status, answer.code) == (403, code)


@pytest.mark.parametrize(
    ("allow", "status"),
    [
        ((), 201),
        (("127.0.0.0/8",), 201),
        (("10.0.0.0/8", "127.0.0.1"), 201),
        (("127.0.0.1/8",), 201),
        (("10.0.0.0/8",), 403),
        (("::1/128",), 403),
    ],
)
async def test_a_key_may_be_bound_to_networks(make_lab: MakeLab, allow: tuple[str, ...], status: int) -> None:
    lab = await make_lab(Account("acme", api_key=KEY, allow=allow))
    assert (await lab.send()).status == status


@pytest.mark.parametrize("address", ["10.1.2.3", "::ffff:10.1.2.3", "fe80::1%eth0"])
def test_addresses_are_compared_however_they_are_spelled(address: str) -> None:
    Customer(Account("acme", allow=("10.0.0.0/8", "fe80::/10")), GatewaySettings()).check(address)


@pytest.mark.parametrize("address", ["11.0.0.1", "::1", "", None, "/tmp/socket"])
def test_any_other_address_is_refused(address: str | None) -> None:
    customer = Customer(Account("acme", allow=("10.0.0.0/8",)), GatewaySettings())
    with pytest.raises(ApiError):
        customer.check(address)


@pytest.mark.parametrize("account", [Account("a", "k", timezone="Mars/Olympus"), Account("a", "k", allow=("here",))])
async def test_an_impossible_account_is_found_before_anybody_listens(make_lab: MakeLab, account: Account) -> None:
    with pytest.raises(ValueError, match=r"Mars|here"):
        await make_lab(account)
