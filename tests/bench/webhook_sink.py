"""A receiver that costs little: `python -m tests.bench.webhook_sink PORT`.

POST /... is answered 200 at once, POST /hang never. GET /report: how many came, when the first and the last
(`time.time`), and when each key came first. DELETE / forgets them.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import time

_HEAD = re.compile(rb"(\w+) (\S+) HTTP/1.1\r\n")
_LENGTH = re.compile(rb"\r\ncontent-length: (\d+)", re.IGNORECASE)
_KEY = re.compile(rb'"key":"([^"]+)"')

received: list[float] = []
keys: dict[str, float] = {}


class Sink(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._data = b""

    def data_received(self, data: bytes) -> None:
        self._data += data
        while b"\r\n\r\n" in self._data:
            head, _, rest = self._data.partition(b"\r\n\r\n")
            length = _LENGTH.search(head)
            size = int(length[1]) if length else 0
            if len(rest) < size:
                return
            self._data = rest[size:]
            self._answer(head + b"\r\n", rest[:size])

    def _answer(self, head: bytes, body: bytes) -> None:
        method, path = _HEAD.match(head).groups()  # type: ignore[union-attr]
        if path.startswith(b"/hang"):
            return
        answer = b"{}"
        if method == b"POST":
            now = time.time()
            received.append(now)
            found = _KEY.search(body)
            if found:
                keys.setdefault(found[1].decode(), now)
        elif method == b"GET":
            first, last = (received[0], received[-1]) if received else (0.0, 0.0)
            told = {"received": len(received), "first": first, "last": last, "keys": keys}
            answer = json.dumps(told).encode()
        else:
            received.clear()
            keys.clear()
        self._transport.write(  # type: ignore[attr-defined]
            b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(answer), answer)
        )


async def main(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(Sink, "127.0.0.1", port)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
