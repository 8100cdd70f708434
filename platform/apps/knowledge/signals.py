"""What other domains may object to."""

from django.dispatch import Signal

base_deleting = Signal()
"""Sent with `base` before it is deleted; a receiver that needs it raises `tenants.errors.Conflict`."""
