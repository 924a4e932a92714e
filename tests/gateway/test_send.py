"""POST /send: what is taken, what is answered, what it costs (lisoloo-api 3.1)."""

import pytest

from simulator.engine import Account, GatewaySettings
from simulator.gateway import DEFAULT_SENDER, content_of

from .conftest import KEY, NUMBER, Lab, MakeLab


async def test_an_immediate_message_is_answered_with_201_and_the_documented_body(lab: Lab) -> None:
    answer = await lab.send()
    assert answer.status == 201
    assert answer.body == {
        "status_code": 201,
        "success": True,
        "data": {
            "message_id": answer.id,
            "total_recipients": 1,
            "total_messages": 1,
            "total_cost": 0.02,
            "currency": "USD",
            "status": "pending",
            "sending_type": "immediate",
        },
    }


async def test_the_message_id_has_24_hexadecimal_digits(lab: Lab) -> None:
    answer = await lab.send()
    assert len(answer.id) == 24
    assert set(answer.id) <= set("0123456789abcdef")


async def test_every_recipient_and_segment_is_counted_and_charged(lab: Lab) -> None:
    answer = await lab.send("+1", "+2", "+3", message="x" * 200)
    assert answer.data["total_recipients"] == 3
    assert answer.data["total_messages"] == 6
    assert answer.data["total_cost"] == 0.12
    assert (await lab.balance())["balance"] == 99.88


async def test_duplicates_are_kept(lab: Lab) -> None:
    answer = await lab.send(NUMBER, NUMBER)
    assert answer.data["total_recipients"] == 2


@pytest.mark.parametrize(
    ("text", "segments"),
    [
        ("x" * 160, 1),
        ("x" * 161, 2),
        ("x" * 306, 2),
        ("x" * 307, 3),
        ("x" * 1600, 11),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("ж" * 70, 1),
        ("ж" * 71, 2),
        ("x" * 69 + "😀", 2),
        ("😀" * 1600, 48),
    ],
)
async def test_a_text_takes_as_many_segments_as_its_encoding_asks(lab: Lab, text: str, segments: int) -> None:
    assert (await lab.send(message=text)).data["total_messages"] == segments


@pytest.mark.parametrize("number", ["1", "+1", "0", "243998857000", "+243998857000", "123456789012345"])
async def test_a_number_has_1_to_15_digits_with_or_without_plus(lab: Lab, number: str) -> None:
    assert (await lab.send(number)).status == 201


@pytest.mark.parametrize(
    "number", ["", "+", "++1", "1+", "1 2", "1234567890123456", "+243-99", "abc", "1\n", "٣٤٥", "+1\0"]
)
async def test_anything_else_is_no_number(lab: Lab, number: str) -> None:
    answer = await lab.send(NUMBER, number)
    assert (answer.status, answer.code) == (400, "1104")
    assert [detail["field"] for detail in answer.body["details"]] == ["to[1]"]


async def test_all_bad_numbers_are_listed(lab: Lab) -> None:
    answer = await lab.send("x", NUMBER, "y", "z")
    assert [detail["field"] for detail in answer.body["details"]] == ["to[0]", "to[2]", "to[3]"]
    assert {detail["code"] for detail in answer.body["details"]} == {"INVALID_PHONE_NUMBER"}


async def test_a_thousand_recipients_are_taken_and_one_more_is_not(lab: Lab) -> None:
    assert (await lab.send(*[f"+2439{n:08}" for n in range(1000)])).data["total_recipients"] == 1000
    assert (await lab.send(*[f"+2439{n:08}" for n in range(1001)])).code == "1101"


@pytest.mark.parametrize("sender", ["A", "DIGI PUBLIC", "Digi public", "12345678901"])
async def test_a_sender_has_1_to_11_letters_digits_and_spaces(lab: Lab, sender: str) -> None:
    answer = await lab.send(sender_id=sender)
    assert answer.status == 201
    assert lab.message(answer.id).source == sender


@pytest.mark.parametrize("sender", ["", "TWELVE CHARS", "a_b", "é", 7, ["A"]])
async def test_any_other_sender_is_refused(lab: Lab, sender: object) -> None:
    assert (await lab.send(sender_id=sender)).code == "1103"


async def test_a_scenario_can_ask_for_the_strict_alphabet_of_senders(make_lab: MakeLab) -> None:
    lab = await make_lab(settings=GatewaySettings(strict_sender_id=True))
    assert (await lab.send(sender_id="Digi public")).code == "1103"
    assert (await lab.send(sender_id="DIGI1")).status == 201


async def test_a_message_without_sender_gets_the_default_one(lab: Lab) -> None:
    assert lab.message((await lab.send(sender_id=None)).id).source == DEFAULT_SENDER


async def test_unknown_fields_are_ignored(lab: Lab) -> None:
    assert (await lab.send(nonsense={"a": [1]})).status == 201


async def test_a_repeated_post_is_a_new_message_with_another_id(lab: Lab) -> None:
    one, other = await lab.send(), await lab.send()
    assert one.id != other.id
    assert (await lab.balance())["balance"] == 99.96


async def test_the_same_seed_gives_the_same_ids_whatever_came_before(make_lab: MakeLab) -> None:
    one, other = await make_lab(seed=7), await make_lab(seed=7)
    await other.send("+999")
    assert (await one.send()).id == (await other.send()).id


async def test_another_seed_gives_other_ids(make_lab: MakeLab) -> None:
    one, other = await make_lab(seed=7), await make_lab(seed=8)
    assert (await one.send()).id != (await other.send()).id


def test_the_fate_of_a_message_hangs_on_what_smpp_knows_of_it_too() -> None:
    assert content_of("acme", "SENDER", ["+243"], "hi") == b"acme\0SENDER\x00243\0hi"


async def test_a_message_that_costs_more_than_the_balance_is_refused_and_not_charged(make_lab: MakeLab) -> None:
    lab = await make_lab(Account("acme", api_key=KEY, balance=0.03))
    assert (await lab.send()).status == 201
    answer = await lab.send()
    assert (answer.status, answer.code) == (402, "1202")
    assert (await lab.balance())["balance"] == 0.01
    assert len(lab.engine.messages) == 1


async def test_nothing_is_refunded_when_a_message_fails(make_lab: MakeLab) -> None:
    from simulator.engine import Go, Path, Status

    lab = await make_lab(path=Path("fails", [Go(Status.FAILED)]))
    await lab.send()
    await lab.advance(1000)
    assert (await lab.balance())["balance"] == 99.98
