"""What aiohttp itself would answer in plain text, before any handler sees the request: bytes that are no HTTP, and
faults in handlers. Here it is JSON, as everything else.
"""

from collections.abc import Callable
from typing import Any

from aiohttp import web

Describe = Callable[[int], bytes]
"""The body that answers an HTTP status."""


class JsonProtocol(web.RequestHandler):
    """One connection."""

    __slots__ = ("_describe",)

    def __init__(self, describe: Describe, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._describe = describe

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        if status >= 500:
            super().handle_error(request, status, exc, message)  # logs it
        elif request.writer.output_size > 0:
            raise ConnectionError("an answer has begun already")
        response = web.Response(body=self._describe(status), status=status, content_type="application/json")
        response.force_close()
        return response


class JsonRunner(web.AppRunner):
    """Serves an application on such connections."""

    def __init__(self, app: web.Application, describe: Describe, **kwargs: Any) -> None:
        super().__init__(app, **kwargs)
        self._describe = describe

    async def _make_server(self) -> web.Server:
        server = await super()._make_server()
        describe, settings = self._describe, server._kwargs

        class JsonServer(web.Server):
            def __call__(self) -> web.RequestHandler:
                return JsonProtocol(describe, self, loop=self._loop, **settings)

        return JsonServer(server.request_handler, request_factory=server.request_factory)
