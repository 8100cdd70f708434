"""A media node's report of what it does for trunks between calls, and what it is to do next."""

from __future__ import annotations

from django.conf import settings

from media_workers.contract.signalling import SignallingReport, SignallingWork
from telephony.edge.models import MediaNode
from telephony.trunks.health import note_gateway_failed, note_gateway_up
from telephony.trunks.news import told_at_the_end
from telephony.trunks.registrations import gateways_to_ask, record_registrations, take_registrations
from tenants.scope import platform_scope


def exchange(node: MediaNode, report: SignallingReport) -> SignallingWork:
    """Stores the report, renews the node's leases and tells all that is its."""
    with platform_scope(), told_at_the_end():
        record_registrations(node, report.registrations)
        # In one order for all nodes: their locks must not wait for each other.
        for seen in sorted(report.gateways, key=lambda status: status.gateway_id):
            if seen.up:
                note_gateway_up(seen.gateway_id, rtt_ms=seen.rtt_ms, probe=True)
            else:
                note_gateway_failed(seen.gateway_id, error=seen.error, probe=True)
        return SignallingWork(
            registrations=take_registrations(node),
            gateways=gateways_to_ask(node),
            allow_private=settings.TRUNKS_ALLOW_PRIVATE_ADDRESSES,
        )
