"""The least that an SMSC in Python can do: find where the fields of a submit_sm end, and answer it.

    python bench/floor.py PORT

Nothing is checked and nothing is kept. What `submits` compares with, unless `--load-dir` has a floor of its own.
"""

import asyncio
import sys
from itertools import count

SUBMIT_SM = b"\0\0\0\4"


class Floor(asyncio.Protocol):
    numbers = count()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: asyncio.Transport = transport  # type: ignore[assignment]
        self.rest = b""

    def data_received(self, data: bytes) -> None:
        data, at, answers = self.rest + data, 0, []
        while len(data) - at >= 16:
            end = at + int.from_bytes(data[at : at + 4], "big")
            if end > len(data):
                break
            operation, sequence = data[at + 4 : at + 8], data[at + 12 : at + 16]
            if operation == SUBMIT_SM:
                source = data.index(0, at + 16) + 3
                destination = data.index(0, source) + 3
                text = data.index(0, data.index(0, data.index(0, destination) + 4) + 1) + 6
                assert text + data[text - 1] == end
                body = b"%010d\0" % next(self.numbers)
            else:
                body = b"FLOOR\0" if operation in (b"\0\0\0\1", b"\0\0\0\2", b"\0\0\0\x09") else b""
            length = (16 + len(body)).to_bytes(4, "big")
            answers.append(length + b"\x80" + operation[1:] + b"\0\0\0\0" + sequence + body)
            at = end
        self.rest = data[at:]
        self.transport.write(b"".join(answers))


async def main() -> None:
    server = await asyncio.get_running_loop().create_server(Floor, "127.0.0.1", int(sys.argv[1]))
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
