"""Addresses of the public API of test suites, under /api/v1/."""

from __future__ import annotations

from rest_framework.routers import SimpleRouter

from apps.suites.api.views import AgentSuitesViewSet, PublicationViewSet, RunViewSet, SuiteViewSet

router = SimpleRouter(trailing_slash=False)
router.register("agents", AgentSuitesViewSet, basename="agent-suites")
router.register("suites", SuiteViewSet, basename="suite")
router.register("suite-runs", RunViewSet, basename="suite-run")
router.register("publications", PublicationViewSet, basename="publication")

urlpatterns = router.urls
