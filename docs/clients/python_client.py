"""Sends an SMS with the Lisoloo API, then waits for what becomes of it. Python's standard library is all it needs.

    export LISOLOO_BASE_URL=https://...         as the portal shows it, or the simulator's http://127.0.0.1:8080
    export LISOLOO_APP_KEY=sk_test_...
    python python_client.py +243998857000 "Your OTP is 482194"

It polls. To take webhooks instead, say where they can reach you, and on which port you listen:

    export LISOLOO_CALLBACK_URL=https://.../hook LISOLOO_PORT=9000

It ends with 0 if everybody got the message, with 1 if not, with 2 if the gateway refused it.
"""

import json
import os
import sys
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

API = os.environ["LISOLOO_BASE_URL"].rstrip("/") + "/api/v1/lisoloo/sms-api"
APP_KEY = os.environ["LISOLOO_APP_KEY"]
CALLBACK_URL = os.environ.get("LISOLOO_CALLBACK_URL")
PORT = int(os.environ.get("LISOLOO_PORT", "9000"))
POLL_S = float(os.environ.get("LISOLOO_POLL_S", "2"))

FINAL = {"delivered", "partially_delivered", "delivery_unknown", "undelivered", "rejected", "expired", "failed"}
ATTEMPTS = 5


class Refused(Exception):
    """The gateway answered with an error. Branch on `code`, and never on the text."""

    def __init__(self, status: int, body: dict[str, Any]) -> None:
        self.code = body.get("error_code")
        fields = "; ".join(f"{row['field']}: {row['message']}" for row in body.get("details") or ())
        super().__init__(f"{status} {self.code} {body.get('message') or body.get('detail')} {fields}".strip())


def call(method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    """One request; again after `Retry-After` where the gateway says that this may help."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"app-key": APP_KEY, "Content-Type": "application/json"}
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with urlopen(Request(API + path, data, headers, method=method), timeout=10) as response:
                return json.load(response)["data"]
        except HTTPError as error:
            problem = json.load(error)
            if not problem.get("retryable") or attempt == ATTEMPTS:
                raise Refused(error.code, problem) from None
            time.sleep(int(error.headers.get("Retry-After", "60")))
    raise AssertionError("unreachable")


def send(to: list[str], text: str) -> str:
    """Returns the message_id."""
    message = {"to": to, "message": text, "sender_id": "DIGI"}
    if CALLBACK_URL:
        message["callback_url"] = CALLBACK_URL
    sent = call("POST", "/send", message)
    print(f"{sent['message_id']} costs {sent['total_cost']} {sent['currency']}", flush=True)
    return sent["message_id"]


def poll(message_id: str) -> dict[str, str]:
    """Asks until every recipient's status is final."""
    while True:
        recipients = call("GET", f"/status/{message_id}")["recipients"]
        if all(row["status"] in FINAL for row in recipients):
            return {row["recipient_phone"]: row["status"] for row in recipients}
        time.sleep(POLL_S)


class Webhooks(HTTPServer):
    """Takes events. They come in any order, from several connections, and perhaps more than once."""

    def __init__(self) -> None:
        super().__init__(("", PORT), _Endpoint)
        self.seen: set[str] = set()
        self.finals: dict[tuple[str, str], str] = {}

    def take(self, event: dict[str, Any]) -> None:
        if event["event_id"] in self.seen:
            return
        self.seen.add(event["event_id"])
        data = event["data"]
        print(event["event_type"], data.get("recipient_phone", ""), flush=True)
        if event["event_type"] in ("sms.delivered", "sms.failed"):
            self.finals[event["message_id"], data["recipient_phone"]] = data.get("status", "delivered")

    def wait(self, message_id: str, recipients: int) -> dict[str, str]:
        """Takes events until every recipient of this message has come to its end."""
        while True:
            ends = {phone: status for (message, phone), status in self.finals.items() if message == message_id}
            if len(ends) == recipients:
                return ends
            self.handle_request()


class _Endpoint(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(204)
        self.end_headers()
        self.server.take(json.loads(body))

    def log_message(self, *_: object) -> None:
        pass


def main() -> int:
    *to, text = sys.argv[1:]
    listener = Webhooks() if CALLBACK_URL else None
    try:
        message_id = send(to, text)
    except Refused as error:
        print(error, file=sys.stderr)
        return 2
    ends = listener.wait(message_id, len(set(to))) if listener else poll(message_id)
    for phone, status in ends.items():
        print(phone, status)
    return 0 if all(status == "delivered" for status in ends.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
