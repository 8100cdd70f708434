"""Keys for tests leave alone what costs money."""

from __future__ import annotations

from apps.numbers.models import BYOC
from telephony.carriers.sandbox import SandboxCarrier
from tenants.errors import NotAllowed


def ensure_in_reach(carrier: str, *, test: bool) -> None:
    """NotAllowed when a test key (`test`) orders, brings or gives back numbers of a real carrier of ours."""
    if test and carrier not in (SandboxCarrier.name, BYOC):
        raise NotAllowed("A test key orders, changes and gives back numbers of the sandbox only.")
