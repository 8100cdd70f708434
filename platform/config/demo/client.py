"""The demo as a customer of the public API: HTTP calls and the live socket, nothing from inside."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from typing import Any

import httpx
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

Json = dict[str, Any]


class DemoError(Exception):
    """The demo cannot go on; the text says what failed, for the person who watches."""


class Api:
    """The public REST API at `url` with one API key. Raises `DemoError` with the API's own words."""

    def __init__(self, url: str, key: str) -> None:
        self.url, self.key = url, key
        self._http = httpx.Client(
            base_url=f"{url}/api/v1", headers={"Authorization": f"Bearer {key}"}, timeout=10.0
        )

    def get(self, path: str, **params: str) -> Json:
        return self._checked(self._http.get(path, params=params))

    def post(self, path: str, body: Json, *, idempotency_key: str) -> Json:
        return self._checked(self._http.post(path, json=body, headers={"Idempotency-Key": idempotency_key}))

    def upload(self, path: str, form: dict[str, str], name: str, content: bytes) -> Json:
        """Sends a file beside the fields of a form."""
        return self._checked(self._http.post(path, data=form, files={"file": (name, content)}))

    def wait_for_end(self, call_id: str, *, within_s: float) -> Json:
        """The call once it has ended and its recording, if it was answered, is stored."""
        deadline = time.monotonic() + within_s
        while time.monotonic() < deadline:
            call = self.get(f"/calls/{call_id}")
            if call["state"] == "ended" and (call["recording"] or not call["answered_at"]):
                return call
            time.sleep(0.3)
        raise DemoError(f"The call {call_id} did not end within {within_s:.0f} s.")

    def _checked(self, response: httpx.Response) -> Json:
        if response.is_error:
            raise DemoError(f"{response.request.method} {response.request.url.path}: {response.text}")
        body: Json = response.json()
        return body


class _Socket:
    """Hands each message of a live socket to `show`, in a thread."""

    path = ""

    def __init__(self, api: Api, subscription: Json, show: Callable[[Json], None]) -> None:
        address = api.url.replace("http", "ws", 1) + self.path
        self._socket = connect(address, additional_headers={"Authorization": f"Bearer {api.key}"})
        self._socket.send(json.dumps({"type": "subscribe", **subscription}))
        threading.Thread(target=self._listen, args=(self._socket, show), daemon=True).start()

    @staticmethod
    def _listen(socket: ClientConnection, show: Callable[[Json], None]) -> None:
        try:
            for message in socket:
                show(json.loads(message))
        except ConnectionClosed:
            return

    def close(self) -> None:
        self._socket.close()


class Live(_Socket):
    """Hears everything that happens on the tenant's calls."""

    path = "/ws/v1/calls/"

    def __init__(self, api: Api, show: Callable[[Json], None]) -> None:
        super().__init__(api, {}, show)


class Campaigns(_Socket):
    """Hears how far one campaign is."""

    path = "/ws/v1/campaigns/"

    def __init__(self, api: Api, campaign: str, show: Callable[[Json], None]) -> None:
        def progress(message: Json) -> None:
            if message["type"] == "progress":
                show(message["progress"])

        super().__init__(api, {"campaign": campaign}, progress)
