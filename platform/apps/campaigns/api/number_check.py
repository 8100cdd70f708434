"""REST views of a campaign's number check."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.campaigns import selectors
from apps.campaigns.models import Campaign, NumberHook, Progress
from apps.campaigns.selectors import config_of
from apps.campaigns.services.number_checks import roll_secret
from tenants.rest import TenantViewSet

_ID = OpenApiParameter("id", str, OpenApiParameter.PATH, description="cmp_...")


class NumberCheckSerializer(serializers.Serializer[Any]):
    url = serializers.CharField(allow_null=True, help_text="Null: numbers are not looked up.")
    checking = serializers.IntegerField(help_text="Contacts that wait for the look-up.")
    trouble = serializers.CharField(help_text="Why they wait on, in words; empty: it answers.")
    asks_again_at = serializers.DateTimeField(allow_null=True, help_text="After a trouble.")


class NumberCheckSecretSerializer(serializers.Serializer[Any]):
    secret = serializers.CharField(help_text="whsec_...; it is shown this once.")


@extend_schema(tags=["campaigns"])
class NumberCheckViewSet(TenantViewSet):
    """The look-up of numbers before they are dialed."""

    id_prefix = Campaign.id_prefix
    required_permissions: ClassVar = {
        "number_check": "campaigns.read",
        "number_check_secret": "campaigns.write",
    }

    @extend_schema(
        summary="How a campaign's number check does", parameters=[_ID], responses=NumberCheckSerializer
    )
    @action(detail=True, methods=["get"], url_path="number-check")
    def number_check(self, request: Request, id: str) -> Response:
        campaign = selectors.get_campaign(self.row_id())
        check, hook = config_of(campaign).number_check, NumberHook.objects.filter(campaign=campaign).first()
        told = {
            "url": check.url if check else None,
            "checking": Progress.objects.get(campaign=campaign).checking,
            "trouble": hook.trouble if hook else "",
            "asks_again_at": hook.next_at if hook else None,
        }
        return Response(NumberCheckSerializer(told).data)

    @extend_schema(
        summary="Make a new secret of a campaign's number check",
        description="Requests to the number check are signed with it, as Standard Webhooks has it, from now "
        "on. The answer is the only one that shows it; the one before is forgotten.",
        parameters=[_ID],
        request=None,
        responses={201: NumberCheckSecretSerializer},
    )
    @action(detail=True, methods=["post"], url_path="number-check/secret")
    def number_check_secret(self, request: Request, id: str) -> Response:
        secret = roll_secret(selectors.get_campaign(self.row_id()))
        return Response(NumberCheckSecretSerializer({"secret": secret}).data, status=201)
