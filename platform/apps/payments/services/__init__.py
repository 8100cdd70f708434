"""Writes of payments.

What asks Stripe runs outside any transaction, between two: the first writes down what is about to be done,
the second what came of it. What came of it is always read from Stripe anew, by whoever has a reason to
(`refreshing`), and every movement of money is written once, by its name in the ledger.
"""
