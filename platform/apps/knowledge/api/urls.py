"""Addresses of the public API of knowledge bases, under /api/v1/."""

from __future__ import annotations

from rest_framework.routers import SimpleRouter

from apps.knowledge.api.views import KnowledgeBaseViewSet

router = SimpleRouter(trailing_slash=False)
router.register("knowledge-bases", KnowledgeBaseViewSet, basename="knowledge-base")

urlpatterns = router.urls
