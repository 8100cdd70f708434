"""A vendor of chat completions on a real socket: streamed answers as server-sent events.

Each request takes the next of `answers`. An `Answer` is a list of steps: text, pauses in seconds,
pieces of tool calls (`call`, `Piece`), `Raw` bytes, `VANISH`. A `Failure` is an HTTP error.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any

FOREVER = 3600.0


class Drop(Enum):
    """`VANISH`: the connection is cut there, without an end of the answer."""

    VANISH = auto()


VANISH = Drop.VANISH


@dataclass(frozen=True)
class Raw:
    """Bytes that are sent as they stand, where an event would be."""

    data: bytes


@dataclass(frozen=True)
class Piece:
    """Part of a tool call, as a delta holds it; what is None is left out of the JSON."""

    index: int | None = None
    id: str | None = None
    name: str | None = None
    arguments: str | None = None


Step = str | float | Raw | Piece | Drop


@dataclass(frozen=True)
class Answer:
    """A streamed answer. `finish`: its finish reason, None: none is sent. `usage`: (prompt, completion)
    tokens and, if there are three, those that came from the cache; sent if the request asks for them."""

    steps: Sequence[Step]
    finish: str | None = "stop"
    usage: tuple[int, ...] | None = (20, 5)


@dataclass(frozen=True)
class Failure:
    """An HTTP error; a dict is sent as JSON. `cut`: the connection ends before the body does."""

    status: int
    body: dict[str, Any] | str = ""
    cut: bool = False


NOTHING_SCRIPTED = Failure(500, {"error": {"message": "the test has no answer for this request"}})


def call(name: str, *arguments: str, id: str = "call_1", index: int | None = 0) -> list[Step]:
    """A tool call: first its name, then its arguments piece by piece."""
    return [Piece(index, id, name, ""), *(Piece(index, arguments=part) for part in arguments)]


def answer(*steps: Step) -> Answer:
    """An ordinary answer; its finish reason tells whether it calls functions."""
    calls = any(isinstance(step, Piece) for step in steps)
    return Answer(steps, finish="tool_calls" if calls else "stop")


@dataclass
class Request:
    """A request and what became of it. `connection` counts the TCP connections from 1. `dropped` is set
    when the client has closed the connection before the answer was complete."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]
    connection: int
    dropped: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def messages(self) -> list[dict[str, Any]]:
        return list(self.body["messages"])


class _ClientLeft(Exception):
    pass


class Wire:
    """One answer in the vendor's protocol: the bytes before its first step, of each, and after its last."""

    def __init__(self, given: Answer, request: Request) -> None:
        self.given = given
        self.request = request

    def opening(self) -> Iterator[bytes]:
        return iter(())

    def step(self, step: str | Piece) -> Iterator[bytes]:
        yield _event(_delta(step))

    def ending(self) -> Iterator[bytes]:
        if self.given.finish is not None:
            yield _event({}, self.given.finish)
        if self.given.usage and self.request.body.get("stream_options", {}).get("include_usage"):
            yield _encoded({**_CHUNK, "choices": [], "usage": _tokens(*self.given.usage)})
        yield b"data: [DONE]\n\n"


class OpenAIServer:
    """Use as an async context manager. `url` has no slash at its end."""

    def __init__(self) -> None:
        self.answers: list[Answer | Failure] = []
        self.requests: list[Request] = []
        self.greetings: list[Request] = []
        """What asked for nothing, only to connect."""
        self.connections = 0
        self._arrived = asyncio.Condition()
        self._serving: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self.url = ""

    def wire(self, given: Answer, request: Request) -> Wire:
        return Wire(given, request)

    def will(self, *answers: Answer | Failure) -> None:
        """What the next requests are answered with."""
        self.answers += answers

    async def request(self, number: int) -> Request:
        """The request of that number (from 1), as soon as it has arrived."""
        async with self._arrived, asyncio.timeout(20):
            await self._arrived.wait_for(lambda: len(self.requests) >= number)
        return self.requests[number - 1]

    async def __aenter__(self) -> OpenAIServer:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/v1"
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.stop()

    async def stop(self) -> None:
        """Closes the port and every connection: nobody answers any more."""
        if self._server is not None:
            self._server.close()
        for task in self._serving:
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)

    # --- the protocol -----------------------------------------------------------------------------

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        connection = Connection(reader, writer, self.connections)
        task = asyncio.ensure_future(self._serve(connection))
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)

    async def _serve(self, connection: Connection) -> None:
        with (
            contextlib.suppress(ConnectionError, asyncio.IncompleteReadError),
            contextlib.closing(connection),
        ):
            while (request := await connection.receive()) is not None:
                if not request.body:
                    self.greetings.append(request)
                    connection.greet()
                    continue
                async with self._arrived:
                    self.requests.append(request)
                    self._arrived.notify_all()
                try:
                    await self._answer(connection, request)
                except (_ClientLeft, ConnectionError):
                    request.dropped.set()
                    return

    async def _answer(self, connection: Connection, request: Request) -> None:
        given = self.answers.pop(0) if self.answers else NOTHING_SCRIPTED
        if isinstance(given, Failure):
            connection.respond(given)
            return
        begun, wire = False, self.wire(given, request)
        for step in given.steps:
            if isinstance(step, float | int):
                await connection.pause(step)
                continue
            if not begun:
                begun = True
                connection.begin()
                connection.send_all(wire.opening())
            if step is VANISH:
                connection.cut()
                return
            connection.send_all([step.data] if isinstance(step, Raw) else wire.step(step))
        if not begun:
            connection.begin()
            connection.send_all(wire.opening())
        connection.send_all(wire.ending())
        connection.end()


class Connection:
    """One client's connection; notices when the client leaves, also while nothing is sent."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int) -> None:
        self._reader = reader
        self._writer = writer
        self._number = number
        self._next = asyncio.ensure_future(self._byte())

    async def receive(self) -> Request | None:
        """The next request; None when the client has closed the connection."""
        if not (first := await self._next):
            return None
        head = (first + await self._reader.readuntil(b"\r\n\r\n")).decode().splitlines()
        lines = (line.partition(":") for line in head[1:] if line)
        headers = {name.lower(): value.strip() for name, _, value in lines}
        length = int(headers.get("content-length", 0))
        body = json.loads(await self._reader.readexactly(length)) if length else {}
        self._next = asyncio.ensure_future(self._byte())
        return Request(head[0].split()[1], headers, body, self._number)

    async def pause(self, seconds: float) -> None:
        await asyncio.wait({self._next}, timeout=seconds)
        if self._next.done() and not self._next.result():
            raise _ClientLeft

    def respond(self, failure: Failure) -> None:
        is_json = isinstance(failure.body, dict)
        body = json.dumps(failure.body) if is_json else str(failure.body)
        kind = "application/json" if is_json else "text/html"
        length = len(body) + failure.cut
        head = f"HTTP/1.1 {failure.status} Status\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\r\n"
        self._writer.write((head + body).encode())
        if failure.cut:
            self.cut()

    def greet(self) -> None:
        self._writer.write(b"HTTP/1.1 401 Status\r\nContent-Length: 0\r\n\r\n")

    def begin(self) -> None:
        head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
        self._writer.write(head.encode())

    def send(self, data: bytes) -> None:
        self._writer.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")

    def send_all(self, chunks: Iterable[bytes]) -> None:
        for chunk in chunks:
            self.send(chunk)

    def end(self) -> None:
        self._writer.write(b"0\r\n\r\n")

    def cut(self) -> None:
        """Sends what is waiting, and the end of the connection."""
        self._writer.close()

    def close(self) -> None:
        self._next.cancel()
        self._writer.close()

    async def _byte(self) -> bytes:
        """The first byte of the next request; empty when the client has left."""
        try:
            return await self._reader.read(1)
        except ConnectionError:
            return b""


def _tokens(prompt: int, completion: int, cached: int | None = None) -> dict[str, Any]:
    details = {} if cached is None else {"prompt_tokens_details": {"cached_tokens": cached}}
    total = prompt + completion
    return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": total, **details}


def _delta(step: str | Piece) -> dict[str, Any]:
    if isinstance(step, Piece):
        function = {"name": step.name, "arguments": step.arguments}
        part = {"index": step.index, "id": step.id, "function": _without_none(function)}
        return {"tool_calls": [_without_none({**part, "type": "function" if step.id else None})]}
    return {"content": step}


_CHUNK = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1_700_000_000, "model": "fake"}


def _event(delta: dict[str, Any], finish: str | None = None) -> bytes:
    return _encoded({**_CHUNK, "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]})


def _encoded(chunk: dict[str, Any]) -> bytes:
    return b"data: " + json.dumps(chunk).encode() + b"\n\n"


def _without_none(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
