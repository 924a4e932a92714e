"""POST requests by the number: bytes in which only the number changes, as `submits` has it for SMPP."""

import json
from urllib.parse import urlsplit

from simulator.load.plan import Account, HttpPlan, PlanError
from simulator.load.submits import Message
from simulator.load.template import Template, parse_leniently

SCHEMES = {"http": 80, "https": 443}


def split_url(url: str) -> tuple[str, str, int, str]:
    """(scheme, host, port, path with its query). Raises PlanError."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise PlanError(f"'{url}' is no URL: {error}") from None
    if parts.scheme not in SCHEMES or not parts.hostname:
        raise PlanError(f"'{url}' is no URL: write http://host:port/path")
    path = parts.path or "/"
    return parts.scheme, parts.hostname, port or SCHEMES[parts.scheme], f"{path}?{parts.query}" if parts.query else path


class Requests:
    """Builds the requests of one account."""

    def __init__(self, plan: HttpPlan, message: Message, account: Account, callback_url: str | None) -> None:
        _, host, port, path = split_url(plan.url)
        headers = {"Host": f"{host}:{port}", "Content-Type": "application/json"}
        if account.app_key:
            headers[plan.key_header] = account.app_key
        headers |= plan.headers
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        self._head = f"POST {path} HTTP/1.1\r\n{lines}Content-Length: ".encode("latin-1")
        self._body = _body(plan.body, callback_url) if plan.body is not None else _lisoloo(message, callback_url)
        self._formats: dict[int, bytes] = {}

    def build(self, n: int) -> bytes:
        """The request of message `n`."""
        width = len(str(n))
        form = self._formats.get(width)
        if form is None:
            form = self._formats[width] = self._format(width)
        return form % ((n,) * self._body.fields)

    def _format(self, width: int) -> bytes:
        size = len(self._body.render(10 ** (width - 1)).encode())
        out = (self._head + b"%d\r\n\r\n" % size).replace(b"%", b"%%")
        for piece in self._body.pieces:
            if isinstance(piece, int):
                out += b"%%0%dd" % max(piece, width)
            else:
                out += piece.encode().replace(b"%", b"%%")
        return out


def _body(text: str, callback_url: str | None) -> Template:
    """The user's own: `{n}` is the number, `{callback_url}` where webhooks are heard."""
    return parse_leniently(text.replace("{callback_url}", callback_url or ""))


def _lisoloo(message: Message, callback_url: str | None) -> Template:
    """What `POST /send` of the gateway takes."""
    pieces: list[str | int] = ['{"to":["', *_quoted(message.to), '"],"message":"', *_quoted(message.text), '"']
    if message.source:
        pieces.append(f',"sender_id":{json.dumps(message.source)}')
    if callback_url:
        pieces.append(f',"callback_url":{json.dumps(callback_url)}')
    return Template("", (*pieces, "}"))


def _quoted(template: Template) -> list[str | int]:
    return [piece if isinstance(piece, int) else json.dumps(piece)[1:-1] for piece in template.pieces]
