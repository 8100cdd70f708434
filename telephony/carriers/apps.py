"""Django's registration of the carriers: they have a command and a task, no tables."""

from __future__ import annotations

from django.apps import AppConfig


class CarriersConfig(AppConfig):
    name = "telephony.carriers"
    label = "carriers"
    verbose_name = "Carriers"
