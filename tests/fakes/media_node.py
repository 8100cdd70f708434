"""The side of a media node that web speaks to for browser calls: a real port, with an open notebook.

It answers every call it does not refuse with `pictures` of the floor and its own audio back, and every
preview with `wav`.
"""

from __future__ import annotations

import contextlib
import json
import threading
from http import HTTPStatus
from typing import Any

from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.sync.server import ServerConnection, serve


class MediaNode:
    """Use as a context manager."""

    def __init__(self) -> None:
        self.refusal: dict[str, str] | None = None
        self.silent = False
        self.wav = b"RIFF of a voice"
        self.status = HTTPStatus.OK
        self.pictures: list[dict[str, Any]] = []
        self.paths: list[str] = []
        self.tickets: list[str] = []
        self.heard: list[bytes] = []
        self.orders: list[dict[str, Any]] = []
        self._sockets: list[ServerConnection] = []
        self._closing = threading.Event()
        self._server = serve(self._serve, "127.0.0.1", 0, process_request=self._answer_http, compression=None)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self._server.socket.getsockname()[1]}"

    def __enter__(self) -> MediaNode:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._closing.set()
        self.hang_up()
        self._server.shutdown()
        self._thread.join(10)

    def hang_up(self) -> None:
        """Closes the sockets of all calls."""
        for socket in self._sockets:
            with contextlib.suppress(ConnectionClosed, OSError):
                socket.close()

    def _serve(self, socket: ServerConnection) -> None:
        self._sockets.append(socket)
        if self.silent:
            self._closing.wait(30)
            return
        if self.refusal is not None:
            socket.send(json.dumps({"type": "refused"} | self.refusal))
            return
        socket.send(json.dumps({"type": "ready"}))
        for picture in self.pictures:
            socket.send(json.dumps(picture))
        for message in socket:
            if isinstance(message, bytes):
                self.heard.append(message)
                socket.send(message)
                continue
            self.orders.append(json.loads(message))
            if self.orders[-1]["type"] in ("hang_up", "gone"):
                return

    def _answer_http(self, socket: ServerConnection, request: Request) -> Response | None:
        self.paths.append(request.path)
        self.tickets.append(request.headers.get("Authorization", "").removeprefix("Bearer "))
        if request.headers.get("Upgrade", "").lower() == "websocket":
            return None
        headers = Headers({"Content-Type": "audio/wav", "Content-Length": str(len(self.wav))})
        return Response(self.status.value, self.status.phrase, headers, self.wav)
