"""Accept-Language: English unless French is wanted more (decision D29)."""

import pytest

from simulator.gateway.language import language_of


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "en"),
        ("", "en"),
        ("en", "en"),
        ("fr", "fr"),
        ("FR-cd", "fr"),
        ("fr-FR,fr;q=0.9,en;q=0.8", "fr"),
        ("en-US,en;q=0.9,fr;q=0.8", "en"),
        ("fr;q=0.4, en;q=0.5", "en"),
        ("de, fr;q=0.1", "fr"),
        ("fr;q=0", "en"),
        ("*", "en"),
        ("fr, *;q=0.5", "fr"),
        ("*, fr;q=0.5", "en"),
        ("fr;q=abc", "en"),
        ("fr;q=nan", "en"),
        ("fr;q=2", "en"),
        ("fr;level=1", "en"),
        (";;;,,,=q", "en"),
        ("en, fr", "en"),
        ("fr, en", "fr"),
        ("fr," * 1000, "en"),
        ("\udcff", "en"),
    ],
)
def test_the_preferred_of_the_two_is_taken(header: str | None, language: str) -> None:
    assert language_of(header) == language
