"""Django's registration of the carriers."""

from __future__ import annotations

from django.apps import AppConfig


class CarriersConfig(AppConfig):
    name = "telephony.carriers"
    label = "carriers"
    verbose_name = "Carriers"
