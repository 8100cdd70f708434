"""What the fakes of voices over HTTP have in common: a request for each sentence, its audio in chunks.

A client that closes the connection before the end has `Said.stopped` set.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.speech import Manner, Notebook, Said, characters

PATIENCE_S = 30.0


@dataclass
class HttpConnection:
    """One TCP connection. `requests`: "METHOD path" of each."""

    writer: asyncio.StreamWriter
    requests: list[str] = field(default_factory=list)
    closed: asyncio.Event = field(default_factory=asyncio.Event)

    async def close(self, code: int = 0, reason: str = "") -> None:
        self.writer.close()


class HttpVoiceServer:
    """Use as an async context manager. `refuse`: status and body that requests get instead of audio.
    `content_type`: what the audio is called."""

    key = "secret-key"
    content_type = "audio/pcm"

    def __init__(self) -> None:
        self.book = Notebook()
        self.refuse: tuple[int, str] | None = None
        self.connections: list[HttpConnection] = []
        self.url = ""
        self._arrived = asyncio.Condition()
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def connection(self, number: int = 1) -> HttpConnection:
        async with self._arrived, asyncio.timeout(PATIENCE_S):
            await self._arrived.wait_for(lambda: len(self.connections) >= number)
        return self.connections[number - 1]

    async def __aenter__(self) -> HttpVoiceServer:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *exc: object) -> None:
        if self._server is not None:
            self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # --- what a vendor's fake says ----------------------------------------------------------------

    def key_of(self, headers: dict[str, str]) -> str:
        raise NotImplementedError

    def unknown_key(self) -> str:
        return json.dumps({"error": {"message": "Incorrect API key provided."}})

    def said(self, path: str, headers: dict[str, str], body: bytes) -> Said:
        """What a request asks for."""
        raise NotImplementedError

    def audio(self, said: Said, text: str) -> bytes:
        """What `text`, a part of the sentence, sounds like."""
        raise NotImplementedError

    # --- the connection ---------------------------------------------------------------------------

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        connection = HttpConnection(writer)
        async with self._arrived:
            self.connections.append(connection)
            self._arrived.notify_all()
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            while not writer.is_closing():
                await self._request(connection, reader, writer)
        writer.close()
        connection.closed.set()

    async def _request(
        self, connection: HttpConnection, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        method, path, _ = head[0].split(" ")
        headers = {
            name.lower(): value.strip() for name, _, value in (h.partition(":") for h in head[1:] if h)
        }
        connection.requests.append(f"{method} {path}")
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        if method == "HEAD":
            writer.write(b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n")
            return
        refusal = self.refuse
        if refusal is None and self.key_of(headers) != self.key:
            refusal = 401, self.unknown_key()
        if refusal is not None:
            self._whole(writer, refusal[0], "application/json", refusal[1].encode())
            return
        said = self.said(path, headers, body)
        manner = await self.book.note(said)
        watch = asyncio.create_task(self._watch(reader, said))
        try:
            await self.answer(writer, said, manner)
            await writer.drain()
        finally:
            watch.cancel()
            await asyncio.gather(watch, return_exceptions=True)

    async def _watch(self, reader: asyncio.StreamReader, said: Said) -> None:
        with contextlib.suppress(ConnectionError):
            await reader.read(1)
        said.stopped.set()

    async def answer(self, writer: asyncio.StreamWriter, said: Said, manner: Manner) -> None:
        """The audio in chunks, as it is made."""
        await asyncio.sleep(manner.first_ms / 1000)
        if manner.fault == "error":
            body = json.dumps({"error": {"message": manner.error}}).encode()
            self._whole(writer, manner.status, "application/json", body)
            return
        if manner.fault == "garbage":
            data = manner.garbage if isinstance(manner.garbage, bytes) else manner.garbage.encode()
            self._whole(writer, 200, "text/html", data)
            return
        head = f"HTTP/1.1 200 OK\r\ncontent-type: {self.content_type}\r\ntransfer-encoding: chunked\r\n\r\n"
        writer.write(head.encode())
        pieces = [self.audio(said, text) for text, _ in characters(said.text, manner.size)]
        for number, audio in enumerate(pieces):
            if manner.fault and number == manner.after:
                await self._fail(writer, said, manner)
                return
            writer.write(b"%x\r\n%s\r\n" % (len(audio), audio))
            await writer.drain()
        if manner.fault:
            await self._fail(writer, said, manner)
            return
        said.over.set()
        writer.write(b"0\r\n\r\n")

    async def _fail(self, writer: asyncio.StreamWriter, said: Said, manner: Manner) -> None:
        if manner.fault == "hang":
            await said.stopped.wait()
        writer.transport.abort()

    def _whole(self, writer: asyncio.StreamWriter, status: int, kind: str, body: bytes) -> None:
        head = f"HTTP/1.1 {status} Whatever\r\ncontent-type: {kind}\r\ncontent-length: {len(body)}\r\n\r\n"
        writer.write(head.encode() + body)


def json_of(body: bytes) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(body)
    return found
