"""Who changed what: one list for each tenant, written by triggers in the transaction of the change."""
