"""The gateway itself: the Lisoloo SMS API v1 over HTTP, on the engine."""

import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import orjson
from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from simulator.engine.accounts import Accounts
from simulator.engine.core import Engine
from simulator.engine.messages import Recipient
from simulator.engine.plans import Step
from simulator.engine.segments import segment
from simulator.engine.settings import GatewaySettings
from simulator.engine.statuses import Status
from simulator.engine.throttle import Throttle
from simulator.engine.units import SECOND, iso
from simulator.gateway.balance import amount
from simulator.gateway.customers import Customer, Customers
from simulator.gateway.dispatches import Dispatches
from simulator.gateway.errors import ApiError, Language, NotFound, Problem, Text, envelope
from simulator.gateway.events import QUEUED, Event, event_of
from simulator.gateway.ids import key_of
from simulator.gateway.language import language_of
from simulator.gateway.messages import HttpMessage
from simulator.gateway.openapi import BASE_PATH, SERVICE, VERSION, document_json
from simulator.gateway.page import page
from simulator.gateway.protocol import JsonRunner
from simulator.gateway.status import message_status, view
from simulator.gateway.validation import SendRequest, read_send
from simulator.gateway.webhooks import Webhooks

log = logging.getLogger("simulator.gateway")

LARGEST_BODY = 10 * 1024 * 1024
SHUTDOWN_S = 1.0
"""Real seconds in which requests may still be answered when the gateway stops."""

_JSON = {"Content-Type": "application/json"}
_MESSAGE_NOT_FOUND = b'{"detail":"Message not found"}'

_NO_ENDPOINT = Text("There is no such endpoint", "Ce point d'accès n'existe pas")
_METHOD = Text("This endpoint takes {0}", "Ce point d'accès accepte {0}")
_NO_HTTP = Text("The request is not valid HTTP", "La requête n'est pas du HTTP valide")
_BODY = Text("The body must be JSON, in UTF-8", "Le corps doit être du JSON, en UTF-8")
_LARGE = Text("The body is larger than {0} bytes", "Le corps dépasse {0} octets")
_TYPE = Text("Content-Type must be application/json", "Content-Type doit être application/json")
_NO_WALLET = Text("The account has no wallet", "Le compte n'a pas de portefeuille")
_COST = Text("The message costs {0}, the balance is {1}", "Le message coûte {0}, le solde est {1}")
_NOT_SCHEDULED = Text("The message is not scheduled", "Le message n'est pas programmé")
_NONE_LEFT = Text("No dispatch is left", "Il ne reste aucun envoi")

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Gateway:
    """The engine's door for HTTP. Routes may be added to `app` until it is started."""

    def __init__(self, engine: Engine, accounts: Accounts, settings: GatewaySettings | None = None) -> None:
        self.app = web.Application(client_max_size=LARGEST_BODY)
        self._runner: web.AppRunner | None = None
        self.listeners: list[Callable[[web.Request, web.StreamResponse], None]] = []
        """Called with each request that was answered; `request["body"]` is its body, if it was read."""
        self._attach(self.app)
        self._use(engine, accounts, settings or GatewaySettings())

    def _use(self, engine: Engine, accounts: Accounts, settings: GatewaySettings) -> None:
        self.engine = engine
        self.settings = settings
        self.customers = Customers(accounts, settings)
        self.webhooks = Webhooks(engine, settings)
        self.errors = 0
        """Requests answered with an error."""
        self._clock = engine.clock
        engine.doors["http"] = self

    # ---- life ----

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> int:
        """Listen; returns the port, which the system picks for 0."""
        # last, so that all others go first
        self.app.router.add_route("*", "/{path:.*}", self._answer(self._no_endpoint), expect_handler=_expect)
        self._runner = JsonRunner(self.app, self._unreadable, access_log=None, shutdown_timeout=SHUTDOWN_S)
        await self._runner.setup()
        site = web.TCPSite(self._runner, host, port)
        await site.start()
        bound: int = self._runner.addresses[0][1]
        return bound

    async def stop(self) -> None:
        """Answer what has been asked, listen no more, end the webhooks."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None
        await self.webhooks.stop()

    async def reset(self, engine: Engine, accounts: Accounts, settings: GatewaySettings) -> None:
        """Begin anew with another engine on the same port: wallets, limits and webhooks start afresh. Who listens to
        attempts stays. The old engine's clock should have been stopped."""
        old = self.webhooks
        self._use(engine, accounts, settings)
        self.webhooks.listeners = old.listeners
        await old.stop()

    def _attach(self, app: web.Application) -> None:
        endpoints: tuple[tuple[str, str, Handler], ...] = (
            ("POST", BASE_PATH + "/send", self._send),
            ("GET", BASE_PATH + "/status/{message_id}", self._status),
            ("GET", BASE_PATH + "/balance", self._balance),
            ("GET", BASE_PATH + "/health", self._health),
            ("DELETE", BASE_PATH + "/cancel/{message_id}", self._cancel),
            ("POST", BASE_PATH + "/pause/{message_id}", self._pause),
            ("POST", BASE_PATH + "/resume/{message_id}", self._resume),
            ("GET", "/openapi.json", self._openapi),
            ("GET", "/docs", self._docs),
        )
        for method, path, handler in endpoints:
            resource = app.router.add_resource(path)
            resource.add_route(method, self._answer(handler), expect_handler=_expect)
            resource.add_route("*", self._answer(self._method_not_allowed), expect_handler=_expect)

    # ---- what the engine says ----

    def announce(self, happened: Sequence[tuple[Recipient, Step]]) -> None:
        """Steps of recipients that have just happened: webhooks go out."""
        publish = self.webhooks.publish
        last_sent: Recipient | None = None
        for recipient, step in happened:
            if step.status is Status.SENT:
                if recipient is last_sent:
                    continue  # sent, unknown and sent again, all at once: one event
                last_sent = recipient
            event = event_of(recipient, step)
            if event is not None:
                publish(event)

    # ---- answers ----

    def _answer(self, handler: Handler) -> Handler:
        """A handler whose errors are answered as documented; no exception of it is ever seen outside."""

        async def answer(request: web.Request) -> web.StreamResponse:
            activity = self._clock.activity
            activity.signs += 1
            try:
                response = await handler(request)
            except ApiError as error:
                response = self._error(request, error)
            except NotFound:
                response = web.Response(body=_MESSAGE_NOT_FOUND, status=404, headers=_JSON)
            except ConnectionError:
                raise  # the client has gone
            except Exception:
                log.exception("a fault in the simulator: %s %s", request.method, request.path)
                response = self._error(request, ApiError("1401"))
            finally:
                activity.signs += 1
            for listener in self.listeners:
                listener(request, response)
            return response

        return answer

    def _error(self, request: web.Request, error: ApiError) -> web.Response:
        body = self._envelope(error, language_of(request.headers.get("Accept-Language")))
        headers = {**_JSON, **error.headers}
        if error.retry_after is not None:
            headers["Retry-After"] = str(error.retry_after)
        response = web.Response(body=body, status=error.status, headers=headers)
        if error.close:
            response.force_close()
        return response

    def _unreadable(self, status: int) -> bytes:
        """The answer to what is no HTTP, and to a fault outside of `_answer`."""
        if status >= 500:
            return self._envelope(ApiError("1401"), "en")
        return self._envelope(ApiError("1110", status=status, text=_NO_HTTP), "en")

    def _envelope(self, error: ApiError, language: Language) -> bytes:
        self.errors += 1
        digits = self.engine.chance.uuid(f"request {self.errors}").replace("-", "")
        return orjson.dumps(envelope(error, language, iso(self._clock.now()), "req_" + digits[16:]))

    # ---- endpoints ----

    async def _send(self, request: web.Request) -> web.Response:
        customer = self._enter(request)
        self._admit(customer.send_throttle)
        body = await self._read(request)
        asked = read_send(body, self.settings, customer.zone, self._clock.now())
        return web.Response(body=orjson.dumps(self._take(customer, asked)), status=201, headers=_JSON)

    async def _status(self, request: web.Request) -> web.Response:
        customer = self._enter(request)
        self._admit(customer.status_throttle)
        data = view(self._find(request, customer), self._clock.now())
        return _ok({"status_code": 200, "data": data})

    async def _balance(self, request: web.Request) -> web.Response:
        customer = self._enter(request)
        self._admit(customer.balance_throttle)
        wallet = customer.wallet
        if wallet.prepaid is None and wallet.postpaid is None:
            raise ApiError("1110", text=_NO_WALLET)
        data = {
            "balance": amount(wallet.balance),
            "sms_wallet_balance": amount(wallet.prepaid or 0),
            "postpaid_wallet_balance": amount(wallet.postpaid or 0),
            "currency": customer.account.currency,
            "unit_price": amount(wallet.unit_price),
            "available_sms": wallet.available_sms,
        }
        return _ok({"status_code": 200, "data": data})

    async def _health(self, request: web.Request) -> web.Response:
        timestamp = iso(self._clock.now())
        return _ok({"status": "healthy", "service": SERVICE, "version": VERSION, "timestamp": timestamp})

    async def _cancel(self, request: web.Request) -> web.Response:
        customer = self._enter(request)
        message = self._find(request, customer)
        if message.dispatches is None:
            self._cancel_immediate(message, customer)
            return self._managed(message)
        dispatches = self._manageable(message, dispatches_may_be_cancelled=True)
        if not dispatches.cancelled:
            customer.wallet.give_back(dispatches.cancel() * message.price)
        return self._managed(message)

    async def _pause(self, request: web.Request) -> web.Response:
        message = self._find(request, self._enter(request))
        self._manageable(message).pause()
        return self._managed(message)

    async def _resume(self, request: web.Request) -> web.Response:
        message = self._find(request, self._enter(request))
        self._manageable(message).resume()
        return self._managed(message)

    async def _openapi(self, request: web.Request) -> web.Response:
        return web.Response(body=document_json(self.settings), headers=_JSON)

    async def _docs(self, request: web.Request) -> web.Response:
        return web.Response(body=page(self.settings), headers={"Content-Type": "text/html; charset=utf-8"})

    async def _no_endpoint(self, request: web.Request) -> web.Response:
        raise ApiError("1110", status=404, text=_NO_ENDPOINT)

    async def _method_not_allowed(self, request: web.Request) -> web.Response:
        resource = request.match_info.route.resource
        allowed = ", ".join(route.method for route in resource or () if route.method != "*")
        text = Text(_METHOD.en.format(allowed), _METHOD.fr.format(allowed))
        raise ApiError("1110", status=405, text=text, headers={"Allow": allowed})

    # ---- their parts ----

    def _enter(self, request: web.Request) -> Customer:
        return self.customers.enter(request.headers.get("app-key"), request.remote)

    def _admit(self, throttle: Throttle | None) -> None:
        """Raises ApiError where the rate limit is reached (decision D25)."""
        if throttle is None:
            return
        now = self._clock.now()
        if not throttle.admits(now):
            raise ApiError("1301", retry_after=max(1, -(-throttle.wait(now) // SECOND)))

    async def _read(self, request: web.Request) -> object:
        """The JSON of the body. Raises ApiError."""
        kind = request.headers.get("Content-Type")
        if kind is not None and kind != "application/json" and not _is_json(kind):
            raise ApiError("1110", (Problem("1110", "Content-Type", _TYPE),))
        if (request.content_length or 0) > LARGEST_BODY:
            raise _too_large()
        try:
            body = await request.read()
            request._state["body"] = body  # `request["body"] =` warns since aiohttp 3.14, older ones have no RequestKey
            return orjson.loads(body)
        except web.HTTPRequestEntityTooLarge:
            raise _too_large() from None
        except orjson.JSONDecodeError:
            raise ApiError("1110", (Problem("1110", "body", _BODY),)) from None
        except (HttpProcessingError, web.RequestPayloadError):
            request.content.feed_eof()  # a broken transfer or content coding: nothing more can be read from here
            raise ApiError("1110", (Problem("1110", "body", _BODY),), close=True) from None

    def _take(self, customer: Customer, asked: SendRequest) -> dict[str, Any]:
        """Hand a valid request to the engine, and charge it. Raises ApiError."""
        to, text, source, instants = asked.to, asked.text, asked.sender, asked.instants
        wallet = customer.wallet
        segments = segment(text).segments
        price = len(to) * segments * wallet.unit_price
        times = 1 if instants is None else len(instants)
        cost = price * times
        if cost > wallet.balance:
            raise ApiError("1202", (Problem("1202", "balance", _COST, (amount(cost), amount(wallet.balance))),))
        numbers = to[0] if len(to) == 1 and instants is None else to
        message = HttpMessage(
            customer.name,
            source,
            numbers,
            text,
            segments,
            targets=customer.targets(asked.callback_url),
            callback_url=asked.callback_url,
            price=price,
        )
        validity, start = self.settings.validity, asked.cancel_within
        if instants is not None:
            message.dispatches = Dispatches(self.engine, message, asked.sending_type, instants, validity)
        refusal = self.engine.submit(
            message,
            content_of(customer.name, source, to, text),
            validity=start + validity,
            start=start,
            held=True,
            waiting=instants is not None,
        )
        if refusal is not None:
            raise ApiError(refusal.error_code or "1502")
        wallet.take(cost)
        if start:
            message.cancellable_until = message.accepted_at + start
        account = customer.account
        totals = {
            "total_recipients": len(to),
            "total_messages": len(to) * segments * times,
            "total_cost": amount(cost),
            "currency": account.currency,
        }
        if message.targets:
            first = iso(instants[0]) if instants is not None else None
            self.webhooks.publish(Event(QUEUED, message, message.accepted_at, data={**totals, "scheduled_at": first}))
        if message.dispatches is not None:
            message.dispatches.start()
        status = Status.PENDING if instants is None and not start else Status.SCHEDULED
        data = {"message_id": message.id, **totals, "status": status, "sending_type": asked.sending_type}
        return {"status_code": 201, "success": True, "data": data}

    def _find(self, request: web.Request, customer: Customer) -> HttpMessage:
        """Raises NotFound for what is not there, or belongs to somebody else: nobody can tell which."""
        key = key_of(request.match_info["message_id"])
        message = None if key is None else self.engine.find(key)
        if not isinstance(message, HttpMessage) or message.account != customer.name:
            raise NotFound
        return message

    def _manageable(self, message: HttpMessage, dispatches_may_be_cancelled: bool = False) -> Dispatches:
        """The dispatches of a message that can be cancelled, paused or resumed. Raises ApiError (decision D22)."""
        dispatches = message.dispatches
        if dispatches is None:
            raise ApiError("1110", (Problem("1110", "message_id", _NOT_SCHEDULED),))
        if not dispatches.remaining and not (dispatches.cancelled and dispatches_may_be_cancelled):
            raise ApiError("1110", (Problem("1110", "message_id", _NONE_LEFT),))
        return dispatches

    def _cancel_immediate(self, message: HttpMessage, customer: Customer) -> None:
        """Within the window that `cancel_within` asked for (decision D26). Raises ApiError."""
        now = self._clock.now()
        if message.cancellable_until <= now:
            raise ApiError("1110", (Problem("1110", "message_id", _NOT_SCHEDULED),))
        waiting = [recipient for recipient in message.recipients if recipient.status_at(now) is Status.SCHEDULED]
        for recipient in waiting:
            self.engine.cancel(recipient)
        if waiting:
            customer.wallet.give_back(message.price)

    def _managed(self, message: HttpMessage) -> web.Response:
        data = {
            "message_id": message.id,
            "status": message_status(message, self._clock.now()),
            "remaining_dispatches": 0 if message.dispatches is None else message.dispatches.remaining,
        }
        return _ok({"status_code": 200, "success": True, "data": data})


def content_of(account: str, source: str, to: Sequence[str], text: str) -> bytes:
    """What a message's chance hangs on: the same for one recipient, whether it comes over HTTP or SMPP."""
    numbers = ",".join([number.removeprefix("+") for number in to])
    return "\0".join((account, source, numbers, text)).encode("utf-8", "surrogatepass")


async def _expect(request: web.Request) -> None:
    """`Expect: 100-continue` is heeded, any other expectation ignored (RFC 9110 10.1.1 allows that)."""
    if request.headers["Expect"].lower() == "100-continue":
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        request.writer.output_size = 0


def _ok(body: dict[str, Any]) -> web.Response:
    return web.Response(body=orjson.dumps(body), headers=_JSON)


def _too_large() -> ApiError:
    return ApiError("1110", (Problem("1110", "body", _LARGE, (LARGEST_BODY,)),))


def _is_json(content_type: str) -> bool:
    media = content_type.partition(";")[0].strip().lower()
    return media == "application/json" or (media.startswith("application/") and media.endswith("+json"))
