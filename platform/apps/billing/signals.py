"""What other domains hear of money, in the transaction that moves it."""

from django.dispatch import Signal

entry_posted = Signal()
"""Sent by `Entry` with `entry` and `postings`, once for each entry; the wallet's row is locked."""

call_charged = Signal()
"""Sent by `CallCharge` with `charge` and `lines` (of `apps.billing.values.Line`), once for each call that had
anything to charge; the wallet's row is locked."""
