"""Staff's page of carriers as they were found last."""

from __future__ import annotations

from typing import ClassVar

from django.contrib import admin

from telephony.carriers.models import CarrierWatch
from tenants.staff import ReadOnlyAdmin


@admin.register(CarrierWatch)
class CarrierWatchAdmin(ReadOnlyAdmin):
    list_display: ClassVar = [
        "carrier",
        "trunk_at",
        "trunk_problem",
        "trunk_problem_since",
        "compared_at",
        "unknown",
        "lost",
    ]
