"""Anthropic's Messages API on a real socket: streamed answers as named server-sent events.

Steps as in `openai_server`. `Answer.usage`: (fresh input, output) tokens and, if there are four, those read
from the cache and those written to it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from tests.fakes.openai_server import Answer as Answer
from tests.fakes.openai_server import OpenAIServer, Piece, Request, Wire

_STOPS = {"stop": "end_turn", "tool_calls": "tool_use"}


def event(kind: str, **fields: Any) -> bytes:
    return f"event: {kind}\ndata: {json.dumps({'type': kind, **fields})}\n\n".encode()


class _Messages(Wire):
    def __init__(self, given: Answer, request: Request) -> None:
        super().__init__(given, request)
        self._index = -1
        self._kind = ""

    def opening(self) -> Iterator[bytes]:
        message = {"id": "msg_1", "type": "message", "role": "assistant", "content": [], "model": "claude"}
        usage = self._usage(output=1)
        yield event("message_start", message={**message, "stop_reason": None, "usage": usage})
        yield event("ping")

    def step(self, step: str | Piece) -> Iterator[bytes]:
        if isinstance(step, str):
            if self._kind != "text":
                yield from self._begin("text", text="")
            yield self._delta(type="text_delta", text=step)
            return
        if step.name:
            yield from self._begin("tool_use", id=step.id, name=step.name, input={})
        if step.arguments:
            yield self._delta(type="input_json_delta", partial_json=step.arguments)

    def ending(self) -> Iterator[bytes]:
        yield from self._end()
        if self.given.finish is not None:
            stop = {"stop_reason": _STOPS.get(self.given.finish, self.given.finish), "stop_sequence": None}
            yield event("message_delta", delta=stop, usage={"output_tokens": (self.given.usage or (0, 0))[1]})
            yield event("message_stop")

    def _usage(self, output: int) -> dict[str, int]:
        fresh, _, *cache = self.given.usage or (0, 0)
        read, written = cache or (0, 0)
        counts = {"cache_read_input_tokens": read, "cache_creation_input_tokens": written}
        return {"input_tokens": fresh, "output_tokens": output, **counts}

    def _begin(self, kind: str, **fields: Any) -> Iterator[bytes]:
        yield from self._end()
        self._index, self._kind = self._index + 1, kind
        yield event("content_block_start", index=self._index, content_block={"type": kind, **fields})

    def _end(self) -> Iterator[bytes]:
        if self._kind:
            yield event("content_block_stop", index=self._index)
        self._kind = ""

    def _delta(self, **delta: Any) -> bytes:
        return event("content_block_delta", index=self._index, delta=delta)


class AnthropicServer(OpenAIServer):
    """Use as an async context manager. `url` has no path."""

    def wire(self, given: Answer, request: Request) -> Wire:
        return _Messages(given, request)

    async def __aenter__(self) -> AnthropicServer:
        await super().__aenter__()
        self.url = self.url.removesuffix("/v1")
        return self
