"""Money: wallets, prices, exact arithmetic (lisoloo-api 3.3; decision D23)."""

import pytest

from simulator.engine import Account
from simulator.gateway.balance import UNLIMITED_SMS, Wallet, amount, micros

from .conftest import KEY, MakeLab


async def test_the_balance_is_shown_as_documented(make_lab: MakeLab) -> None:
    lab = await make_lab(Account("acme", api_key=KEY, balance=80, postpaid=20.5, unit_price=0.02))
    answer = await lab.ask("GET", "/balance")
    assert answer.body == {
        "status_code": 200,
        "data": {
            "balance": 100.5,
            "sms_wallet_balance": 80.0,
            "postpaid_wallet_balance": 20.5,
            "currency": "USD",
            "unit_price": 0.02,
            "available_sms": 5025,
        },
    }


async def test_the_prepaid_wallet_is_drawn_first(make_lab: MakeLab) -> None:
    lab = await make_lab(Account("acme", api_key=KEY, balance=0.03, postpaid=1))
    await lab.send()
    await lab.send()
    data = await lab.balance()
    assert (data["sms_wallet_balance"], data["postpaid_wallet_balance"]) == (0, 0.99)


async def test_a_missing_wallet_counts_as_empty_and_two_missing_ones_are_an_error(make_lab: MakeLab) -> None:
    accounts = (
        Account("a", api_key=KEY, balance=None, postpaid=1),
        Account("b", api_key="b", balance=None, postpaid=None),
    )
    lab = await make_lab(*accounts)
    assert (await lab.balance())["sms_wallet_balance"] == 0
    assert (await lab.ask("GET", "/balance", key="b")).status == 400
    assert (await lab.send(key="b")).code == "1202"


async def test_ten_times_ten_cents_is_exactly_one(make_lab: MakeLab) -> None:
    lab = await make_lab(Account("acme", api_key=KEY, balance=1, unit_price=0.1))
    for _ in range(10):
        assert (await lab.send()).status == 201
    assert (await lab.balance())["balance"] == 0
    assert (await lab.send()).status == 402


async def test_a_price_of_nothing_makes_messages_free(make_lab: MakeLab) -> None:
    lab = await make_lab(Account("acme", api_key=KEY, balance=0, unit_price=0))
    assert (await lab.send()).data["total_cost"] == 0
    assert (await lab.balance())["available_sms"] == UNLIMITED_SMS


@pytest.mark.parametrize("value", [0.01, 0.02, 0.1, 0.3, 1.1, 99.98, 100.0, 1e9, 0.000001])
def test_an_amount_is_shown_as_it_was_written(value: float) -> None:
    assert amount(micros(value)) == value


def test_a_refund_goes_to_the_prepaid_wallet() -> None:
    wallet = Wallet(None, 1, 0.02)
    wallet.take(20_000)
    wallet.give_back(20_000)
    assert (wallet.prepaid, wallet.postpaid) == (20_000, 980_000)
