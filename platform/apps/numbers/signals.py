"""What other domains may object to."""

from django.dispatch import Signal

number_releasing = Signal()
"""Sent with `number` (its row locked) before it is given back; a receiver that needs it raises
`tenants.errors.Conflict`."""
