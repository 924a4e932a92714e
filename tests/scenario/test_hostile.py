"""Files that nobody wrote in good faith, or at all: each a clear error at once, never a crash."""

from pathlib import Path

import pytest

from simulator.scenario import ScenarioErrors, load, load_text

LAUGHS = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{this}: &{this} [{', '.join(['*' + before] * 9)}]\n" for before, this in zip("abcdefgh", "bcdefghi", strict=True)
)

TEXTS = {
    "billion laughs": (LAUGHS, "each alias counted in full"),
    "an alias of itself": ("a: &a [*a]", "'*a' is part of what it names"),
    "deep brackets": ("[" * 1_000_000, "nested more than 40 levels deep"),
    "deep mappings": ("{a: " * 100_000, "nested more than 40 levels deep"),
    "deep indentation": ("".join(" " * n + "a:\n" for n in range(500)), "nested more than 40 levels deep"),
    "deep aliases": (
        "".join(f"k{n}: &a{n} [*a{n - 1}]\n" if n else "k0: &a0 x\n" for n in range(100)),
        "nested more than 40 levels deep",
    ),
    "too many values": ("a: [" + "1," * 1_000_000 + "]", "more than 50000 values"),
    "one huge word": ("x" * 3_000_000, "a scenario is a mapping"),
    "control characters": ("a: \x07", "the character U+0007 can't stand in a text file"),
    "half a character": ("a: \ud800", "the character U+D800 can't stand in a text file"),
    "a huge number": ("scenario: 1\nseed: " + "9" * 5000, "expected a whole number"),
    "a huge duration": ("scenario: 1\nsmsc: {validity: " + "9" * 400 + "s}", "too long"),
    "infinite weight": ("scenario: 1\nrules: [{outcomes: {delivered: 1e999}}]", "expected a number"),
    "a deep expression": (
        "scenario: 1\nrules: [{match: {text: {regex: '" + "(" * 3000 + "'}}, path: delivered}]",
        "not a regular expression",
    ),
    "an unclosed quote": ('a: "x', "not valid YAML"),
    "a list as a key": ("? [a]\n: b", "a key must be a plain word"),
    "an object": ("!!python/object/apply:os.system ['true']", "scenarios are plain YAML"),
}


@pytest.mark.timeout(5)
@pytest.mark.parametrize(("text", "message"), TEXTS.values(), ids=TEXTS)
def test_hostile_text_gets_a_clear_error(text: str, message: str) -> None:
    with pytest.raises(ScenarioErrors) as caught:
        load_text(text)
    assert message in str(caught.value)
    assert len(str(caught.value)) < 2000


FILES = {
    "a 100 MB file": (None, "it has 100,000,000 bytes: 4,000,000 at most"),
    "a binary file": (bytes(range(256)), "it is a binary file, not text"),
    "Latin-1": (b"name: caf\xe9", "it is not UTF-8 text (line 1, byte 9)"),
}


@pytest.mark.timeout(5)
@pytest.mark.parametrize(("content", "message"), FILES.values(), ids=FILES)
def test_hostile_files_get_a_clear_error(tmp_path: Path, content: bytes | None, message: str) -> None:
    file = tmp_path / "scenario.yaml"
    if content is None:
        with file.open("wb") as sparse:
            sparse.truncate(100_000_000)
    else:
        file.write_bytes(content)
    with pytest.raises(ScenarioErrors) as caught:
        load(file)
    assert str(caught.value) == f"{file}: can't be read: {message}"


def test_a_directory_a_missing_file_and_a_device_get_a_clear_error(tmp_path: Path) -> None:
    for path, message in (
        (tmp_path, "it is a directory, not a file"),
        (tmp_path / "none.yaml", "there is no such file"),
        (Path("/dev/zero"), "it is not a regular file"),
        (tmp_path / ("n" * 400), "File name too long"),
    ):
        with pytest.raises(ScenarioErrors, match=message):
            load(path)


def test_a_name_that_is_no_file_gets_the_nearest_shipped_one() -> None:
    with pytest.raises(ScenarioErrors, match="did you mean 'happy-path'"):
        load("happy-pth")
    with pytest.raises(ScenarioErrors, match="no such file"):
        load("a\0b")


def test_a_mark_at_the_beginning_and_utf_16_are_read(tmp_path: Path) -> None:
    text = "scenario: 1\nname: café\n"
    for encoding in ("utf-8-sig", "utf-16"):
        file = tmp_path / f"{encoding}.yaml"
        file.write_bytes(text.encode(encoding))
        assert load(file).name == "café"
