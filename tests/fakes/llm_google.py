"""The Gemini API's streamGenerateContent on a real socket: chunks of JSON as server-sent events.

Steps as in `openai_server`; a function's call comes whole, so its `Piece`s are joined. `Answer.usage`:
(prompt, candidates) tokens and, if there are four, those from the cache and those of thoughts.
`Answer.finish`: "stop" and "tool_calls" are STOP.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

from tests.fakes.openai_server import Answer, OpenAIServer, Piece, Request, Wire

SIGNATURE = base64.b64encode(b"a thought").decode()


def chunk(**fields: Any) -> bytes:
    return b"data: " + json.dumps(fields).encode() + b"\r\n\r\n"


class _Chunks(Wire):
    def __init__(self, given: Answer, request: Request) -> None:
        super().__init__(given, request)
        self._calls: list[dict[str, Any]] = []

    def step(self, step: str | Piece) -> Iterator[bytes]:
        if isinstance(step, str):
            yield self._content({"text": step})
        elif step.name:
            self._calls.append({"id": step.id, "name": step.name, "arguments": step.arguments or ""})
        else:
            self._calls[-1]["arguments"] += step.arguments or ""

    def ending(self) -> Iterator[bytes]:
        for number, call in enumerate(self._calls):
            made = {"id": call["id"], "name": call["name"], "args": json.loads(call["arguments"] or "{}")}
            signed = {"thoughtSignature": SIGNATURE} if number == 0 else {}
            yield self._content({"functionCall": made, **signed})
        if self.given.finish is not None:
            reason = {"stop": "STOP", "tool_calls": "STOP"}.get(self.given.finish, self.given.finish)
            last = {"content": {"role": "model", "parts": [{"text": ""}]}, "finishReason": reason}
            usage = {"usageMetadata": _counts(*self.given.usage)} if self.given.usage else {}
            yield chunk(candidates=[last], **usage)

    def _content(self, part: dict[str, Any]) -> bytes:
        return chunk(candidates=[{"content": {"role": "model", "parts": [part]}}])


def _counts(prompt: int, candidates: int, cached: int = 0, thoughts: int = 0) -> dict[str, int]:
    counts = {"promptTokenCount": prompt, "candidatesTokenCount": candidates}
    return {**counts, "cachedContentTokenCount": cached, "thoughtsTokenCount": thoughts}


class GoogleServer(OpenAIServer):
    """Use as an async context manager. `url` has no path."""

    def wire(self, given: Answer, request: Request) -> Wire:
        return _Chunks(given, request)

    async def __aenter__(self) -> GoogleServer:
        await super().__aenter__()
        self.url = self.url.removesuffix("/v1")
        return self
