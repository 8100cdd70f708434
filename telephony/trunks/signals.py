"""What other parts may object to."""

from django.dispatch import Signal

trunk_archiving = Signal()
"""Sent with `trunk` before it is archived; a receiver that needs it raises `tenants.errors.Conflict`."""
