"""What the platform asks of a carrier."""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol

from media_workers.contract.calls import Gateway


class CarrierRefused(Exception):
    """The carrier will not do it, however often it is asked; the text is for people."""


class CarrierDown(Exception):
    """The carrier cannot do it now."""


class Carrier(Protocol):
    """A company (or the sandbox) that has numbers and takes calls. No method touches the database."""

    name: str
    number_prefix: str
    """What all its numbers begin with; "" when it has numbers everywhere."""

    def gateways(self) -> list[Gateway]:
        """Where its calls are sent, in the order to try."""
        ...

    def owns(self, e164: str) -> bool:
        """Whether it can assign `e164`."""
        ...

    def free_number(self, taken: Collection[str]) -> str | None:
        """A number that is not among `taken`; None when all are."""
        ...

    def send_message(self, *, sender: str, to: str, text: str, key: str) -> str:
        """Sends `text` from one of its numbers and returns the carrier's id for it. Asking again with the
        same `key` sends nothing twice. Raises CarrierRefused and CarrierDown."""
        ...

    def sends_from(self, address: str, port: int) -> bool:
        """Whether an INVITE from `address`:`port` (as seen on the socket) is this carrier's."""
        ...
