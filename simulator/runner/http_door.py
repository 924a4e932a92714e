"""Sends over HTTP: a client of the gateway, as an application would write it."""

from types import TracebackType
from typing import Any, Self

import orjson
from aiohttp import ClientError, ClientSession, ClientTimeout

from simulator.engine import Account
from simulator.gateway import BASE_PATH
from simulator.runner.records import Response


class HttpDoor:
    """One run's HTTP client."""

    def __init__(self, base_url: str) -> None:
        self._base = base_url + BASE_PATH
        self._session = ClientSession(timeout=ClientTimeout(total=60))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._session.close()

    async def send(self, account: Account, body: dict[str, Any], at: int) -> Response:
        """POST /send."""
        return await self.request(account, "POST", "/send", at, body)

    async def request(
        self, account: Account, method: str, path: str, at: int, body: dict[str, Any] | None = None
    ) -> Response:
        """Any request; what came back, whatever it is."""
        data = orjson.dumps(body) if body is not None else None
        headers = {"app-key": account.api_key or "", "Content-Type": "application/json"}
        try:
            async with self._session.request(method, self._base + path, data=data, headers=headers) as answer:
                status, read = answer.status, await answer.read()
        except ClientError as error:
            return Response(at, 0, error_code=type(error).__name__)
        try:
            content: Any = orjson.loads(read)
        except orjson.JSONDecodeError:
            content = None
        content = content if isinstance(content, dict) else {}
        taken = content.get("data")
        message_id = taken.get("message_id") if status < 300 and isinstance(taken, dict) else None
        return Response(at, status, content.get("error_code"), message_id=message_id)
