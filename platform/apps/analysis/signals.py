"""What other domains may want to know."""

from django.dispatch import Signal

call_analyzed = Signal()
"""Sent with `call` and `analysis` in the transaction that stores the result; also of a rerun."""
