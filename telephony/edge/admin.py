from __future__ import annotations

from typing import ClassVar

from django.contrib import admin
from unfold.decorators import display

from telephony.edge.models import MediaNode
from telephony.edge.selectors import live_nodes
from tenants.staff import ReadOnlyAdmin


@admin.register(MediaNode)
class MediaNodeAdmin(ReadOnlyAdmin):
    """Nodes register with `manage.py ensure_node` and tell the rest of themselves."""

    list_display: ClassVar = [
        "name", "alive", "active", "capacity", "lines", "draining", "version", "last_heartbeat_at"
    ]  # fmt: skip
    search_fields: ClassVar = ["name", "sip_address"]
    exclude: ClassVar = ["token_prefix", "token_digest"]

    @display(description="Alive", boolean=True)  # type: ignore[untyped-decorator]
    def alive(self, node: MediaNode) -> bool:
        return live_nodes().filter(pk=node.pk).exists()
