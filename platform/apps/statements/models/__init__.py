"""Tables of usage, invoices and reconciliation."""

from __future__ import annotations

from apps.statements.models.invoices import Invoice, StatementSettings
from apps.statements.models.reconciling import Difference, DifferenceKind, Reconciliation, ReconciliationState
from apps.statements.models.usage import Fact, FactKind, UsageDay

__all__ = [
    "Difference",
    "DifferenceKind",
    "Fact",
    "FactKind",
    "Invoice",
    "Reconciliation",
    "ReconciliationState",
    "StatementSettings",
    "UsageDay",
]
