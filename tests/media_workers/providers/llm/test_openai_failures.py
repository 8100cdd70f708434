"""What goes wrong between the dialogue and its vendor, and how it is told."""

from __future__ import annotations

import asyncio
import json
import socket
import traceback
from typing import Any

import pytest

from media_workers.providers.base import ProviderError
from media_workers.providers.llm.chat import MAX_ROUNDS, ChatDialogue
from tests.fakes.openai_server import FOREVER, VANISH, Answer, Failure, OpenAIServer, Raw, answer, call
from tests.media_workers.providers.llm.chat import KEY, dialogue, replied


async def error_of(mind: ChatDialogue) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        await replied(mind)
    assert caught.value.component == "llm"
    assert KEY not in "".join(traceback.format_exception(caught.value))
    return caught.value


REFUSALS = [
    (
        400,
        {"error": {"message": "max_tokens is too large"}},
        "refused the request: max_tokens is too large",
        False,
    ),
    (
        401,
        {"error": {"message": f"Incorrect API key provided: {KEY}"}},
        "refused the API key",
        False,
    ),
    (
        403,
        {"error": {"message": f"{KEY} may not"}},
        "does not allow this API key to do that",
        False,
    ),
    (
        404,
        {"error": {"message": "no model x"}},
        "does not know what was asked for: no model x",
        False,
    ),
    (404, "<html><body>Not Found</body></html>", "does not know what was asked for: Not Found", False),
    (422, {"detail": "temperature"}, "refused the request: temperature", False),
    (
        429,
        {"error": {"message": f"slow down, {KEY}"}},
        "is over its rate limit or quota: slow down, [key]",
        True,
    ),
    (500, {"error": {"message": "out of\nmemory"}}, "has a fault of its own (500): out of memory", True),
    (503, "", "has a fault of its own (503)", True),
]


@pytest.mark.parametrize(("status", "body", "words", "retryable"), REFUSALS)
async def test_a_refusal_is_explained(
    server: OpenAIServer, status: int, body: dict[str, Any] | str, words: str, retryable: bool
) -> None:
    server.will(Failure(status, body))
    error = await error_of(dialogue(server))
    assert error.detail == f"127.0.0.1 {words}"
    assert error.retryable is retryable
    assert len(server.requests) == 1


GARBAGE = [
    Raw(b"data: {not json\n\n"),
    Raw(b"data: \xff\xfe\n\n"),
    Raw(b'data: {"choices": 5}\n\n'),
    Raw(b'data: {"choices": ["text"]}\n\n'),
    Raw(b'data: {"choices": [{"delta": {"content": ["text"]}}]}\n\n'),
    Raw(b'data: "text"\n\n'),
]


@pytest.mark.parametrize("garbage", GARBAGE, ids=[repr(g.data[6:30]) for g in GARBAGE])
async def test_what_is_no_chat_completion_is_called_so(server: OpenAIServer, garbage: Raw) -> None:
    server.will(Answer(["Hi. ", garbage]))
    error = await error_of(dialogue(server))
    assert error.detail == "127.0.0.1 sent something that is not a chat completion stream"
    assert error.retryable


async def test_an_error_inside_the_stream_is_told(server: OpenAIServer) -> None:
    inside = {"error": {"message": f"the model crashed; {KEY}", "type": "server_error"}}
    server.will(Answer(["Hi. ", Raw(b"data: " + json.dumps(inside).encode() + b"\n\n")]))
    error = await error_of(dialogue(server))
    assert error.detail == "127.0.0.1 reported an error: the model crashed; [key]"
    assert error.retryable


async def test_a_stream_without_an_end(server: OpenAIServer) -> None:
    server.will(Answer(["We are "], finish=None))
    error = await error_of(dialogue(server))
    assert error.detail == "127.0.0.1 ended the stream before the answer was complete"
    assert error.retryable


async def test_a_broken_connection(server: OpenAIServer) -> None:
    server.will(answer("We are ", VANISH))
    error = await error_of(dialogue(server))
    assert error.detail == "127.0.0.1 broke the connection in the middle of the answer"
    assert error.retryable


async def test_an_error_page_that_breaks_off(server: OpenAIServer) -> None:
    server.will(Failure(500, "half of", cut=True))
    error = await error_of(dialogue(server))
    assert error.detail == "127.0.0.1 broke the connection before the answer"
    assert error.retryable


async def test_nobody_listens(server: OpenAIServer) -> None:
    await server.stop()
    error = await error_of(dialogue(server))
    assert error.detail.startswith("127.0.0.1 cannot be reached: ")
    assert error.retryable


async def test_a_vendor_that_accepts_no_connection(server: OpenAIServer) -> None:
    with socket.socket() as full, socket.socket() as first, socket.socket() as second:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for waiting in (first, second):
            waiting.setblocking(False)
            waiting.connect_ex(full.getsockname())
        port = full.getsockname()[1]
        error = await error_of(dialogue(server, base_url=f"http://127.0.0.1:{port}", timeout_ms=500))
    assert error.detail == "127.0.0.1 could not be connected to in 500 ms"
    assert error.retryable


async def test_a_vendor_that_never_answers(server: OpenAIServer) -> None:
    server.will(answer(FOREVER))
    error = await error_of(dialogue(server, timeout_ms=500))
    assert error.detail == "127.0.0.1 did not answer within 500 ms"
    assert error.retryable
    await asyncio.wait_for(server.requests[0].dropped.wait(), 10)


async def test_a_vendor_that_falls_silent(server: OpenAIServer) -> None:
    server.will(answer("We are ", FOREVER))
    error = await error_of(dialogue(server, timeout_ms=500))
    assert error.detail == "127.0.0.1 fell silent in the middle of the answer, for 500 ms"
    assert error.retryable


async def test_a_model_that_only_calls_functions_is_stopped(server: OpenAIServer) -> None:
    server.will(*[answer(*call("look", "{}", id=f"call_{n}")) for n in range(MAX_ROUNDS + 5)])
    error = await error_of(dialogue(server))
    assert "without an answer" in error.detail
    assert not error.retryable
    assert len(server.requests) == MAX_ROUNDS
