"""What other domains may want to know."""

from django.dispatch import Signal

call_finished = Signal()
"""Sent with `call` in the transaction that ends it, its row locked: receivers enqueue what they do."""
