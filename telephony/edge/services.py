"""Writes of media nodes: registration, heartbeats, and whether the internal API can be reached."""

from __future__ import annotations

import re
import secrets
from datetime import datetime

import httpx
import structlog
from django.db import transaction
from django.utils import timezone

from media_workers.contract.calls import Heartbeat
from telephony.edge.models import PROBE_GAP, ControlReach, MediaNode
from telephony.edge.selectors import token_digest, token_prefix

log = structlog.get_logger(__name__)

NODE_NAME = re.compile(r"[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?")
TOKEN_MIN_CHARS = 32
PROBE_TIMEOUT_S = 2.0


class InvalidNode(ValueError):
    """A node's name or token cannot be used; the message names the field and the remedy."""


def new_token() -> str:
    """A fresh node token, 256 random bits."""
    return "node_" + secrets.token_hex(32)


def ensure_node(name: str, token: str) -> MediaNode:
    """Registers the node `name`, or gives an existing one this token. Raises InvalidNode."""
    if not NODE_NAME.fullmatch(name):
        raise InvalidNode(
            f"name: {name!r} is not a node name; use up to 63 lower-case letters, digits, dots and dashes"
        )
    if len(token) < TOKEN_MIN_CHARS or not token.isascii() or not token.isprintable():
        raise InvalidNode(f"token: use at least {TOKEN_MIN_CHARS} random printable ASCII characters")
    node, _ = MediaNode.objects.update_or_create(
        name=name, defaults={"token_prefix": token_prefix(token), "token_digest": token_digest(token)}
    )
    return node


def record_heartbeat(node: MediaNode, heartbeat: Heartbeat, *, now: datetime | None = None) -> bool:
    """Renews the lease and stores what the node says of itself. True: the node has started anew.

    A first start counts as one, so that calls of an earlier life are never taken for running.
    """
    rebooted = False
    with transaction.atomic():
        row = MediaNode.objects.select_for_update(no_key=True).get(pk=node.pk)
        if row.boot_id != heartbeat.boot_id:
            rebooted = True
            log.info("node_started", node=row.name, version=heartbeat.version)
        row.boot_id = heartbeat.boot_id
        row.sip_address = heartbeat.sip_address[:255]
        row.sip_lines = [line.model_dump() for line in heartbeat.sip_lines]
        row.lines = heartbeat.lines
        row.capacity = heartbeat.capacity
        row.active = heartbeat.active
        row.draining = heartbeat.draining
        row.version = heartbeat.version[:64]
        row.calls = heartbeat.calls
        row.browser_url = heartbeat.browser_url[:255]
        row.browser_capacity = heartbeat.browser_capacity
        row.browser_active = heartbeat.browser_active
        row.last_heartbeat_at = now or timezone.now()
        row.save()
    return rebooted


def probe_control_api(base_url: str) -> bool:
    """Whether the internal API answers at `base_url`, the address that the nodes use."""
    try:
        response = httpx.get(
            f"{base_url.rstrip('/')}/internal/v1/ping", timeout=PROBE_TIMEOUT_S, trust_env=False
        )
    except httpx.HTTPError as error:
        log.warning("control_api_unreachable", error=type(error).__name__)
        return False
    return response.status_code == httpx.codes.NO_CONTENT


def record_reach(*, reachable: bool, now: datetime | None = None) -> None:
    """Remembers a probe's result. A gap between probes breaks the time of reachability as a failure does."""
    now = now or timezone.now()
    with transaction.atomic():
        row, created = ControlReach.objects.select_for_update().get_or_create(
            pk=1, defaults={"checked_at": now, "reachable_since": now if reachable else None}
        )
        if created:
            return
        unbroken = row.reachable_since is not None and now - row.checked_at <= PROBE_GAP
        if not reachable:
            row.reachable_since = None
        elif not unbroken:
            row.reachable_since = now
        row.checked_at = max(now, row.checked_at)
        row.save()
