"""Google Cloud's `/v1beta1/text:synthesize`: one JSON answer with the audio in base64, and the times of the
marks in SSML. MULAW comes as a WAV, PCM does not."""

from __future__ import annotations

import asyncio
import base64
import json
import re
from xml.etree import ElementTree

from media_workers.audio import mulaw
from tests.fakes.speech import Manner, Said, pcm_of, word_starts
from tests.fakes.tts_http import HttpVoiceServer, json_of

_WAV_HEADER = b"RIFF\0\0\0\0WAVEfmt \x12\0\0\0" + bytes(18) + b"data\0\0\0\0"


class GoogleVoiceServer(HttpVoiceServer):
    def key_of(self, headers: dict[str, str]) -> str:
        return headers.get("x-goog-api-key", "")

    def unknown_key(self) -> str:
        return json.dumps({"error": {"code": 400, "message": "API key not valid.", "status": "INVALID"}})

    def said(self, path: str, headers: dict[str, str], body: bytes) -> Said:
        asked = json_of(body)
        assert path == "/v1beta1/text:synthesize"
        assert asked["audioConfig"]["sampleRateHertz"] == 8000
        ssml = asked["input"].get("ssml")
        # ElementTree reads what a test's own client wrote.
        text = "".join(ElementTree.fromstring(ssml).itertext()) if ssml else asked["input"]["text"]  # noqa: S314
        return Said(text, asked)

    async def answer(self, writer: asyncio.StreamWriter, said: Said, manner: Manner) -> None:
        await asyncio.sleep(manner.first_ms / 1000)
        if manner.fault in ("hang", "cut"):
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{")
            await self._fail(writer, said, manner)
            return
        if manner.fault == "garbage":
            data = manner.garbage if isinstance(manner.garbage, bytes) else manner.garbage.encode()
            self._whole(writer, 200, "application/json", data)
            return
        if manner.fault:
            await super().answer(writer, said, manner)
            return
        said.over.set()
        self._whole(writer, 200, "application/json; charset=UTF-8", self._content(said))

    def _content(self, said: Said) -> bytes:
        pcm = pcm_of(said.text)
        in_mulaw = said.asked["audioConfig"]["audioEncoding"] == "MULAW"
        audio = _WAV_HEADER + mulaw.encode(pcm) if in_mulaw else pcm
        content: dict[str, object] = {"audioContent": base64.b64encode(audio).decode()}
        if said.asked.get("enableTimePointing") == ["SSML_MARK"]:
            marks = re.findall(r'<mark name="(\d+)"/>', said.asked["input"]["ssml"])
            starts = [ms for _, ms in word_starts(said.text)]
            points = zip(marks, starts, strict=True)
            content["timepoints"] = [{"markName": mark, "timeSeconds": ms / 1000} for mark, ms in points]
        return json.dumps(content).encode()
