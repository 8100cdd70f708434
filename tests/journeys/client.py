"""The public API as a customer uses it, and what journeys ask of a call."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass
from typing import Any

import httpx

from tests.sip.wait import until

Json = dict[str, Any]


@dataclass(frozen=True)
class Client:
    """One tenant's key. `get` and `post` fail the test on an error; `try_post` gives the response."""

    http: httpx.Client

    @classmethod
    def open(cls, url: str, key: str) -> Client:
        headers = {"Authorization": f"Bearer {key}"}
        # Shorter than the server keeps a connection: none is used in the moment that it is closed.
        limits = httpx.Limits(keepalive_expiry=2.0)
        return cls(httpx.Client(base_url=f"{url}/api/v1", headers=headers, timeout=10.0, limits=limits))

    def get(self, path: str, **params: str) -> Json:
        response = self.http.get(path, params=params)
        while response.status_code == 429:
            # Many tests with one key: what a customer's program has to do, too.
            time.sleep(float(response.headers["Retry-After"]))
            response = self.http.get(path, params=params)
        return _checked(response)

    def post(self, path: str, body: Json) -> Json:
        return _checked(self.try_post(path, body))

    def try_post(self, path: str, body: Json) -> httpx.Response:
        headers = {"Idempotency-Key": uuid.uuid4().hex}
        response = self.http.post(path, json=body, headers=headers)
        while response.status_code == 429 and response.json().get("code") == "throttled":
            time.sleep(float(response.headers["Retry-After"]))
            response = self.http.post(path, json=body, headers=headers)
        return response

    def agent(self, name: str, config: Json, *, publish: bool = True) -> str:
        """A new agent's id."""
        agent = self.post("/agents", {"name": name, "config": config})
        if publish:
            self.post(f"/agents/{agent['id']}/publish", {})
        return str(agent["id"])

    def call(self, call_id: str) -> Json:
        return self.get(f"/calls/{call_id}")

    def events(self, call_id: str) -> list[Json]:
        """All events of a call, in order."""
        found: list[Json] = self.get(f"/calls/{call_id}/events", limit="1000")["results"]
        return found

    def ended(self, call_id: str, timeout_s: float = 90.0) -> Json:
        """The call once it has ended."""
        return until(
            lambda: (call := self.call(call_id)) and call["state"] == "ended" and call,
            f"{call_id} has ended",
            timeout_s,
            every_s=0.6,
        )

    def find(self, *, to_number: str, from_number: str, timeout_s: float = 30.0) -> str:
        """The id of the newest call between two numbers, once there is one."""

        def newest() -> str | None:
            calls = self.get("/calls", limit="100")["results"]
            ids = [c["id"] for c in calls if (c["to_number"], c["from_number"]) == (to_number, from_number)]
            return ids[0] if ids else None

        return until(newest, f"a call from {from_number} to {to_number}", timeout_s, every_s=0.2)


def turns_of(call: Json, speaker: str) -> list[str]:
    """What one side said, in order."""
    return [turn["text"] for turn in call["turns"] if turn["speaker"] == speaker]


def _checked(response: httpx.Response) -> Json:
    assert response.is_success, f"{response.request.method} {response.request.url}: {response.text}"
    body: Json = response.json()
    return body
