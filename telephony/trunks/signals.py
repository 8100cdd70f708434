"""What other parts may object to."""

from django.dispatch import Signal

trunk_archiving = Signal()
"""Sent with `trunk` before it is archived; a receiver that needs it raises `tenants.errors.Conflict`."""

state_changed = Signal()
"""Sent in the transaction in which a gateway (`gateway`: host:port/transport) or the registration (None) of a
trunk has come to work, or to fail: `trunk_id`, `tenant_id`, `state`, `before`, `error` (in words), `at`."""
