"""Numbers that tenants have, what they cost, and how they come: ordered or brought from elsewhere."""

from __future__ import annotations

from apps.numbers.models.numbers import BYOC, CallerNameState, NumberType, PhoneNumber, Purpose
from apps.numbers.models.orders import (
    ENDED,
    OPEN,
    NumberOrder,
    OrderState,
    Rental,
)
from apps.numbers.models.ports import PORT_ENDED, PortRequest, PortState
from apps.numbers.models.regulation import BUNDLE_WAITS, BundleState, NumberAddress, NumberBundle

__all__ = [
    "BUNDLE_WAITS",
    "BYOC",
    "ENDED",
    "OPEN",
    "PORT_ENDED",
    "BundleState",
    "CallerNameState",
    "NumberAddress",
    "NumberBundle",
    "NumberOrder",
    "NumberType",
    "OrderState",
    "PhoneNumber",
    "PortRequest",
    "PortState",
    "Purpose",
    "Rental",
]
