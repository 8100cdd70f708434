"""What a media node does for trunks between calls: registrations it holds, gateways it asks.

`POST /internal/v1/nodes/signalling`, every 5 s: a `SignallingReport`, answered by `SignallingWork`.
"""

from __future__ import annotations

from datetime import datetime
from ipaddress import IPv4Address, IPv6Address
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from media_workers.contract.calls import Gateway
from media_workers.contract.message import Message

SIGNALLING_EVERY_S = 5.0
LEASE_S = 15.0
"""A node that has not reported for this long holds no registration any more."""


class RegistrationTask(Message):
    """A registration (RFC 3261, section 10) that this node holds: `user` at `registrar`'s host, reached
    by calls to `contact_user` at the node's, or its edge's, address. `expires_s` 0: take it back."""

    trunk_id: UUID
    registrar: Gateway
    user: str
    username: str
    password: Annotated[str, Field(repr=False)]
    contact_user: str
    expires_s: Annotated[int, Field(ge=0, le=86_400)]


class RegistrationStatus(Message):
    """How a registration stands. `retry_at`: when the next try is due after a failure; `addresses`: the
    registrar's, from which calls may be expected."""

    trunk_id: UUID
    state: Literal["none", "registering", "registered", "failed", "backing_off"]
    expires_at: datetime | None = None
    last_error: str = ""
    failures: int = 0
    retry_at: datetime | None = None
    addresses: list[IPv4Address | IPv6Address] = []


class GatewayStatus(Message):
    """The last OPTIONS to a gateway. `rtt_ms`: until its answer; `error`: why it counts as down."""

    gateway_id: UUID
    up: bool
    rtt_ms: int | None = None
    error: str = ""
    checked_at: datetime


class SignallingReport(Message):
    """Registrations that changed since the last report that was taken, and gateways asked since."""

    node: str
    registrations: list[RegistrationStatus] = []
    gateways: list[GatewayStatus] = []


class SignallingWork(Message):
    """All that is this node's for `LEASE_S` from now on: what is missing is another's, or nobody's. Unless
    `allow_private`, nothing is sent to an address outside the public internet."""

    registrations: list[RegistrationTask] = []
    gateways: list[Gateway] = []
    allow_private: bool = True
