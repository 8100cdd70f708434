"""Requests, answers and lists as Twilio's APIs write them."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

PAGE_SIZE = 50


class Refused(Exception):
    """An error of Twilio's dictionary: https://www.twilio.com/docs/api/errors."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message

    @property
    def body(self) -> dict[str, Any]:
        more = f"https://www.twilio.com/docs/errors/{self.code}"
        return {"code": self.code, "message": self.message, "more_info": more, "status": self.status}


@dataclass
class Asked:
    """A request as it came; `json` of a JSON body, `files` of a multipart one."""

    host: str
    method: str
    path: str
    query: dict[str, list[str]] = field(default_factory=dict)
    form: dict[str, list[str]] = field(default_factory=dict)
    json: Any = None
    files: dict[str, tuple[str, bytes]] = field(default_factory=dict)

    def text(self, name: str, default: str | None = None) -> str | None:
        """A field of the form."""
        return self.form.get(name, [default])[0]

    def asks(self, name: str) -> str | None:
        """A parameter of the query."""
        return self.query.get(name, [None])[0]


Answer = tuple[int, Any]
Route = Callable[..., Answer]


@dataclass(frozen=True)
class Place:
    """What answers one kind of request. `takes`: its parameters, where no document says them; `needs`: those
    without which it is refused."""

    method: str
    host: str
    pattern: re.Pattern[str]
    route: Route
    takes: frozenset[str]
    needs: frozenset[str]


PLACES: list[Place] = []


def on(method: str, host: str, path: str, *, takes: str = "", needs: str = "") -> Callable[[Route], Route]:
    """What answers `method` on `path`, where {name} is a place for any text."""
    pattern = re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+?)", re.escape(path)) + "$")
    known = frozenset(f"{takes} {needs} PageSize Page PageToken".split())

    def put(route: Route) -> Route:
        PLACES.append(Place(method, host, pattern, route, known, frozenset(needs.split())))
        return route

    return put


def sid(prefix: str) -> str:
    return f"{prefix}{uuid.uuid4().hex}"


def rfc2822(moment: datetime | None = None) -> str:
    return format_datetime(moment or datetime.now(UTC))


def iso(moment: datetime | None = None) -> str:
    return (moment or datetime.now(UTC)).strftime("%Y-%m-%dT%H:%M:%SZ")


def is_true(text: str | None) -> bool:
    return (text or "").lower() == "true"


def page_2010(asked: Asked, key: str, rows: Iterable[Any]) -> Answer:
    """A page of the API of 2010: links are paths."""
    chosen, number, size, more = _cut(asked, list(rows))
    body = {
        "end": max(number * size + len(chosen) - 1, 0),
        "first_page_uri": _link(asked, size, 0),
        "next_page_uri": _link(asked, size, number + 1) if more else None,
        "page": number,
        "page_size": size,
        "previous_page_uri": _link(asked, size, number - 1) if number else None,
        "start": number * size,
        "uri": _link(asked, size, number),
        key: chosen,
    }
    return 200, body


def page(asked: Asked, key: str, rows: Iterable[Any]) -> Answer:
    """A page of the newer APIs: links are URLs in `meta`."""
    chosen, number, size, more = _cut(asked, list(rows))
    base = f"https://{asked.host}"
    meta = {
        "first_page_url": base + _link(asked, size, 0),
        "key": key,
        "next_page_url": base + _link(asked, size, number + 1) if more else None,
        "page": number,
        "page_size": size,
        "previous_page_url": base + _link(asked, size, number - 1) if number else None,
        "url": base + _link(asked, size, number),
    }
    return 200, {key: chosen, "meta": meta}


def _cut(asked: Asked, rows: list[Any]) -> tuple[list[Any], int, int, bool]:
    number, size = int(asked.asks("Page") or 0), int(asked.asks("PageSize") or PAGE_SIZE)
    return rows[number * size : (number + 1) * size], number, size, len(rows) > (number + 1) * size


def _link(asked: Asked, size: int, number: int) -> str:
    return f"{asked.path}?PageSize={size}&Page={number}"
