"""Addresses of the public API of calls, under /api/v1/."""

from __future__ import annotations

from django.urls import path
from rest_framework.routers import SimpleRouter

from apps.calls.api.annotations import AnnotationViewSet
from apps.calls.api.browser_calls import BrowserCallViewSet
from apps.calls.api.call_hooks import CallHookViewSet
from apps.calls.api.costs import CallEstimateViewSet
from apps.calls.api.overview import AttentionViewSet, StatsViewSet
from apps.calls.api.redactions import RedactionViewSet
from apps.calls.api.saved_views import SavedViewViewSet
from apps.calls.api.sharing import SharedCallViewSet, SharingViewSet, SignedRecordingViewSet
from apps.calls.api.transcript_search import TranscriptSearchViewSet
from apps.calls.api.trunk_stats import TrunkStatsViewSet
from apps.calls.api.version_stats import VersionStatsViewSet
from apps.calls.api.views import CallViewSet

router = SimpleRouter(trailing_slash=False)
# Before the calls themselves: `search` and `tags` are no ids.
router.register("calls", TranscriptSearchViewSet, basename="transcript")
router.register("calls", AnnotationViewSet, basename="call-annotation")
router.register("calls", RedactionViewSet, basename="call-redaction")
router.register("calls", SharingViewSet, basename="call-sharing")
router.register("calls", CallViewSet, basename="call")
router.register("share", SharedCallViewSet, basename="shared-call")
router.register("recordings", SignedRecordingViewSet, basename="signed-recording")
router.register("browser-calls", BrowserCallViewSet, basename="browser-call")
router.register("call-hooks", CallHookViewSet, basename="call-hook")
router.register("saved-views", SavedViewViewSet, basename="saved-view")
router.register("stats", StatsViewSet, basename="stats")
router.register("agents", VersionStatsViewSet, basename="version-stats")
router.register("trunks", TrunkStatsViewSet, basename="trunk-stats")
router.register("attention", AttentionViewSet, basename="attention")

urlpatterns = [
    path(
        "billing/estimate",
        CallEstimateViewSet.as_view({"post": "create"}, basename="call-estimate"),
        name="billing-estimate",
    ),
    *router.urls,
]
