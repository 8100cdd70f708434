"""Which carriers there are."""

from __future__ import annotations

from telephony.carriers.base import Carrier
from telephony.carriers.sandbox import SandboxCarrier

CARRIERS: dict[str, Carrier] = {c.name: c for c in [SandboxCarrier()]}


def carrier(name: str) -> Carrier:
    """The carrier called `name`. KeyError when there is none."""
    return CARRIERS[name]
