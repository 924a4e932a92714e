"""The fake gateway: the Lisoloo SMS API v1 over HTTP, as docs/gateway.md describes it.

`Gateway` is the engine's door for HTTP. Everything else here is its parts: pure where it can be (`validation`,
`schedules`, `errors`, `status`, `events`, `schemas`, `openapi`, `page`), and two files that touch a socket (`server`,
`webhooks`).
"""

from simulator.gateway.attempts import Attempt, Target
from simulator.gateway.errors import CATALOGUE
from simulator.gateway.ids import key_of, message_id
from simulator.gateway.messages import HttpMessage
from simulator.gateway.openapi import BASE_PATH
from simulator.gateway.server import Gateway, content_of
from simulator.gateway.validation import DEFAULT_SENDER

__all__ = [
    "BASE_PATH",
    "CATALOGUE",
    "DEFAULT_SENDER",
    "Attempt",
    "Gateway",
    "HttpMessage",
    "Target",
    "content_of",
    "key_of",
    "message_id",
]
