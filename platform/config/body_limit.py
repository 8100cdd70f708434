"""How large a request's body may be, looked at while it arrives.

Django's ASGI handler writes a whole body into a temporary file before any of our code runs: without
a limit here, anybody could fill the disk.
"""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from apps.api.problems import CONTENT_TYPE, problem

_IMPORTS = "/api/v1/imports"
_UPLOADS = re.compile(r"/api/v1/knowledge-bases/[^/]+/documents")

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Any, Any, Any], Awaitable[None]]


class BodyLimit:
    """Answers 413 to a body of more than `limit` bytes, or `internal` ones under /internal/, `uploads`
    ones where documents are given, and `imports` ones where files of contacts are."""

    def __init__(self, app: App, *, limit: int, internal: int, uploads: int, imports: int) -> None:
        self.app = app
        self.limit = limit
        self.internal = internal
        self.uploads = uploads
        self.imports = imports

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        limit = self._limit(scope["path"])
        if _announced(scope) > limit:
            await _refuse(send, limit)
            return
        await self.app(scope, _counted(receive, send, limit), send)

    def _limit(self, path: str) -> int:
        if path.startswith("/internal/"):
            return self.internal
        if path == _IMPORTS:
            return self.imports
        return self.uploads if _UPLOADS.fullmatch(path) else self.limit


def _announced(scope: MutableMapping[str, Any]) -> int:
    """The Content-Length; 0 without one. The server has checked that it is a number."""
    return int(next((value for name, value in scope["headers"] if name == b"content-length"), 0))


def _counted(receive: Receive, send: Send, limit: int) -> Receive:
    """`receive`, which refuses the request once its body has exceeded `limit`: to the program it is gone."""
    size = 0

    async def counted() -> Message:
        nonlocal size
        message = await receive()
        if message["type"] == "http.request":
            size += len(message.get("body", b""))
            if size > limit:
                await _refuse(send, limit)
                return {"type": "http.disconnect"}
        return message

    return counted


async def _refuse(send: Send, limit: int) -> None:
    detail = f"The body is larger than {limit // 1024 // 1024} MB."
    body = json.dumps(problem(413, detail, "body_too_large")).encode()
    # What is still under way is not read: the connection cannot be used again.
    headers = [(b"content-type", CONTENT_TYPE.encode()), (b"connection", b"close")]
    headers.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": body})
