"""Names of this domain's jobs."""

COUNT = "statements.count"
RECOUNT = "statements.recount"
INVOICES = "statements.invoices"
RECONCILE = "statements.reconcile"
