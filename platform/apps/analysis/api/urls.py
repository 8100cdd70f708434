"""Addresses of the public API of analyses, under /api/v1/."""

from __future__ import annotations

from rest_framework.routers import SimpleRouter

from apps.analysis.api.views import AgentAnalysisViewSet, CallAnalysisViewSet, RerunViewSet

router = SimpleRouter(trailing_slash=False)
router.register("calls", CallAnalysisViewSet, basename="call-analysis")
router.register("agents", AgentAnalysisViewSet, basename="agent-analysis")
router.register("analysis/reruns", RerunViewSet, basename="rerun")

urlpatterns = router.urls
