"""Django's registration of the edge."""

from __future__ import annotations

from django.apps import AppConfig


class EdgeConfig(AppConfig):
    name = "telephony.edge"
    label = "edge"
    verbose_name = "Media nodes"
