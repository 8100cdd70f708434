"""What other domains may object to."""

from django.dispatch import Signal

agent_archiving = Signal()
"""Sent with `agent` before it is archived; a receiver that needs it raises `tenants.errors.Conflict`."""

publication_asked = Signal()
"""Sent with `agent` (its row locked), `note`, `by` (a person or None) and `skip` before a draft is published.
A receiver that has to look at the draft first, which takes time, gives what the API is to show of that
instead of None, and publishes later itself. `skip`: it is not to. May raise what publishing raises."""
