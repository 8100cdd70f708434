"""What other domains add to the beginning and the end of a tenant."""

from django.dispatch import Signal

tenant_made = Signal()
"""Sent with `tenant`, in the platform scope, in the transaction that makes it."""

seat_wanted = Signal()
"""Sent with `tenant`, in its scope, before somebody is invited or comes in by single sign-on; a receiver that
has no seat left raises `tenants.errors.Conflict`."""

tenant_leaving = Signal()
"""Sent with `tenant`, in its scope, before it is deleted; a receiver that is not ready raises
`tenants.errors.Conflict`. Sent again before the rows go."""

tenant_going = Signal()
"""Sent with `tenant`, outside any scope, before its files and rows go: receivers have others forget what they
were told of it. One that raises `tenants.errors.DomainError` is asked again with the next round; twice does
no harm."""

tenant_files = Signal()
"""Sent with `tenant`, outside any scope. A receiver answers an iterable of `StoredFile`: what the tenant
has outside the database."""
