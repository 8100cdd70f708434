"""An account at Telnyx: what it has, what is for sale, what it was charged."""

from __future__ import annotations

import re
import threading
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any


class Refused(Exception):
    """https://developers.telnyx.com/api/errors."""

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.body = {"errors": [{"code": code, "title": detail, "detail": detail}]}


@dataclass
class Offer:
    """A number for sale. `papers`: the regulator wants some; `slow`: its order stays open for a while."""

    e164: str
    country: str = "US"
    kind: str = "local"
    locality: str = ""
    region: str = ""
    able: tuple[str, ...] = ("voice", "sms", "mms")
    monthly: str = "1.00"
    upfront: str = "0.00"
    papers: bool = False
    slow: bool = False


@dataclass
class Account:
    """`rows`: resources by the first part of their path."""

    for_sale: list[Offer] = field(default_factory=list)
    charged: list[str] = field(default_factory=list)
    released: list[str] = field(default_factory=list)
    requirements: list[dict[str, Any]] = field(default_factory=list)
    records: list[dict[str, Any]] = field(default_factory=list)
    not_portable: dict[str, str] = field(default_factory=dict)
    stopped: set[str] = field(default_factory=set)
    documents: dict[str, bytes] = field(default_factory=dict)
    money: bool = True
    rows: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    lock: threading.RLock = field(default_factory=threading.RLock)

    def all(self, kind: str) -> list[dict[str, Any]]:
        return list(self.rows.get(kind, {}).values())

    def add(self, kind: str, row: dict[str, Any]) -> dict[str, Any]:
        row = {"id": str(uuid.uuid4()), "record_type": kind, "created_at": now()} | row
        self.rows.setdefault(kind, {})[row["id"]] = row
        return row

    def get(self, kind: str, id: str) -> dict[str, Any]:
        found = self.rows.get(kind, {}).get(id)
        if found is None:
            raise Refused(404, "10005", "The requested resource or URL could not be found.")
        return found

    @property
    def owned(self) -> list[str]:
        return [row["phone_number"] for row in self.all("phone_numbers") if row["status"] != "deleted"]


def now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@dataclass
class Asked:
    """A request as it came."""

    method: str
    path: str
    query: dict[str, list[str]] = field(default_factory=dict)
    body: Any = None
    files: dict[str, bytes] = field(default_factory=dict)

    def asks(self, name: str) -> str | None:
        return self.query.get(f"filter[{name}]", [None])[0]


Route = Callable[..., Any]


@dataclass(frozen=True)
class Place:
    """What answers one kind of request. `takes`: the names of its body, or of its filters; `needs`: those
    without which it is refused."""

    method: str
    pattern: re.Pattern[str]
    route: Route
    takes: frozenset[str]
    needs: frozenset[str]


PLACES: list[Place] = []


def on(method: str, path: str, *, takes: str = "", needs: str = "") -> Callable[[Route], Route]:
    """What answers `method` on `path`, where {name} is a place for any text."""
    pattern = re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+?)", re.escape(path)) + "$")

    def put(route: Route) -> Route:
        known = frozenset(f"{takes} {needs}".split())
        PLACES.append(Place(method, pattern, route, known, frozenset(needs.split())))
        return route

    return put


def page(asked: Asked, rows: Iterable[Any]) -> dict[str, Any]:
    """`data` and `meta` of a list."""
    rows = list(rows)
    number = int(asked.query.get("page[number]", ["1"])[0])
    size = int(asked.query.get("page[size]", ["20"])[0])
    meta = {
        "page_number": number,
        "page_size": size,
        "total_pages": max(-(-len(rows) // size), 1),
        "total_results": len(rows),
    }
    return {"data": rows[(number - 1) * size : number * size], "meta": meta}


def faults(place: Place, asked: Asked) -> list[str]:
    """What is wrong with a request, in words."""
    where = f"{asked.method} {asked.path}"
    if asked.method == "GET":
        given = {_filter(name) for name in asked.query if not name.startswith("page[")}
    else:
        given = set(asked.body or {}) | set(asked.files)
    unknown = [f"{where}: nobody knows {name}" for name in sorted(given - place.takes)]
    return unknown + [f"{where}: {name} is missing" for name in sorted(place.needs - given)]


def _filter(name: str) -> str:
    found = re.fullmatch(r"filter\[([a-z_.]+)\](\[[a-z_]*\])?", name)
    return found.group(1) + (found.group(2) or "") if found else name
