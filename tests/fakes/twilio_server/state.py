"""An account at Twilio: what it has, what is for sale, what it was charged."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from tests.fakes.twilio_server.wire import Refused, sid


@dataclass
class Offer:
    """A number for sale. `bundle`: the regulator wants papers. `kind`: Local, Mobile, TollFree, National."""

    e164: str
    country: str = "US"
    kind: str = "Local"
    locality: str | None = None
    region: str | None = None
    able: tuple[str, ...] = ("voice", "sms", "mms")
    address: str = "none"
    bundle: bool = False
    beta: bool = False


@dataclass
class Call:
    """A call that Twilio counted; `price` as it writes it, None: not yet."""

    caller: str
    called: str
    started_at: datetime
    duration_s: int
    outbound: bool = True
    status: str = "completed"
    price: str | None = None


@dataclass
class Account:
    """`rows`: resources by their kind (the first two letters of their ids)."""

    account_sid: str
    for_sale: list[Offer] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    used: dict[date, list[dict[str, Any]]] = field(default_factory=dict)
    prices: dict[str, dict[str, str]] = field(default_factory=dict)
    """By country: what a month of a type costs."""
    call_prices: dict[str, dict[str, Any]] = field(default_factory=dict)
    regulations: list[dict[str, Any]] = field(default_factory=list)
    not_portable: dict[str, str] = field(default_factory=dict)
    unsubscribed: set[str] = field(default_factory=set)
    charged: list[str] = field(default_factory=list)
    """The numbers it was charged for, once for each purchase."""
    released: list[str] = field(default_factory=list)
    passwords: dict[str, str] = field(default_factory=dict)
    """By user name."""
    documents: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    incomplete: str = ""
    """What evaluations of papers find wrong; empty: nothing."""
    rows: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    lock: threading.RLock = field(default_factory=threading.RLock)

    def all(self, kind: str) -> list[dict[str, Any]]:
        """Newest last."""
        return list(self.rows.get(kind, {}).values())

    def add(self, kind: str, row: dict[str, Any]) -> dict[str, Any]:
        row["sid"] = sid(kind)
        self.rows.setdefault(kind, {})[row["sid"]] = row
        return row

    def get(self, kind: str, id: str) -> dict[str, Any]:
        found = self.rows.get(kind, {}).get(id)
        if found is None:
            raise Refused(404, 20404, f"The requested resource {id} was not found")
        return found

    def drop(self, kind: str, id: str) -> None:
        self.get(kind, id)
        del self.rows[kind][id]

    @property
    def owned(self) -> list[str]:
        """The numbers it has."""
        return [row["phone_number"] for row in self.all("PN")]
