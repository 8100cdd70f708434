"""A tenant's own server, as an agent's tools speak to it: HTTP/1.1 on a real socket.

Each request takes the next of `answers`; when there is none left, 200 with ``{}``.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Page:
    """An answer. `body`: a dict or a list is sent as JSON. `after_s`: so long after the request. `vanish`:
    the connection is cut instead of an answer."""

    body: Any = b""
    status: int = 200
    type: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    after_s: float = 0.0
    vanish: bool = False

    @property
    def bytes(self) -> bytes:
        if isinstance(self.body, bytes):
            return self.body
        return self.body.encode() if isinstance(self.body, str) else json.dumps(self.body).encode()

    @property
    def media_type(self) -> str:
        if self.type is not None:
            return self.type
        return "application/json" if isinstance(self.body, dict | list) else "text/plain"


@dataclass(frozen=True)
class Asked:
    """A request as it came; the names of its headers in small letters."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class ToolServer:
    """Use as an async context manager."""

    def __init__(self, *answers: Page) -> None:
        self.answers = list(answers)
        self.asked: list[Asked] = []
        self.cancelled = 0
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> ToolServer:
        self._server = await asyncio.start_server(self._met, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *error: object) -> None:
        assert self._server is not None
        self._server.close()

    @property
    def url(self) -> str:
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def _met(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while not writer.is_closing():
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                first, *lines = head.split("\r\n")
                method, target, _ = first.split(" ")
                headers = {n.lower(): v for n, _, v in (line.partition(": ") for line in lines if line)}
                body = await reader.readexactly(int(headers.get("content-length", 0)))
                self.asked.append(Asked(method, target, headers, body))
                await self._answer(reader, writer)
        writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        page = self.answers.pop(0) if self.answers else Page({})
        if page.after_s:
            gone = asyncio.ensure_future(reader.read(1))
            done, _ = await asyncio.wait({gone}, timeout=page.after_s)
            if done:  # whoever asked has hung up
                self.cancelled += 1
                writer.close()
                return
            gone.cancel()
        if page.vanish:
            writer.close()
            return
        headers = {"Content-Length": str(len(page.bytes)), **page.headers}
        if page.media_type:
            headers["Content-Type"] = page.media_type
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        writer.write(f"HTTP/1.1 {page.status} Words\r\n{head}\r\n".encode() + page.bytes)
        await writer.drain()
