"""REST views of trunks."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from telephony.edge.selectors import sip_addresses
from telephony.trunks import selectors, services
from telephony.trunks.api.serializers import (
    ConnectionSerializer,
    TrunkChanges,
    TrunkInput,
    TrunkSerializer,
)
from telephony.trunks.models import Trunk
from tenants.rest import ETAG, IF_MATCH, TenantViewSet

_ID = OpenApiParameter("id", str, OpenApiParameter.PATH, description="trk_...")
_EXAMPLE = OpenApiExample(
    "A carrier with two gateways",
    request_only=True,
    value={
        "name": "Main carrier",
        "direction": "both",
        "auth": "digest",
        "username": "account-7",
        "password": "kept encrypted",
        "gateways": [
            {"host": "sip1.carrier.example", "transport": "tls", "port": 5061},
            {"host": "sip2.carrier.example", "transport": "tls", "port": 5061, "priority": 2},
        ],
        "allowed_addresses": ["203.0.113.0/28"],
        "max_concurrent_calls": 30,
        "max_calls_per_second": 5,
    },
)


@extend_schema(tags=["trunks"])
@extend_schema_view(
    list=extend_schema(summary="List trunks", responses=TrunkSerializer(many=True)),
    retrieve=extend_schema(summary="Get a trunk", parameters=[_ID, ETAG], responses=TrunkSerializer),
    create=extend_schema(
        summary="Create a trunk", request=TrunkInput, responses={201: TrunkSerializer}, examples=[_EXAMPLE]
    ),
    partial_update=extend_schema(
        summary="Change a trunk",
        description="`gateways` and `allowed_addresses` replace the old lists.",
        parameters=[_ID, IF_MATCH, ETAG],
        request=TrunkChanges,
        responses=TrunkSerializer,
        examples=[
            OpenApiExample("More calls at once", request_only=True, value={"max_concurrent_calls": 60})
        ],
    ),
    destroy=extend_schema(
        summary="Delete a trunk",
        description="Refused while a number uses it. Its calls stay.",
        parameters=[_ID],
        responses={204: None},
    ),
)
class TrunkViewSet(TenantViewSet):
    """SIP trunks of the tenant's own carriers."""

    id_prefix = Trunk.id_prefix
    required_permissions: ClassVar = {
        "list": "trunks.read",
        "retrieve": "trunks.read",
        "create": "trunks.write",
        "partial_update": "trunks.write",
        "destroy": "trunks.write",
        "connection": "trunks.read",
    }

    def list(self, request: Request) -> Response:
        return self.page(selectors.list_trunks(), TrunkSerializer)

    def retrieve(self, request: Request, id: str) -> Response:
        trunk = self._trunk()
        return self.tagged(trunk, TrunkSerializer(trunk).data)

    def create(self, request: Request) -> Response:
        trunk = services.create_trunk(**self.checked(TrunkInput))
        return self.tagged(trunk, TrunkSerializer(trunk).data, status=201)

    def partial_update(self, request: Request, id: str) -> Response:
        trunk = self._trunk(lock=True)
        self.check_unchanged(trunk)
        trunk = services.update_trunk(trunk=trunk, **self.checked(TrunkChanges))
        return self.tagged(trunk, TrunkSerializer(trunk).data)

    def destroy(self, request: Request, id: str) -> Response:
        services.archive_trunk(trunk=self._trunk())
        return Response(status=204)

    @extend_schema(summary="What to tell a carrier", responses={200: ConnectionSerializer}, filters=False)
    @action(detail=False, pagination_class=None)
    def connection(self, request: Request) -> Response:
        first, last = settings.RTP_PORTS
        told = {
            "addresses": sip_addresses(),
            "transports": ["udp", "tcp"],
            "codecs": ["PCMU", "PCMA"],
            "dtmf": "RFC 4733",
            "rtp_ports": {"first": first, "last": last},
        }
        return Response(ConnectionSerializer(told).data)

    def _trunk(self, *, lock: bool = False) -> Trunk:
        return selectors.get_trunk(self.row_id(), lock=lock)

    def get_queryset(self) -> Any:  # for the OpenAPI document
        return Trunk.objects.none()
