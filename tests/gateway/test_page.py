"""`/docs`: a page that shows the whole document, and needs nothing but itself."""

from html.parser import HTMLParser

import pytest

from simulator.engine import GatewaySettings
from simulator.gateway import CATALOGUE
from simulator.gateway.events import EVENTS
from simulator.gateway.openapi import OPERATIONS, document
from simulator.gateway.page import page

from .conftest import Lab

TEXT = page(GatewaySettings()).decode()
VOID = {"meta", "link", "br"}


class Reader(HTMLParser):
    """Notes what the page holds together with, and that each element is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.words = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag not in VOID:
            self.open.append(tag)
        if identifier := given.get("id"):
            self.ids.append(identifier)
        self.links += [value for name in ("href", "src") if (value := given.get(name))]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += data


@pytest.fixture
def reader() -> Reader:
    reader = Reader()
    reader.feed(TEXT)
    assert not reader.open
    return reader


async def test_it_is_served_without_a_key(lab: Lab) -> None:
    async with lab.session.get(f"http://127.0.0.1:{lab.port}/docs") as response:
        assert (response.status, response.content_type, response.charset) == (200, "text/html", "utf-8")
        assert await response.text() == TEXT


async def test_another_method_is_refused_as_everywhere(lab: Lab) -> None:
    answer = await lab.ask("POST", f"http://127.0.0.1:{lab.port}/docs")
    assert (answer.status, answer.code, answer.headers["Allow"]) == (405, "1110", "GET")


def test_it_fetches_nothing(reader: Reader) -> None:
    assert {link for link in reader.links if not link.startswith("#")} == {"data:,", "/openapi.json"}
    assert "url(" not in TEXT
    assert "<script" not in TEXT


def test_each_link_leads_somewhere(reader: Reader) -> None:
    assert {link[1:] for link in reader.links if link.startswith("#")} <= set(reader.ids)
    assert len(reader.ids) == len(set(reader.ids))


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.id)
def test_each_endpoint_is_there(reader: Reader, operation: tuple[str, ...]) -> None:
    method, path, identifier, summary, *_ = operation
    assert identifier in reader.ids
    assert f"{method} {path}" in reader.words
    assert summary in reader.words


def test_each_code_is_there_in_both_languages(reader: Reader) -> None:
    for row in CATALOGUE.values():
        assert f"e{row.code}" in reader.ids
        assert row.text.en in reader.words
        assert row.text.fr in reader.words


def test_each_event_and_each_field_is_there(reader: Reader) -> None:
    assert all(event in reader.words for event in EVENTS)
    schemas = document(GatewaySettings())["components"]["schemas"].values()
    fields = {field for schema in schemas for field in schema.get("properties", {})}
    assert len(fields) > 30
    assert {field for field in fields if field not in reader.words} <= {"detail"}  # of the 404


def test_settings_that_are_in_force_show() -> None:
    text = page(GatewaySettings(webhook_secret="s", cancel_within=True)).decode()
    assert "X-Lisoloo-Signature" in text
    assert "X-Lisoloo-Signature" not in TEXT
    assert "cancel_within" in text
