"""Stripe, asked through its own library. What comes back is told in values of ours (`facts`).

Nothing here touches the database: callers are outside any transaction. Every POST has an idempotency key
made of the id of the row that it is for, so that whoever asks again, after whatever crash, gets what was made
before.
"""
