"""REST views of money."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.billing import selectors
from apps.billing.api.serializers import WalletSerializer
from apps.billing.models import Wallet
from tenants.rest import TenantViewSet


class WalletViewSet(TenantViewSet):
    """What the tenant has and what is held of it."""

    required_permissions: ClassVar = {"retrieve": "billing.read"}

    @extend_schema(
        tags=["billing"],
        summary="Get the balance",
        description="In millionths of the currency. Calls hold what they may cost at most until they end.",
        responses=WalletSerializer,
    )
    def retrieve(self, request: Request) -> Response:
        return Response(WalletSerializer(selectors.get_wallet()).data)

    def get_queryset(self) -> Any:  # for the OpenAPI document
        return Wallet.objects.none()
