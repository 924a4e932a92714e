"""aiosmpplib in a process of its own: `python aiosmpplib_client.py '{"port": …}'`.

    port, mode           where, and how it binds (default: TRANSCEIVER)
    texts                what it sends, all at once: it waits for no response before the next
    receipts             how many it waits for (default: as many as texts)
    encoding, esm_class  of the texts; 64 has it split long ones into parts with a user data header
    auto_message_payload  whether long texts go into message_payload instead

Prints what it got as one JSON object.
"""

import asyncio
import json
import sys
from typing import Any

from aiosmpplib import ESME, AbstractHook, DeliverSm, PhoneNumber, SmppMessage, SubmitSm, SubmitSmResp
from aiosmpplib.state import BindMode


class Ear(AbstractHook):
    """Keeps what comes."""

    def __init__(self) -> None:
        self.statuses: list[int] = []
        self.ids: list[str] = []
        self.receipts: list[dict[str, Any]] = []
        self.came = asyncio.Event()

    async def sending(self, smpp_message: SmppMessage, pdu: bytes, client_id: str) -> None:
        pass

    async def received(self, smpp_message: SmppMessage | None, pdu: bytes, client_id: str) -> None:
        if isinstance(smpp_message, SubmitSmResp):
            self.statuses.append(int(smpp_message.command_status))
            self.ids.append(smpp_message.message_id)
        if isinstance(smpp_message, DeliverSm):
            said = smpp_message.parse_receipt()
            self.receipts.append({"id": said["id"], "stat": said["stat"]})
        self.came.set()

    async def send_error(self, smpp_message: SmppMessage, error: Exception, client_id: str) -> None:
        raise error


async def main(wanted: dict[str, Any]) -> None:
    ear = Ear()
    esme = ESME(
        *("127.0.0.1", wanted["port"], "acme", "secret"),
        bind_mode=BindMode[wanted.get("mode", "TRANSCEIVER")],
        hook=ear,
        log_level="CRITICAL",
    )
    running = asyncio.create_task(esme.start())
    texts = wanted["texts"]
    for text in texts:
        await esme.broker.enqueue(
            SubmitSm(
                short_message=text,
                source=PhoneNumber("15550100009"),
                destination=PhoneNumber("15550100001"),
                registered_delivery=1,
                encoding=wanted.get("encoding", "gsm0338"),
                esm_class=wanted.get("esm_class", 0),
                auto_message_payload=wanted.get("auto_message_payload", True),
                log_id=text[:10],
            )
        )
    answers, receipts = wanted.get("answers", len(texts)), wanted.get("receipts", len(texts))
    async with asyncio.timeout(20):
        while len(ear.statuses) < answers or len(ear.receipts) < receipts:
            ear.came.clear()
            await ear.came.wait()
        await esme._bound.wait()
        await esme.stop()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    print(json.dumps({"statuses": ear.statuses, "ids": ear.ids, "receipts": ear.receipts}))


if __name__ == "__main__":
    asyncio.run(main(json.loads(sys.argv[1])))
