"""Media nodes and the control plane's own reachability. Platform tables: no tenant, no row security."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.postgres.fields import ArrayField
from django.db import models

from tenants.models import Timed

LEASE = timedelta(seconds=15)
"""A node lives this long after its last heartbeat (nodes send one every 5 s)."""


PROBE_GAP = timedelta(seconds=20)
"""The control API is probed every 5 s; a longer gap means that nobody looked, so nothing is known of it."""


class MediaNode(Timed):
    """One media node: a supervisor with `lines` line processes that carry `capacity` calls at once, and
    a process that carries `browser_capacity` browser calls.

    Everything below `token_digest` is what the node last said of itself; `calls` are the ids of the
    calls it carries, or carried and has not finished reporting.
    """

    name = models.CharField(max_length=63, unique=True)
    token_prefix = models.CharField(max_length=12, db_index=True)
    token_digest = models.CharField(max_length=64, help_text="SHA-256 of the token, hexadecimal.")
    boot_id = models.UUIDField(null=True, blank=True)
    sip_address = models.CharField(max_length=255, blank=True, help_text="host:port of its inbound line.")
    sip_lines = models.JSONField(
        default=list, blank=True, help_text="Lines that can be called: address, capacity, active."
    )
    lines = models.PositiveIntegerField(default=0)
    capacity = models.PositiveIntegerField(default=0)
    active = models.PositiveIntegerField(default=0)
    draining = models.BooleanField(default=False)
    version = models.CharField(max_length=64, blank=True)
    calls = ArrayField(models.UUIDField(), default=list, blank=True)
    browser_url = models.CharField(
        max_length=255, blank=True, help_text="ws://host:port of its process for browser calls."
    )
    browser_capacity = models.PositiveIntegerField(default=0)
    browser_active = models.PositiveIntegerField(default=0)
    last_heartbeat_at = models.DateTimeField(null=True, blank=True, db_index=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class EdgeDevice(models.Model):
    """A phone or PBX that is registered at an edge, as that edge last said. Gone with its expiry.

    `trunk_slug` is whose user name it registered with; `contact` where it is reached.
    """

    edge = models.CharField(max_length=63)
    trunk_slug = models.CharField(max_length=40, db_index=True)
    contact = models.CharField(max_length=512)
    received = models.CharField(max_length=255, blank=True, help_text="Where it is really seen (NAT).")
    user_agent = models.CharField(max_length=255, blank=True)
    expires_at = models.DateTimeField()

    class Meta:
        ordering = ["trunk_slug", "contact"]
        constraints = [
            models.UniqueConstraint(fields=["edge", "trunk_slug", "contact"], name="edge_device_once")
        ]

    def __str__(self) -> str:
        return f"{self.trunk_slug}: {self.contact}"


class ControlReach(models.Model):
    """Since when the internal API has been reachable without a break; one row.

    A heartbeat that could not be delivered says nothing about the node: when the API itself was
    away, every node is silent. Leases therefore count only while the API was there.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    reachable_since = models.DateTimeField(null=True, blank=True)
    checked_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="edge_controlreach_one_row")]

    def __str__(self) -> str:
        return f"reachable since {self.reachable_since}" if self.reachable_since else "not reachable"
