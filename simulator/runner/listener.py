"""The webhook listener: a real HTTP server on a free loopback port, to which every account's events are sent."""

from base64 import b64encode
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import orjson
from aiohttp import web

from simulator.runner.records import WebhookSeen

WEBHOOK = "webhook"
CALLBACK = "callback"


class Listener:
    """Answers 200 to whatever comes, and tells `heard` what it was."""

    def __init__(self, heard: Callable[[WebhookSeen], None], now: Callable[[], int]) -> None:
        self._heard = heard
        self._now = now
        self._credentials: dict[str, str | None] = {}
        self._runner: web.AppRunner | None = None
        self._port = 0

    async def start(self, host: str = "127.0.0.1") -> None:
        app = web.Application(client_max_size=16 * 1024 * 1024)
        app.router.add_post("/{target}/{account}", self._post)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, host, 0).start()
        self._port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def url(self, target: str, account: str) -> str:
        """Where an account's events go: `target` is `webhook` or `callback`."""
        return f"http://127.0.0.1:{self._port}/{target}/{quote(account, safe='')}"

    def expect_credentials(self, account: str, username: str | None, password: str | None) -> None:
        """What the `Authorization` of an account's events must be; None: there must be none."""
        if not username or not password:
            self._credentials[account] = None
            return
        pair = f"{username}:{password}".encode("utf-8", "surrogatepass")
        self._credentials[account] = "Basic " + b64encode(pair).decode()

    async def _post(self, request: web.Request) -> web.Response:
        body: Any = orjson.loads(await request.read())
        account = request.match_info["account"]
        self._heard(
            WebhookSeen(
                at=self._now(),
                event=body["event_type"],
                target=request.match_info["target"],
                message_id=body["message_id"],
                data=body["data"],
                authorized=request.headers.get("Authorization") == self._credentials.get(account),
            )
        )
        return web.Response()
