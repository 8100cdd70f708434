"""Addresses of the internal API, under /internal/v1/."""

from __future__ import annotations

from django.urls import path

from apps.calls.api.internal import hand_over, knowledge, legs, views

urlpatterns = [
    path("ping", views.ping),
    path("calls/inbound", views.inbound),
    path("calls/<uuid:call_id>/claim", views.claim),
    path("calls/<uuid:call_id>/events", views.events),
    path("calls/<uuid:call_id>/recording", views.recording),
    path("calls/<uuid:call_id>/capture", views.capture),
    path("calls/<uuid:call_id>/legs", legs.legs),
    path("calls/<uuid:call_id>/legs/over", legs.legs_over),
    path("calls/<uuid:call_id>/agent", hand_over.agent),
    path("calls/<uuid:call_id>/knowledge", knowledge.knowledge),
    path("voices/claim", views.voices_claim),
    path("tools/claim", views.tools_claim),
    path("nodes/heartbeat", views.heartbeat),
    path("nodes/signalling", views.signalling),
]
