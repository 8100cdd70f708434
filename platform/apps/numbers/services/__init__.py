"""Writes of numbers, in the tenant's scope, but for those that a carrier is asked in: these run outside."""

from __future__ import annotations

from apps.numbers.services.assigning import assign_number, update_number
from apps.numbers.services.ordering import cancel_order, order_number
from apps.numbers.services.releasing import release_number

__all__ = ["assign_number", "cancel_order", "order_number", "release_number", "update_number"]
