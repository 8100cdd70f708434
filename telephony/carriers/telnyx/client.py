"""Requests to Telnyx: with limits of time, asked again where that is safe, failures in our words.

https://developers.telnyx.com/api
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any

import httpx
from django.conf import settings

from telephony.carriers.base import CarrierDown, CarrierRefused
from telephony.carriers.telnyx.refusals import refusal

AGAIN_AFTER_S = (0.3, 1.0)
LONGEST_WAIT_S = 3.0
"""What Telnyx asks us to wait (Retry-After) is waited up to here; beyond, it counts as down."""

_PAGE = 250
_OK, _NOT_FOUND, _BUSY, _BROKEN = 200, 404, 429, 500
_SAFE = {"GET", "DELETE"}


def get(what: str, path: str, **filters: Any) -> Any:
    """The `data` of an answer. `what`: that is asked for, as in "Telnyx could not {what}"."""
    return _ask(what, "GET", path, params=filters)["data"]


def pages(what: str, path: str, **filters: Any) -> Iterator[dict[str, Any]]:
    """All rows of a list, page by page."""
    number = 1
    while True:
        told = _ask(what, "GET", path, params=filters | {"page[number]": number, "page[size]": _PAGE})
        yield from told["data"]
        if number >= int((told.get("meta") or {}).get("total_pages") or 1):
            return
        number += 1


def post(what: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
    return _ask(what, "POST", path, json=body or {}).get("data")


def patch(what: str, path: str, body: Mapping[str, Any]) -> Any:
    return _ask(what, "PATCH", path, json=body).get("data")


def upload(what: str, name: str, content: bytes, type: str) -> str:
    """The id of the document at Telnyx."""
    told = _ask(what, "POST", "/documents", files={"file": (name, content, type)})
    return str(told["data"]["id"])


def delete(what: str, path: str) -> None:
    """What is gone already is no error."""
    try:
        _ask(what, "DELETE", path)
    except CarrierRefused as error:
        if error.code != "not_found":
            raise


def _ask(what: str, method: str, path: str, **parts: Any) -> dict[str, Any]:
    answer = _answer(what, method, path, parts)
    told = _json(answer)
    if answer.status_code >= _OK + 100:
        raise refusal(what, answer.status_code, told)
    return told


def _answer(what: str, method: str, path: str, parts: dict[str, Any]) -> httpx.Response:
    """A GET or DELETE is repeated after any failure of the way, anything else only when it cannot have
    arrived or was turned away unread (429)."""
    headers = {"Authorization": f"Bearer {settings.TELNYX_API_KEY}"}
    pauses: tuple[float | None, ...] = (*AGAIN_AFTER_S, None)
    for pause in pauses:
        try:
            answer = httpx.request(
                method,
                f"{settings.TELNYX_API_BASE}{path}",
                headers=headers,
                timeout=settings.CARRIER_TIMEOUT_S,
                **parts,
            )
        except httpx.HTTPError as error:
            unread = isinstance(error, httpx.ConnectError | httpx.ConnectTimeout)
            if pause is None or not (unread or method in _SAFE):
                raise CarrierDown(f"Telnyx could not {what}: {type(error).__name__}.") from None
        else:
            pause = _pause(method, answer, pause)
            if pause is None:
                return answer
        time.sleep(pause)
    raise AssertionError("the last round returns or raises")


def _pause(method: str, answer: httpx.Response, pause: float | None) -> float | None:
    """How long until it is asked again; None: this is the answer."""
    again = answer.status_code == _BUSY or (answer.status_code >= _BROKEN and method in _SAFE)
    if not again or pause is None:
        return None
    told = answer.headers.get("retry-after", "")
    wait = float(told) if told.isdigit() else pause
    return wait if wait <= LONGEST_WAIT_S else None


def _json(answer: httpx.Response) -> dict[str, Any]:
    try:
        told = answer.json() if answer.content else {}
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}
