"""What other domains may object to."""

from django.dispatch import Signal

number_releasing = Signal()
"""Sent with `number` (its row locked) before it is given back; a receiver that needs it raises
`tenants.errors.Conflict`."""

message_told = Signal()
"""Sent with `key`, `problem` and `billed`, in no tenant's scope: a carrier tells what became of the message
that was sent with that key. `problem`: why it did not arrive, in words; "" when it did. `billed`: whether the
carrier takes money for it."""
