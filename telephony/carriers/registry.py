"""Which carriers there are: those that the settings have what they need for, looked at each time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeVar

from telephony.carriers.base import Carrier, NumberCarrier, NumberGiver
from telephony.carriers.sandbox import SandboxCarrier, SandboxSeller
from telephony.carriers.telnyx import TelnyxCarrier
from telephony.carriers.twilio import TwilioCarrier

T = TypeVar("T", bound=Carrier)


class Configured(Mapping[str, T]):
    """By name, without those that are not set up."""

    def __init__(self, *carriers: T) -> None:
        self._all = {carrier.name: carrier for carrier in carriers}

    def __getitem__(self, name: str) -> T:
        carrier = self._all[name]
        if not carrier.configured:
            raise KeyError(name)
        return carrier

    def __iter__(self) -> Iterator[str]:
        return (name for name, carrier in self._all.items() if carrier.configured)

    def __len__(self) -> int:
        return sum(1 for _ in self)


_SANDBOX = SandboxCarrier()
_SELLERS: tuple[NumberCarrier, ...] = (TwilioCarrier(), TelnyxCarrier())
GIVERS: Mapping[str, NumberGiver] = Configured[NumberGiver](_SANDBOX)
"""Those that assign numbers for nothing."""
SELLERS: Mapping[str, NumberCarrier] = Configured[NumberCarrier](*_SELLERS, SandboxSeller())
"""Those whose numbers are ordered and paid for."""
CARRIERS: Mapping[str, Carrier] = Configured[Carrier](_SANDBOX, *_SELLERS)


def carrier(name: str) -> Carrier:
    """The carrier called `name`. KeyError when there is none, or it is not set up."""
    return CARRIERS[name]
