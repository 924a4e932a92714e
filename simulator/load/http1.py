"""HTTP/1.1 messages out of a stream of octets: answers for the client, requests for the webhooks' listener.

What it is: just enough of RFC 9112 to find where a message ends. What it is not: aiohttp, which costs a client
some 200 microseconds a request: a load test would measure that.
"""

import re
from typing import Final, NamedTuple

_LENGTH: Final = re.compile(rb"\r\ncontent-length:[ \t]*(\d+)[ \t]*(?:\r|$)", re.IGNORECASE)
_CHUNKED: Final = re.compile(rb"\r\ntransfer-encoding:[^\r]*chunked[ \t]*(?:\r|$)", re.IGNORECASE)
_CLOSE: Final = re.compile(rb"\r\nconnection:[ \t]*close[ \t]*(?:\r|$)", re.IGNORECASE)
_LONGEST_HEAD: Final = 65536


class HttpError(ValueError):
    """What came is not HTTP/1.1."""


class Http1(NamedTuple):
    """One request or answer."""

    start: bytes
    """Its first line."""
    body: bytes
    close: bool
    """The sender will end the connection."""

    @property
    def status(self) -> int:
        """Of an answer."""
        try:
            return int(self.start[9:12])
        except ValueError:
            raise HttpError(f"'{self.start[:40].decode('latin-1')}' is no status line") from None


class Http1Reader:
    """Feed what arrives, get whole messages."""

    def __init__(self, *, answers: bool) -> None:
        """`answers`: of a server; else requests of a client."""
        self._answers = answers
        self._rest = b""

    def feed(self, data: bytes) -> list[Http1]:
        """Raises HttpError."""
        if self._rest:
            data = self._rest + data
        found: list[Http1] = []
        at = 0
        while at < len(data):
            step = self._one(data, at)
            if step is None:
                break
            message, at = step
            # 100 Continue and its like are not the answer.
            if not (self._answers and message.start[9:10] == b"1"):
                found.append(message)
        self._rest = data[at:]
        return found

    def end(self) -> list[Http1]:
        """The connection has ended: that ends a body without a length."""
        rest, self._rest = self._rest, b""
        head, blank, body = rest.partition(b"\r\n\r\n")
        if not (self._answers and blank and _LENGTH.search(head) is None and _CHUNKED.search(head) is None):
            return []
        return [Http1(head.partition(b"\r\n")[0], body, True)]

    def _one(self, data: bytes, at: int) -> tuple[Http1, int] | None:
        head_end = data.find(b"\r\n\r\n", at)
        if head_end < 0:
            if len(data) - at > _LONGEST_HEAD:
                raise HttpError("a head without an end")
            return None
        head = data[at:head_end]
        line_end = head.find(b"\r\n")
        start = head if line_end < 0 else head[:line_end]
        if self._answers and start[:7] != b"HTTP/1.":
            raise HttpError(f"'{start[:40].decode('latin-1')}' is no status line")
        body = head_end + 4
        close = _CLOSE.search(head) is not None
        match = _LENGTH.search(head)
        if match is not None:
            end = body + int(match[1])
            return (Http1(start, data[body:end], close), end) if end <= len(data) else None
        if _CHUNKED.search(head) is not None:
            chunked = _chunks(data, body)
            return None if chunked is None else (Http1(start, chunked[0], close), chunked[1])
        if self._answers and start[9:12] not in (b"204", b"304") and start[9:10] != b"1":
            return None  # up to the end of the connection
        return Http1(start, b"", close), body


def _chunks(data: bytes, at: int) -> tuple[bytes, int] | None:
    """The body that begins here (RFC 9112 section 7.1), and where it ends; None: not all of it is there."""
    parts: list[bytes] = []
    while True:
        line_end = data.find(b"\r\n", at)
        if line_end < 0:
            return None
        try:
            size = int(data[at:line_end].partition(b";")[0], 16)
        except ValueError:
            raise HttpError("a chunk without its size") from None
        at = line_end + 2
        if size == 0:
            break
        if at + size + 2 > len(data):
            return None
        parts.append(data[at : at + size])
        at += size + 2
    while True:  # trailers
        line_end = data.find(b"\r\n", at)
        if line_end < 0:
            return None
        last, at = line_end == at, line_end + 2
        if last:
            return b"".join(parts), at
