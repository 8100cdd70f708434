"""A tenant's own SIP trunk: where calls are sent, where they may come from, how many at once."""

from __future__ import annotations

import secrets
import string
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any

import pghistory
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.text import slugify

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
class Overlaps(models.Lookup):
    """``network__overlaps=network``: PostgreSQL's ``&&``, one holds the other."""

    lookup_name = "overlaps"

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        ours, our_params = self.process_lhs(compiler, connection)
        theirs, their_params = self.process_rhs(compiler, connection)
        return f"{ours} && {theirs}::cidr", (*our_params, *their_params)


class Direction(models.TextChoices):
    INBOUND = "inbound", "Inbound"
    OUTBOUND = "outbound", "Outbound"
    BOTH = "both", "Both"


class Auth(models.TextChoices):
    """How we authenticate towards the gateways and the registrar."""

    IP = "ip", "IP address"
    DIGEST = "digest", "User name and password"


class InboundAuth(models.TextChoices):
    """How an INVITE to us proves that it is the trunk's."""

    IP = "ip", "Source address"
    DIGEST = "digest", "User name and password"
    EITHER = "either", "Either"


class Registration(models.TextChoices):
    """Who registers: we at the carrier (outbound), or a phone or PBX at our edge (inbound)."""

    NONE = "none", "None"
    OUTBOUND = "outbound", "We register"
    INBOUND = "inbound", "They register"


class NumberFormat(models.TextChoices):
    """How a number is written in the Request-URI and From."""

    E164_PLUS = "e164_plus", "+12025550100"
    E164 = "e164", "12025550100"
    NATIONAL = "national", "As dialed in the trunk's country"


class CallerIdHeader(models.TextChoices):
    """The header that tells the caller's number beside From: RFC 3325, or the older draft."""

    NONE = "none", "None"
    P_ASSERTED_IDENTITY = "p_asserted_identity", "P-Asserted-Identity"
    REMOTE_PARTY_ID = "remote_party_id", "Remote-Party-ID"


class Srtp(models.TextChoices):
    """Encrypted audio, its keys in the SDP (SDES, RFC 4568)."""

    OFF = "off", "Off"
    OPTIONAL = "optional", "Optional"
    REQUIRED = "required", "Required"


class Dtmf(models.TextChoices):
    """How digits are sent; both ways are understood."""

    RFC4733 = "rfc4733", "RFC 4733"
    INFO = "info", "SIP INFO"


class EarlyMedia(models.TextChoices):
    """What becomes of audio that comes before the answer (183 with SDP)."""

    IGNORE = "ignore", "Ignored"
    LISTEN = "listen", "Heard"


class Transport(models.TextChoices):
    """How SIP messages travel."""

    UDP = "udp", "UDP"
    TCP = "tcp", "TCP"
    TLS = "tls", "TLS"


CODECS = ("pcmu", "pcma")


def all_codecs() -> list[str]:
    """The codecs of a new trunk, the preferred one first."""
    return list(CODECS)


def new_slug(name: str = "trunk") -> str:
    """A label of the trunk's domain: the beginning of `name` and six random letters, 40 at most."""
    random = "".join(secrets.choice(string.ascii_lowercase + string.digits) for _ in range(6))
    words = slugify(name)[:33].strip("-_").replace("_", "-") or "trunk"
    return f"{words}-{random}"


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(),
    pghistory.DeleteEvent(),
    exclude=["updated_at", "password", "inbound_password"],
)
class Trunk(TenantModel):
    """A SIP trunk. Its rules are in `values` and `rules`; docs/guides/trunks.md says what each does.

    As a client (`username`, `password`) we prove ourselves to gateways and registrar; as a server
    (`inbound_...`) we ask the same of whoever calls or registers. An archived trunk stays for its calls.
    """

    id_prefix = "trk_"

    name = models.CharField(max_length=200)
    slug = models.CharField(max_length=40, unique=True, default=new_slug, editable=False)
    direction = models.CharField(max_length=8, choices=Direction, default=Direction.BOTH)

    auth = models.CharField(max_length=6, choices=Auth, default=Auth.IP)
    username = models.CharField(max_length=200, blank=True)
    password = EncryptedText(blank=True, default="")
    inbound_auth = models.CharField(max_length=6, choices=InboundAuth, default=InboundAuth.IP)
    inbound_username = models.CharField(max_length=64, blank=True, default="")
    inbound_password = EncryptedText(blank=True, default="")
    registration = models.CharField(max_length=8, choices=Registration, default=Registration.NONE)
    registrar = models.JSONField(
        null=True, blank=True, help_text="{host, port (null: RFC 3263), transport}; null: the first gateway."
    )
    registration_expires_s = models.PositiveIntegerField(default=300)

    number_format = models.CharField(max_length=9, choices=NumberFormat, default=NumberFormat.E164_PLUS)
    country = models.CharField(max_length=2, blank=True, default="", help_text="ISO 3166-1 alpha-2.")
    tech_prefix = models.CharField(max_length=10, blank=True, default="")
    inbound_strip = models.PositiveSmallIntegerField(
        default=0, help_text="Characters cut from the front of a dialed number."
    )
    inbound_prefix = models.CharField(
        max_length=16, blank=True, default="", help_text="Put before a dialed number after that."
    )
    caller_id_header = models.CharField(
        max_length=20, choices=CallerIdHeader, default=CallerIdHeader.P_ASSERTED_IDENTITY
    )
    caller_id_private = models.BooleanField(default=False)
    headers_out = models.JSONField(default=dict, blank=True, help_text="Templates by header name.")
    headers_in = models.JSONField(default=dict, blank=True, help_text="Variable names by header name.")

    srtp = models.CharField(max_length=8, choices=Srtp, default=Srtp.OFF)
    codecs = ArrayField(models.CharField(max_length=8), default=all_codecs)
    dtmf = models.CharField(max_length=7, choices=Dtmf, default=Dtmf.RFC4733)
    early_media = models.CharField(max_length=6, choices=EarlyMedia, default=EarlyMedia.IGNORE)

    max_concurrent_calls = models.PositiveIntegerField(default=10)
    max_calls_per_second = models.PositiveIntegerField(default=5)
    inbound_reserved = models.PositiveIntegerField(default=0)
    invite_timeout_ms = models.PositiveIntegerField(default=6_000)
    backup_trunk = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, db_constraint=False, related_name="+"
    )
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["inbound_username"], name="trunks_inbound_username")]
        constraints = [
            models.UniqueConstraint(
                Lower("inbound_username"),
                condition=~Q(inbound_username="") & Q(archived_at=None),
                name="trunks_inbound_username_once",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def domain(self) -> str:
        """The trunk's own SIP domain: calls to ``sip:<number>@<domain>`` are its."""
        return f"{self.slug}.{settings.SIP_DOMAIN}"

    @property
    def allowed(self) -> list[TrunkAddress]:
        """The networks that the tenant named; of prefetched `addresses`."""
        return [address for address in self.addresses.all() if not address.learned]

    @property
    def takes_calls(self) -> bool:
        """Whether calls may come in through it."""
        return self.direction != Direction.OUTBOUND and self.archived_at is None

    @property
    def sends_calls(self) -> bool:
        """Whether calls may go out through it."""
        return self.direction != Direction.INBOUND and self.archived_at is None

    @property
    def matches_by_source(self) -> bool:
        """Whether a call is the trunk's because of the address it comes from."""
        return self.takes_calls and self.inbound_auth != InboundAuth.DIGEST


class GatewayState(models.TextChoices):
    """What is known of a gateway. `down`: no answer to OPTIONS; `resting`: a call failed there."""

    UNKNOWN = "unknown", "Unknown"
    UP = "up", "Up"
    DOWN = "down", "Down"
    RESTING = "resting", "Resting"


class TrunkGateway(TenantModel):
    """Where a trunk sends INVITEs: lower priority first, `weight` shares the load within one priority.

    Without a port the host is looked up by RFC 3263. `state` and what follows is moved by
    `telephony.trunks.health` alone; a gateway is passed over until `rests_until`.
    """

    trunk = models.ForeignKey(Trunk, on_delete=models.CASCADE, db_constraint=False, related_name="gateways")
    host = models.CharField(max_length=253)
    port = models.PositiveIntegerField(null=True, blank=True)
    transport = models.CharField(max_length=3, choices=Transport, default=Transport.UDP)
    priority = models.PositiveIntegerField(default=1)
    weight = models.PositiveIntegerField(default=1)
    enabled = models.BooleanField(default=True)

    state = models.CharField(max_length=7, choices=GatewayState, default=GatewayState.UNKNOWN)
    state_since = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveSmallIntegerField(default=0, help_text="In a row.")
    rests_until = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=300, blank=True, default="")
    rtt_ms = models.PositiveIntegerField(null=True, blank=True, help_text="Of the last answer to OPTIONS.")
    checked_at = models.DateTimeField(null=True, blank=True, help_text="When OPTIONS was last asked.")

    class Meta:
        ordering = ["priority", "id"]

    def __str__(self) -> str:
        return f"{self.host}{'' if self.port is None else f':{self.port}'}/{self.transport}"


class TrunkAddress(TenantModel):
    """A network whose INVITEs belong to the trunk. Tenants of one carrier may share its addresses.

    `learned`: not the tenant's word, but where our registration was taken; it goes with that.
    """

    trunk = models.ForeignKey(Trunk, on_delete=models.CASCADE, db_constraint=False, related_name="addresses")
    network = NetworkField()
    learned = models.BooleanField(default=False)

    class Meta:
        ordering = ["id"]
        # A source is looked up by equality with each network it may be in: that uses this index, where
        # row-level security keeps PostgreSQL from using one for containment.
        indexes = [models.Index(fields=["network"], name="trunks_address_network")]
        constraints = [
            models.UniqueConstraint(fields=["trunk", "network", "learned"], name="trunks_address_once")
        ]

    def __str__(self) -> str:
        return str(self.network)


class RegistrationState(models.TextChoices):
    """How our registration at a carrier stands; `none` before the first try."""

    NONE = "none", "None"
    REGISTERING = "registering", "Registering"
    REGISTERED = "registered", "Registered"
    FAILED = "failed", "Failed"
    BACKING_OFF = "backing_off", "Backing off"


class TrunkRegistration(TenantModel):
    """Our registration at a trunk's carrier, and the lease of the one node that holds it."""

    trunk = models.OneToOneField(
        Trunk, on_delete=models.CASCADE, db_constraint=False, related_name="registration_state"
    )
    state = models.CharField(max_length=11, choices=RegistrationState, default=RegistrationState.NONE)
    changed_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=300, blank=True, default="")
    failures = models.PositiveSmallIntegerField(default=0, help_text="In a row.")
    retry_at = models.DateTimeField(null=True, blank=True, help_text="Not to be tried before.")
    node = models.ForeignKey(
        "edge.MediaNode", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    lease_until = models.DateTimeField(null=True, blank=True, help_text="The node's, renewed by it.")

    def __str__(self) -> str:
        return f"{self.trunk_id}: {self.state}"
