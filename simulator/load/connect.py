"""A TCP connection, with or without TLS, or the reason why there is none."""

import asyncio
import ssl
from collections.abc import Callable
from typing import TypeVar

from simulator.load.plan import Plan, Unreachable

P = TypeVar("P", bound=asyncio.Protocol)


async def connect(make: Callable[[], P], plan: Plan) -> P:
    """Raises Unreachable."""
    where = f"{plan.host}:{plan.port}"
    try:
        async with asyncio.timeout(plan.connect_timeout_s):
            loop = asyncio.get_running_loop()
            _, protocol = await loop.create_connection(make, plan.host, plan.port, ssl=_context(plan))
            return protocol
    except TimeoutError:
        raise Unreachable(f"{where} doesn't answer within {plan.connect_timeout_s:g} s") from None
    except ssl.SSLError as error:
        raise Unreachable(f"{where}: no TLS: {error.reason or error}") from None
    except OSError as error:
        raise Unreachable(f"nobody answers at {where} ({error.strerror or error})") from None


def _context(plan: Plan) -> ssl.SSLContext | None:
    if not plan.tls:
        return None
    context = ssl.create_default_context()
    if not plan.verify_tls:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
