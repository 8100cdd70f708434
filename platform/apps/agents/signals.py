"""What other domains may object to."""

from django.dispatch import Signal

agent_archiving = Signal()
"""Sent with `agent` before it is archived; a receiver that needs it raises `tenants.errors.Conflict`."""
