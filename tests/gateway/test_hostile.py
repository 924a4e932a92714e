"""Whatever comes in, the answer is JSON in a documented shape: no traceback, and never a 500."""

import asyncio
import gzip
from io import BytesIO
from typing import Any

import orjson
import pytest
from aiohttp import FormData, web
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulator.gateway import BASE_PATH, Gateway
from simulator.gateway.server import LARGEST_BODY

from .conftest import KEY, NUMBER, Answer, Lab

ENVELOPE = {
    *("success", "status_code", "error_code", "message", "details"),
    *("timestamp", "request_id", "retryable", "retry_after"),
}


def refused(answer: Answer, status: int = 400, code: str = "1110") -> bool:
    assert set(answer.body) == ENVELOPE
    assert answer.body["status_code"] == answer.status
    return (answer.status, answer.code) == (status, code)


async def post(lab: Lab, data: Any, **headers: str) -> Answer:
    headers = {"Content-Type": "application/json", **{name.replace("_", "-"): value for name, value in headers.items()}}
    if isinstance(data, bytes) and len(data) > 1 << 20:
        data = BytesIO(data)
    return await lab.ask("POST", "/send", data=data, headers=headers)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b"5",
        b'"to"',
        b"true",
        b"{'to': 1}",
        b'{"to": ["+1"], "message": "x"} trailing',
        b'{"to": ["+1"], "message": NaN}',
        b'{"to": ["+1"], "message": "\xff\xfe"}',
        b'{"to": ["+1"], "message": "\\ud800"}',
        b'{"to": ["+1"], "message": "\xed\xa0\x80"}',
        b"\xef\xbb\xbf{}",
        b"\0",
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"to":' + b"[" * 900 + b"]" * 900 + b"",
        '{"to": ["+1"], "message": "x"}'.encode("utf-16"),
    ],
    ids=lambda body: f"{body[:20]!r}",
)
async def test_what_is_no_json_object_is_refused_with_1110(lab: Lab, body: bytes) -> None:
    assert refused(await post(lab, body))


async def test_a_nul_is_a_character_like_any_other(lab: Lab) -> None:
    answer = await lab.send(message="a\0b")
    assert answer.status == 201
    assert lab.message(answer.id).text == "a\0b"


async def test_deep_nesting_within_a_field_is_just_a_wrong_type(lab: Lab) -> None:
    body = b'{"message": "x", "to": ' + b"[" * 500 + b"]" * 500 + b"}"
    assert refused(await post(lab, body), code="1101")


async def test_a_million_recipients_are_refused_in_one_sentence(lab: Lab) -> None:
    body = orjson.dumps({"to": ["+1234"] * 1_000_000, "message": "x"})
    answer = await post(lab, body)
    assert refused(answer, code="1101")
    assert len(answer.body["details"]) == 1


@pytest.mark.parametrize("chunked", [False, True])
async def test_a_body_over_the_limit_is_refused(lab: Lab, chunked: bool) -> None:
    body = b'{"to": ["+1"], "message": "' + b"x" * (LARGEST_BODY + 1) + b'"}'

    async def chunks() -> Any:
        for start in range(0, len(body), 1 << 20):
            yield body[start : start + (1 << 20)]

    assert refused(await post(lab, chunks() if chunked else body))


async def test_a_message_of_ten_megabytes_is_refused_for_its_length(lab: Lab) -> None:
    body = b'{"to": ["+1"], "message": "' + b"x" * (LARGEST_BODY - 100) + b'"}'
    assert refused(await post(lab, body), code="1102")


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "multipart/form-data", "json", "", ";", "\udcff"])
async def test_another_content_type_is_refused(lab: Lab, kind: str) -> None:
    assert refused(await post(lab, orjson.dumps({"to": [NUMBER], "message": "x"}), Content_Type=kind))


async def test_a_form_is_refused(lab: Lab) -> None:
    assert refused(await lab.ask("POST", "/send", data=FormData({"to": NUMBER, "message": "x"})))


@pytest.mark.parametrize(
    "kind", ["application/json; charset=utf-8", "Application/JSON", "application/vnd.api+json", "application/json;"]
)
async def test_json_by_another_name_is_taken(lab: Lab, kind: str) -> None:
    answer = await post(lab, orjson.dumps({"to": [NUMBER], "message": "x"}), Content_Type=kind)
    assert answer.status == 201


async def test_a_compressed_body_is_taken_and_a_broken_one_refused(lab: Lab) -> None:
    body = gzip.compress(orjson.dumps({"to": [NUMBER], "message": "x"}))
    assert (await post(lab, body, Content_Encoding="gzip")).status == 201
    assert refused(await post(lab, b"not compressed", Content_Encoding="gzip"))
    assert refused(await post(lab, gzip.compress(b"x" * (LARGEST_BODY * 2)), Content_Encoding="gzip"))


@pytest.mark.parametrize("path", ["", "/", "/sends", "/send/", "/status", "/status/", "/status/a/b", "/cancel"])
async def test_an_unknown_path_is_a_404_in_json(lab: Lab, path: str) -> None:
    assert refused(await lab.ask("GET", path), status=404)


async def test_so_is_everything_outside_of_the_base_path(lab: Lab) -> None:
    for path in ("/", "/send", "/api/v2/lisoloo/sms-api/send", "/%ff%00", "/" + "x" * 5000):
        assert refused(await lab.ask("POST", f"http://127.0.0.1:{lab.port}{path}"), status=404)


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/send", "POST"),
        ("/status/507f1f77bcf86cd799439011", "GET"),
        ("/balance", "GET"),
        ("/health", "GET"),
        ("/cancel/507f1f77bcf86cd799439011", "DELETE"),
        ("/pause/507f1f77bcf86cd799439011", "POST"),
        ("/resume/507f1f77bcf86cd799439011", "POST"),
    ],
)
async def test_another_method_is_a_405_that_names_the_right_one(lab: Lab, path: str, allowed: str) -> None:
    for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"} - {allowed}:
        answer = await lab.ask(method, path)
        assert refused(answer, status=405)
        assert answer.headers["Allow"] == allowed


async def test_routes_that_others_add_come_before_the_404(lab: Lab) -> None:
    async def root(request: web.Request) -> web.Response:
        return web.json_response({"page": request.path})

    gateway = Gateway(lab.engine, lab.accounts)
    gateway.app.router.add_get("/", root)
    gateway.app.router.add_get("/control/v1/{rest:.*}", root)
    port = await gateway.start()
    try:
        for path, status in (("/", 200), ("/control/v1/x", 200), ("/control/v2", 404), (BASE_PATH + "/health", 200)):
            assert (await lab.ask("GET", f"http://127.0.0.1:{port}{path}")).status == status
    finally:
        await gateway.stop()


async def raw(lab: Lab, request: bytes) -> tuple[int, dict[str, Any]]:
    """What comes back for these bytes: (status, body)."""
    reader, writer = await asyncio.open_connection("127.0.0.1", lab.port)
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
    body = await reader.readexactly(length)
    writer.close()
    await writer.wait_closed()
    assert b"application/json" in head
    return int(head.split(b" ")[1]), orjson.loads(body)


@pytest.mark.parametrize(
    "request_",
    [
        b"nonsense\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        b"POST /send HTTP/1.1\r\nContent-Length: x\r\n\r\n",
        b"POST /send HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"GET / HTTP/1.1\r\nA" + b"a" * 20_000 + b": b\r\n\r\n",
        b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\n\r\n",
    ],
    ids=lambda request_: f"{request_[:30]!r}",
)
async def test_what_is_no_http_is_answered_in_json_too(lab: Lab, request_: bytes) -> None:
    status, body = await raw(lab, request_)
    assert status == body["status_code"] == 400
    assert set(body) == ENVELOPE


async def test_expectations_are_met_or_ignored(lab: Lab) -> None:
    path = f"{BASE_PATH}/health".encode()
    assert (await raw(lab, b"GET " + path + b" HTTP/1.1\r\nHost: x\r\nExpect: miracles\r\n\r\n"))[0] == 200
    answer = await lab.ask("POST", "/send", json={"to": [NUMBER], "message": "x"}, expect100=True)
    assert answer.status == 201


@pytest.mark.parametrize("header", ["", "*", "xx", "fr;q=", "\udcff\udcfe", ",;" * 1000, "a" * 7000])
async def test_a_bad_accept_language_means_english(lab: Lab, header: str) -> None:
    answer = await lab.ask("POST", "/send", data=b"{", headers={"Accept-Language": header})
    assert answer.body["message"] == "Invalid field format"


@pytest.mark.parametrize("key", ["x" * 7000, "sk_test_" + "é" * 32, "sk_test_" + "\udc80" * 32])
async def test_a_hostile_key_is_just_unknown(lab: Lab, key: str) -> None:
    lab.accounts.open_to_all = True
    assert refused(await lab.ask("GET", "/balance", key=key), status=401, code="1001")


async def test_a_fault_of_the_simulator_itself_is_a_1401_without_a_traceback(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(*args: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(lab.engine, "find", fails)
    identifier = (await lab.send()).id
    answer = await lab.status(identifier)
    assert refused(answer, status=500, code="1401")
    assert "secret" not in str(answer.body)
    assert "secret detail" in caplog.text


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=5), children, max_size=3),
    max_leaves=10,
)
FIELDS = ("to", "message", "sender_id", "sending_type", "callback_url", "cancel_within")
schedule = st.fixed_dictionaries(
    {},
    optional={
        "start_date": st.sampled_from(["2026-01-31", "2026-06-01"]) | values,
        "end_date": st.sampled_from(["2026-12-31", "9999-12-31"]) | values,
        "frequency": st.sampled_from(["daily", "monthly"]) | values,
        "interval": st.integers(1, 5) | values,
        "times": st.just(["10:00"]) | values,
    },
)
bodies = st.fixed_dictionaries(
    {"to": st.just([NUMBER]) | values, "message": st.just("hello") | values},
    optional={
        **dict.fromkeys(FIELDS[2:], values),
        "sending_type": st.sampled_from(["immediate", "scheduled", "recurring"]) | values,
        "scheduled_dates": st.just([{"date": "2026-02-01", "time": "10:00"}]) | values,
        "recurring_schedule": schedule | values,
    },
)


@given(body=bodies)
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_wrong_types_anywhere_are_a_4xx_or_a_201(body: dict[str, Any]) -> None:
    from zoneinfo import ZoneInfo

    from simulator.engine import EPOCH, GatewaySettings
    from simulator.gateway.errors import ApiError, envelope
    from simulator.gateway.validation import read_send

    for switch in (False, True):
        refusal = None
        try:
            read_send(body, GatewaySettings(cancel_within=switch), ZoneInfo("Africa/Kinshasa"), EPOCH)
        except ApiError as error:
            refusal = error
        if refusal is not None:
            assert 400 <= refusal.status < 500
            assert orjson.dumps(envelope(refusal, "fr", "", ""))


async def test_many_clients_at_once_are_each_answered(lab: Lab) -> None:
    answers = await asyncio.gather(*[lab.send(f"+{number}") for number in range(50)])
    assert {answer.status for answer in answers} == {201}
    assert len({answer.id for answer in answers}) == 50


async def test_a_client_that_leaves_in_the_middle_of_its_body_harms_nobody(lab: Lab) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", lab.port)
    head = f"POST {BASE_PATH}/send HTTP/1.1\r\nHost: x\r\napp-key: {KEY}\r\nContent-Length: 1000\r\n\r\n"
    writer.write(head.encode() + b'{"to"')
    await writer.drain()
    writer.close()
    await writer.wait_closed()
    assert (await lab.send()).status == 201
