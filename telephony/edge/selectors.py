"""Reads of media nodes."""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone

from telephony.edge.models import LEASE, PROBE_GAP, ControlReach, EdgeDevice, MediaNode

KEPT_UNHEARD = timedelta(days=1)


def token_prefix(token: str) -> str:
    """The part of a node token that is stored in clear, to find the row by."""
    return token[:12]


def token_digest(token: str) -> str:
    """SHA-256 of a node token, hexadecimal. Tokens are long and random: no salt is needed."""
    return hashlib.sha256(token.encode()).hexdigest()


def node_by_token(token: str) -> MediaNode | None:
    """The node that owns `token`, or None."""
    digest = token_digest(token)
    rows = MediaNode.objects.filter(token_prefix=token_prefix(token))
    for node in rows.only("name", "token_prefix", "token_digest"):
        if hmac.compare_digest(node.token_digest, digest):
            return node
    return None


def live_nodes(*, now: datetime | None = None) -> QuerySet[MediaNode]:
    """Nodes whose lease runs."""
    return MediaNode.objects.filter(last_heartbeat_at__gte=(now or timezone.now()) - LEASE)


def sip_addresses(*, now: datetime | None = None) -> list[str]:
    """Where calls may be sent to, ``host:port``: the inbound lines of the live nodes that take new calls."""
    taking = live_nodes(now=now).filter(draining=False).exclude(sip_address="")
    return sorted(set(taking.values_list("sip_address", flat=True)))


def nodes_for_edge(*, now: datetime | None = None) -> QuerySet[MediaNode]:
    """Nodes that the edge counts on: those whose lease runs, and for a day those that are silent while
    nobody can hear them. When the control plane is away their calls go on, through the edge."""
    now = now or timezone.now()
    reach = ControlReach.objects.first()
    heard = (
        reach is not None
        and reach.reachable_since is not None
        and now - reach.checked_at <= PROBE_GAP
        and now - reach.reachable_since >= LEASE
    )
    return MediaNode.objects.filter(last_heartbeat_at__gte=now - (LEASE if heard else KEPT_UNHEARD))


def registered_devices(trunk_slug: str, *, now: datetime | None = None) -> QuerySet[EdgeDevice]:
    """Phones and PBXs that are registered to the trunk with this slug."""
    return EdgeDevice.objects.filter(trunk_slug=trunk_slug, expires_at__gt=now or timezone.now())


def browser_nodes(*, now: datetime | None = None) -> list[MediaNode]:
    """Live nodes that take browser calls, the one with the most room first; by their last heartbeat, so
    one without room may have some again."""
    taking = live_nodes(now=now).filter(draining=False, browser_capacity__gt=0).exclude(browser_url="")
    return sorted(taking, key=lambda node: node.browser_active - node.browser_capacity)


def dead_nodes(*, now: datetime | None = None) -> QuerySet[MediaNode]:
    """Nodes whose lease ran out while the internal API could be reached all along.

    Empty for one lease after the API was away: its nodes are talking to callers, not to us.
    """
    now = now or timezone.now()
    if reachable_for(now=now) < LEASE:
        return MediaNode.objects.none()
    silent = Q(last_heartbeat_at__lt=now - LEASE)
    return MediaNode.objects.filter(silent | Q(last_heartbeat_at=None, created_at__lt=now - LEASE))


def reachable_for(*, now: datetime) -> timedelta:
    """How long the internal API has been reachable without a break, as the reconciler saw it."""
    since = ControlReach.objects.values_list("reachable_since", flat=True).first()
    return now - since if since else timedelta(0)
