"""Writes: sums of usage, invoices, and the comparison with carriers' records."""
