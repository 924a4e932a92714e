"""Files into text, within bounds: nothing that a path may name can hang or swamp the loader."""

from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from pathlib import Path
from stat import S_ISDIR, S_ISREG

LARGEST = 4_000_000
"""Octets. The largest scenario that anybody writes by hand has some ten thousand."""


class Unreadable(Exception):
    """Says why."""


def read_text(path: Path) -> str:
    """The text of a file. Raises Unreadable."""
    try:
        mode = path.stat()
        if S_ISDIR(mode.st_mode):
            raise Unreadable("it is a directory, not a file")
        if not S_ISREG(mode.st_mode):
            raise Unreadable("it is not a regular file")
        if mode.st_size > LARGEST:
            raise Unreadable(f"it has {mode.st_size:,} bytes: {LARGEST:,} at most")
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except FileNotFoundError:
        raise Unreadable("there is no such file") from None
    except PermissionError:
        raise Unreadable("no permission to read it") from None
    except (OSError, ValueError) as error:
        raise Unreadable(getattr(error, "strerror", None) or str(error)) from None
    if len(content) > LARGEST:
        raise Unreadable(f"it has more than {LARGEST:,} bytes")
    return _decode(content)


def _decode(content: bytes) -> str:
    encoding = "utf-16" if content.startswith((BOM_UTF16_LE, BOM_UTF16_BE)) else "utf-8-sig"
    if encoding != "utf-16" and b"\0" in content:
        raise Unreadable("it is a binary file, not text")
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise Unreadable(f"it is not UTF-8 text (line {line}, byte {error.start})") from None
