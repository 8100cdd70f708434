"""What other domains may want to know."""

from django.dispatch import Signal

call_finished = Signal()
"""Sent with `call` in the transaction that ends it, its row locked: receivers enqueue what they do."""

call_end_corrected = Signal()
"""Sent with `call` in the transaction in which a node that was taken for lost tells how it really ended, its
row locked; more of its turns may have come as well."""

call_redacted = Signal()
"""Sent with `call` and `mask` in the transaction that takes words out of an ended call, its row locked.
`mask` gives any JSON value back with what was taken out masked in every text of it: receivers do so with what
they keep of the call."""
