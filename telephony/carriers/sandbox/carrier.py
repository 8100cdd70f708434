"""The sandbox as a carrier: numbers for nothing, calls that never leave the machine.

It assigns numbers of +1 202 555 xxxx (no real phone has one): on request any of them, by itself from
+1 202 555 1000 on, which keeps clear of the magic numbers (+1 202 555 0100 to 0199) that answer as
phones when they are called; docs/guides/sandbox.md lists those.
"""

from __future__ import annotations

import random
from collections.abc import Collection
from datetime import datetime
from ipaddress import ip_address

from django.conf import settings

from media_workers.contract.calls import Gateway
from media_workers.contract.sandbox import sandbox_ports
from telephony.carriers.base import CarrierRefused
from telephony.carriers.values import Dialing, Network

_ASSIGNED = range(12025551000, 12025560000)


class SandboxCarrier:
    """Reads SANDBOX_HOST, SANDBOX_PORT and DEMO_MODE from the settings."""

    name = "sandbox"
    number_prefix = "+1202555"
    configured = True

    def dialing(self) -> Dialing:
        return Dialing(self.gateways())

    def networks(self) -> Collection[Network]:
        """None: the edge knows the sandbox by its sockets."""
        return ()

    def gateways(self) -> list[Gateway]:
        """All its endpoints, from one by chance on: calls spread over them, and one that finds no room there
        goes to the next."""
        ports = list(sandbox_ports(settings.SANDBOX_PORT))
        first = random.randrange(len(ports))
        return [
            Gateway(host=settings.SANDBOX_HOST, port=port, transport="udp")
            for port in ports[first:] + ports[:first]
        ]

    def owns(self, e164: str) -> bool:
        return e164.startswith(self.number_prefix) and len(e164) == len("+12025550100")

    def free_number(self, taken: Collection[str]) -> str | None:
        free = [n for n in _ASSIGNED if f"+{n}" not in taken]
        # At random, so that two tenants who ask at once seldom draw the same.
        return f"+{random.choice(free)}" if free else None

    def send_message(
        self, *, sender: str, to: str, text: str, key: str, since: datetime | None = None
    ) -> str:
        """Reaches the sandbox's own numbers, none of which shows it to anybody."""
        if not self.owns(to):
            raise CarrierRefused(
                f"The sandbox reaches its own numbers only, which begin with {self.number_prefix}."
            )
        return f"sandbox-{key}"

    def sends_from(self, address: str, port: int) -> bool:
        """The sandbox's own sockets; in demo mode any phone on this machine."""
        if address == settings.SANDBOX_HOST and port in sandbox_ports(settings.SANDBOX_PORT):
            return True
        return bool(settings.DEMO_MODE) and ip_address(address).is_loopback
