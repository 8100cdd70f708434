"""Azure's `/cognitiveservices/websocket/v1`: turns by request id, one after the other; audio in binary
messages, `audio.metadata` with the words, `turn.end`. What was written as SSML is read as XML."""

from __future__ import annotations

import json
import struct
from typing import Any
from xml.etree import ElementTree

from websockets.http11 import Request

from media_workers.audio import mulaw
from media_workers.providers.azure import read_text
from tests.fakes.speech import Manner, Said, pcm_of, word_starts
from tests.fakes.tts_socket import VoiceServer
from tests.fakes.websocket_server import Connection


class AzureVoiceServer(VoiceServer):
    def _key_of(self, request: Request) -> str:
        return request.headers.get("Ocp-Apim-Subscription-Key", "")

    def _unknown_key(self) -> tuple[int, str]:
        return 401, ""

    async def serve(self, connection: Connection) -> None:
        contexts: dict[str, Any] = {}
        saying: list[tuple[Said, Any]] = []
        greeted = False
        try:
            async for message in self.heard(connection):
                headers, body = read_text(message)
                key = headers["x-requestid"]
                if headers["path"] == "speech.config":
                    greeted = True
                elif headers["path"] == "synthesis.context":
                    contexts[key] = json.loads(body)
                elif headers["path"] == "ssml":
                    assert greeted
                    said = _said(body, contexts.pop(key))
                    saying.append((said, self.begin(connection, key, said)))
        finally:
            for said, _ in saying:
                said.stopped.set()

    async def piece(self, connection: Connection, key: str, said: Said, text: str, at_ms: int) -> None:
        if at_ms == 0:
            await connection.send(_text("turn.start", key, {"context": {"serviceTag": "t"}}))
            words = [_boundary(word, ms) for word, ms in word_starts(said.text)]
            await connection.send(_text("audio.metadata", key, {"Metadata": words}))
        form = said.asked["synthesis"]["audio"]["outputFormat"]
        pcm = pcm_of(text)
        audio = mulaw.encode(pcm) if form == "raw-8khz-8bit-mono-mulaw" else pcm
        await connection.send(_binary(key, audio))

    async def end(self, connection: Connection, key: str, said: Said) -> None:
        await connection.send(_binary(key, b""))
        await connection.send(_text("turn.end", key, {}))

    async def error(self, connection: Connection, key: str, manner: Manner) -> None:
        await connection.close(1007, manner.error)


def _said(ssml: str, context: dict[str, Any]) -> Said:
    speak = ElementTree.fromstring(ssml)  # noqa: S314 - the test's own client wrote it
    voice = speak[0]
    inside = {element.tag.split("}")[1]: element.attrib for element in voice.iter()}
    return Said("".join(speak.itertext()), context | inside)


def _boundary(word: str, ms: int) -> dict[str, Any]:
    text = {"Text": word.strip(",.?!"), "Length": len(word), "BoundaryType": "WordBoundary"}
    return {"Type": "WordBoundary", "Data": {"Offset": ms * 10_000, "Duration": 1, "text": text}}


def _text(path: str, key: str, body: dict[str, Any]) -> str:
    head = f"X-RequestId:{key.upper()}\r\nContent-Type:application/json; charset=utf-8\r\nPath:{path}\r\n"
    return f"{head}\r\n{json.dumps(body)}"


def _binary(key: str, audio: bytes) -> bytes:
    head = f"X-RequestId:{key.upper()}\r\nContent-Type:audio/x-wav\r\nX-StreamId:1\r\nPath:audio\r\n".encode()
    return struct.pack(">H", len(head)) + head + audio
