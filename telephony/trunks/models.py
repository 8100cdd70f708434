"""A tenant's own SIP trunk: where calls are sent, where they may come from, how many at once."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any

import pghistory
from django.db import models

from tenants.models import TenantModel
from tenants.secrets import EncryptedText


class NetworkField(models.Field):  # type: ignore[type-arg]
    """PostgreSQL's `cidr`; in Python an `ip_network`."""

    description = "IP network"

    def db_type(self, connection: Any) -> str:
        return "cidr"

    def from_db_value(self, value: Any, *_: object) -> IPv4Network | IPv6Network | None:
        return None if value is None else ip_network(str(value))

    def to_python(self, value: Any) -> Any:
        return ip_network(value) if isinstance(value, str) else value

    def get_prep_value(self, value: Any) -> Any:
        return None if value is None else str(value)


@NetworkField.register_lookup
class Holds(models.Lookup):
    """``network__holds=address``: PostgreSQL's ``>>=``."""

    lookup_name = "holds"
    prepare_rhs = False

    def get_db_prep_lookup(self, value: Any, connection: Any) -> tuple[str, tuple[str, ...]]:
        return ("%s", (str(value),))

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        network, network_params = self.process_lhs(compiler, connection)
        address, address_params = self.process_rhs(compiler, connection)
        return f"{network} >>= {address}::inet", (*network_params, *address_params)


class Direction(models.TextChoices):
    INBOUND = "inbound", "Inbound"
    OUTBOUND = "outbound", "Outbound"
    BOTH = "both", "Both"


class Auth(models.TextChoices):
    """How we authenticate towards the gateways. Inbound calls are known by their source address."""

    IP = "ip", "IP address"
    DIGEST = "digest", "User name and password"


class NumberFormat(models.TextChoices):
    """How a number is written in the Request-URI and From."""

    E164_PLUS = "e164_plus", "+12025550100"
    E164 = "e164", "12025550100"


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(),
    pghistory.DeleteEvent(),
    exclude=["updated_at", "password"],
)
class Trunk(TenantModel):
    """A SIP trunk. The limits are enforced before dialing. An archived trunk stays for its calls."""

    id_prefix = "trk_"

    name = models.CharField(max_length=200)
    direction = models.CharField(max_length=8, choices=Direction, default=Direction.BOTH)
    auth = models.CharField(max_length=6, choices=Auth, default=Auth.IP)
    username = models.CharField(max_length=200, blank=True)
    password = EncryptedText(blank=True, default="")
    number_format = models.CharField(max_length=9, choices=NumberFormat, default=NumberFormat.E164_PLUS)
    max_concurrent_calls = models.PositiveIntegerField(default=10)
    max_calls_per_second = models.PositiveIntegerField(default=1)
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.name


class TrunkGateway(TenantModel):
    """Where a trunk sends INVITEs: lower priority first, `weight` shares the load within one priority."""

    trunk = models.ForeignKey(Trunk, on_delete=models.CASCADE, db_constraint=False, related_name="gateways")
    host = models.CharField(max_length=253)
    port = models.PositiveIntegerField(default=5060)
    transport = models.CharField(
        max_length=3, choices=[(t, t.upper()) for t in ("udp", "tcp", "tls")], default="udp"
    )
    priority = models.PositiveIntegerField(default=1)
    weight = models.PositiveIntegerField(default=1)
    enabled = models.BooleanField(default=True)

    class Meta:
        ordering = ["priority", "id"]

    def __str__(self) -> str:
        return f"{self.host}:{self.port}/{self.transport}"


class TrunkAddress(TenantModel):
    """A network whose INVITEs belong to the trunk. Tenants of one carrier may share its addresses."""

    trunk = models.ForeignKey(Trunk, on_delete=models.CASCADE, db_constraint=False, related_name="addresses")
    network = NetworkField()

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["trunk", "network"], name="trunks_address_once")]

    def __str__(self) -> str:
        return str(self.network)
