from __future__ import annotations

import json
from collections.abc import MutableMapping, Sequence
from typing import Any

import pytest

from config.body_limit import BodyLimit

Message = MutableMapping[str, Any]


async def exchange(
    chunks: Sequence[bytes], *, path: str = "/api/v1/calls", announced: int | None = None
) -> tuple[list[Message], bytes | None, int]:
    """What was sent, the body as the program saw it (None: it did not see all of it), and chunks left."""
    left, sent, seen = list(chunks), list[Message](), list[bytes]()

    async def app(scope: Message, receive: Any, send: Any) -> None:
        body = b""
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body += message["body"]
            if not message["more_body"]:
                break
        seen.append(body)
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def receive() -> Message:
        chunk = left.pop(0)
        return {"type": "http.request", "body": chunk, "more_body": bool(left)}

    async def send(message: Message) -> None:
        sent.append(message)

    headers = [] if announced is None else [(b"content-length", str(announced).encode())]
    scope = {"type": "http", "path": path, "headers": headers}
    limit = BodyLimit(app, limit=1024 * 1024, internal=2 * 1024 * 1024, uploads=2 * 1024 * 1024, imports=0)
    await limit(scope, receive, send)
    return sent, (seen[0] if seen else None), len(left)


MEGABYTE = b"x" * 1024 * 1024


@pytest.mark.parametrize(
    ("chunks", "path"),
    [
        ([b""], "/"),
        ([MEGABYTE], "/api/v1/calls"),
        ([MEGABYTE, MEGABYTE], "/internal/v1/calls/x/recording"),
        ([MEGABYTE, MEGABYTE], "/api/v1/knowledge-bases/kb_1/documents"),
    ],
)
async def test_a_body_within_its_limit_passes(chunks: list[bytes], path: str) -> None:
    sent, seen, _ = await exchange(chunks, path=path, announced=sum(map(len, chunks)))
    assert sent[0]["status"] == 200
    assert seen == b"".join(chunks)


async def test_a_body_announced_too_large_is_not_read_at_all() -> None:
    sent, seen, left = await exchange([MEGABYTE, b"x"], announced=len(MEGABYTE) + 1)
    assert (sent[0]["status"], seen, left) == (413, None, 2)
    assert json.loads(sent[1]["body"])["code"] == "body_too_large"


@pytest.mark.parametrize(
    ("path", "read"),
    [
        ("/admin/login/", 2),
        ("/internal/v1/calls/x/events", 3),
        ("/api/v1/knowledge-bases/kb_1/documents", 3),
        ("/api/v1/knowledge-bases/kb_1/documents/doc_1/refresh", 2),
    ],
)
async def test_a_body_of_unknown_length_is_read_up_to_the_limit(path: str, read: int) -> None:
    sent, seen, left = await exchange([MEGABYTE] * 10, path=path)
    assert [message["type"] for message in sent] == ["http.response.start", "http.response.body"]
    assert (sent[0]["status"], seen, left) == (413, None, 10 - read)
