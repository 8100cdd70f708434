"""The three vendors of a conversation with fixed latencies, on real sockets, in a process of their own:
Deepgram's streaming transcription, OpenAI's chat completions, Cartesia's voices.

All that the engines under measurement ask of them is there, and nothing is computed that a vendor would
compute: the transcript is always the same, the voice a tone. Speech is found by its loudness, so that an
engine which leaves the end of speech to the vendor is served too.

Prints the port that all three listen on; ends when its input does.
"""

from __future__ import annotations

import asyncio
import audioop
import base64
import contextlib
import json
import os
import sys
import threading
from urllib.parse import parse_qs, urlsplit

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

TRANSCRIPT_S, TOKEN_S, AUDIO_S = 0.1, 0.15, 0.1
TEXT = "I would like a table for two, please."
ANSWER = "Certainly, I can do that for you. Is there anything else?"
MS_PER_CHARACTER = 30
LOUD = 300
ENDPOINT_MS = 25
TONE = bytes(range(64, 192)) * 63


class Deepgram:
    """One connection of /v1/listen."""

    def __init__(self, connection: ServerConnection, query: dict[str, list[str]]) -> None:
        self._connection = connection
        self._width = 1 if query.get("encoding") == ["mulaw"] else 2
        self._rate = int(query.get("sample_rate", ["8000"])[0])
        wanted = query.get("endpointing", ["10"])[0]
        self._endpoint_ms = None if wanted == "false" else max(ENDPOINT_MS, int(wanted))
        self._speech_ms = self._silence_ms = 0.0
        self._heard_ms = self._told_ms = 0.0
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        async for message in self._connection:
            if isinstance(message, bytes):
                await self._audio(message)
            elif (kind := json.loads(message)["type"]) == "Finalize":
                self._later(self._final(from_finalize=True))
            elif kind == "CloseStream":
                return

    async def _audio(self, data: bytes) -> None:
        ms = len(data) * 1000 / self._rate / self._width
        self._heard_ms += ms
        pcm = audioop.ulaw2lin(data, 2) if self._width == 1 else data
        if audioop.rms(pcm, 2) > LOUD:
            before, self._speech_ms, self._silence_ms = self._speech_ms, self._speech_ms + ms, 0.0
            if before < 300 <= self._speech_ms:
                await self._results("I would like", self._heard_ms, final=False)
        elif self._speech_ms:
            self._silence_ms += ms
            due = self._endpoint_ms
            if due is not None and self._speech_ms >= 200 and self._silence_ms >= due > self._silence_ms - ms:
                self._later(self._final(from_finalize=False))

    async def _final(self, *, from_finalize: bool) -> None:
        """Of all that has been heard when it was asked for."""
        until_ms = self._heard_ms
        await asyncio.sleep(TRANSCRIPT_S)
        text = TEXT if self._speech_ms >= 200 else ""
        self._speech_ms = self._silence_ms = 0.0
        await self._results(text, until_ms, final=True, from_finalize=from_finalize)
        self._told_ms = until_ms

    async def _results(self, text: str, until_ms: float, *, final: bool, from_finalize: bool = False) -> None:
        words = [
            {
                "word": w,
                "start": self._told_ms / 1000 + 0.1 * n,
                "end": self._told_ms / 1000 + 0.1 * n + 0.1,
                "confidence": 0.99,
                "punctuated_word": w,
            }
            for n, w in enumerate(text.split())
        ]
        alternative = {"transcript": text, "confidence": 0.99, "words": words}
        with contextlib.suppress(Exception):
            await self._connection.send(
                json.dumps(
                    {
                        "type": "Results",
                        "channel_index": [0, 1],
                        "duration": (until_ms - self._told_ms) / 1000,
                        "start": self._told_ms / 1000,
                        "is_final": final,
                        "speech_final": final,
                        "from_finalize": from_finalize,
                        "channel": {"alternatives": [alternative]},
                        "metadata": {
                            "request_id": "bench",
                            "model_info": {"name": "nova-3", "version": "1", "arch": "nova-3"},
                            "model_uuid": "bench",
                        },
                    }
                )
            )

    def _later(self, work: object) -> None:
        task = asyncio.ensure_future(work)  # type: ignore[arg-type]
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


class Cartesia:
    """One connection of /tts/websocket."""

    def __init__(self, connection: ServerConnection) -> None:
        self._connection = connection
        self._contexts: dict[str, asyncio.Queue[dict[str, object] | None]] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}

    async def run(self) -> None:
        async for message in self._connection:
            asked = json.loads(message)
            context = asked["context_id"]
            if asked.get("cancel"):
                if (task := self._tasks.pop(context, None)) is not None:
                    task.cancel()
                self._contexts.pop(context, None)
                continue
            if context not in self._contexts:
                self._contexts[context] = asyncio.Queue()
                self._tasks[context] = asyncio.create_task(self._speak(context))
            self._contexts[context].put_nowait(asked)

    async def _speak(self, context: str) -> None:
        queue = self._contexts[context]
        spoken_ms = 0
        while (asked := await queue.get()) is not None:
            text = str(asked.get("transcript", "")).strip()
            if text:
                if not spoken_ms:
                    await asyncio.sleep(AUDIO_S)
                form = asked["output_format"]
                assert isinstance(form, dict)
                spoken_ms += await self._chunks(context, text, form, spoken_ms)
            if not asked.get("continue"):
                break
        await self._send({"type": "done", "done": True, "status_code": 200, "context_id": context})
        self._contexts.pop(context, None)
        self._tasks.pop(context, None)

    async def _chunks(self, context: str, text: str, form: dict[str, object], start_ms: int) -> int:
        """All audio of `text` at once, in 200 ms chunks: vendors are faster than speech."""
        width = 1 if form["encoding"] == "pcm_mulaw" else 2
        length = int(str(form["sample_rate"])) * width // 5
        tone = (TONE if width == 1 else audioop.ulaw2lin(TONE, 2))[:8000]
        chunk = base64.b64encode((tone * (length // len(tone) + 1))[:length]).decode()
        total_ms = len(text) * MS_PER_CHARACTER
        for _ in range(-(-total_ms // 200)):
            await self._send(
                {
                    "type": "chunk",
                    "data": chunk,
                    "done": False,
                    "status_code": 206,
                    "step_time": 1.0,
                    "context_id": context,
                }
            )
        words = text.split()
        starts = [(start_ms + n * total_ms // len(words)) / 1000 for n in range(len(words))]
        times = {"words": words, "start": starts, "end": [s + 0.1 for s in starts]}
        await self._send(
            {"type": "timestamps", "context_id": context, "word_timestamps": times, "done": False}
        )
        return total_ms

    async def _send(self, message: dict[str, object]) -> None:
        with contextlib.suppress(Exception):
            await self._connection.send(json.dumps(message))


async def websocket(connection: ServerConnection) -> None:
    assert connection.request is not None
    url = urlsplit(connection.request.path)
    with contextlib.suppress(ConnectionClosed):
        if url.path.endswith("/listen"):
            await Deepgram(connection, parse_qs(url.query)).run()
        else:
            await Cartesia(connection).run()


async def chat(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Chat completions over HTTP/1.1 with keep-alive, streamed: the first word after `TOKEN_S`."""
    with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
            length = next((int(h[15:]) for h in head.split("\r\n") if h.startswith("content-length:")), 0)
            await reader.readexactly(length)
            writer.write(
                b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
            )
            await asyncio.sleep(TOKEN_S)
            if writer.is_closing() or reader.at_eof():
                break  # a draft that was dropped
            for word in ANSWER.split():
                _chunk(writer, {"delta": {"role": "assistant", "content": word + " "}, "finish_reason": None})
            _chunk(writer, {"delta": {}, "finish_reason": "stop"})
            done = b"data: [DONE]\n\n"
            writer.write(b"%x\r\n%s\r\n0\r\n\r\n" % (len(done), done))
            await writer.drain()
    writer.close()


def _chunk(writer: asyncio.StreamWriter, choice: dict[str, object]) -> None:
    body = {
        "id": "bench",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "bench",
        "choices": [{"index": 0, **choice}],
    }
    data = b"data: " + json.dumps(body).encode() + b"\n\n"
    writer.write(b"%x\r\n%s\r\n" % (len(data), data))


async def main() -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    sockets = await serve(websocket, "127.0.0.1", 0, compression=None, ping_interval=None)
    http = await asyncio.start_server(chat, "127.0.0.1", 0)
    ports = [next(iter(s.sockets)).getsockname()[1] for s in (sockets, http)]
    print(*ports, flush=True)

    def wait() -> None:
        sys.stdin.read()
        loop.call_soon_threadsafe(stop.set)

    threading.Thread(target=wait, daemon=True).start()
    await stop.wait()
    os._exit(0)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        os.sched_setaffinity(0, {int(sys.argv[1])})
    asyncio.run(main())
