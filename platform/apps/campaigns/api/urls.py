"""Addresses of the public API of campaigns, under /api/v1/."""

from __future__ import annotations

from rest_framework.routers import SimpleRouter

from apps.campaigns.api.campaigns import CampaignViewSet
from apps.campaigns.api.consents import ConsentViewSet
from apps.campaigns.api.contacts import ContactViewSet
from apps.campaigns.api.imports import ImportViewSet
from apps.campaigns.api.number_check import NumberCheckViewSet
from apps.campaigns.api.preflight import PreflightViewSet
from apps.campaigns.api.progress import CampaignProgressViewSet
from apps.campaigns.api.results import ResultsViewSet
from apps.campaigns.api.suppressions import SuppressionViewSet

router = SimpleRouter(trailing_slash=False)
# First, since "presets" has the form of an id.
router.register("campaigns", PreflightViewSet, basename="campaign-preflight")
router.register("campaigns", CampaignViewSet, basename="campaign")
router.register("campaigns", CampaignProgressViewSet, basename="campaign-progress")
router.register("campaigns", NumberCheckViewSet, basename="number-check")
router.register("campaigns", ContactViewSet, basename="contact")
router.register("campaigns", ResultsViewSet, basename="campaign-results")
router.register("consents", ConsentViewSet, basename="consent")
router.register("imports", ImportViewSet, basename="import")
router.register("do-not-call", SuppressionViewSet, basename="do-not-call")

urlpatterns = router.urls
