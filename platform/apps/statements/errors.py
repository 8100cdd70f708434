"""Failures of statements."""

from __future__ import annotations


class DoesNotAddUp(RuntimeError):
    """The ledger's sums contradict each other: no invoice is made of them. A fault of ours, for staff."""
