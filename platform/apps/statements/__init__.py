"""What was used, in sums and invoices, and whether others counted the same."""
