"""REST views of trunks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

from django.db import transaction
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    OpenApiResponse,
    extend_schema,
    extend_schema_view,
)
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from telephony.trunks import selectors, services
from telephony.trunks.api.inputs import TrunkChanges, TrunkInput
from telephony.trunks.api.serializers import (
    ConnectionSerializer,
    TrunkConnectionSerializer,
    TrunkSerializer,
)
from telephony.trunks.connection import connection, connection_of
from telephony.trunks.models import Trunk
from telephony.trunks.state import live_states
from tenants.errors import InvalidInput
from tenants.rest import ETAG, IF_MATCH, TenantViewSet

_ID = OpenApiParameter("id", str, OpenApiParameter.PATH, description="trk_...")
_DRY_RUN = OpenApiParameter(
    "dry_run",
    bool,
    OpenApiParameter.QUERY,
    description="Check everything and answer 200 with what would be saved; write nothing.",
)
_EXAMPLES = [
    OpenApiExample(
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
            "srtp": "optional",
            "max_concurrent_calls": 30,
            "max_calls_per_second": 5,
            "inbound_reserved": 10,
        },
    ),
    OpenApiExample(
        "A carrier where we register, numbers as in its country",
        request_only=True,
        value={
            "name": "Local carrier",
            "registration": "outbound",
            "registrar": {"host": "registrar.carrier.example", "transport": "tcp"},
            "username": "49301234567",
            "password": "kept encrypted",
            "gateways": [{"host": "registrar.carrier.example", "transport": "tcp"}],
            "allowed_addresses": ["198.51.100.0/24"],
            "number_format": "national",
            "country": "DE",
        },
    ),
    OpenApiExample(
        "A PBX that registers here",
        request_only=True,
        value={
            "name": "Office PBX",
            "direction": "inbound",
            "registration": "inbound",
            "inbound_auth": "digest",
            "inbound_username": "office-pbx-example",
            "inbound_password": "kept encrypted",
            "headers_in": {"X-Department": "department"},
        },
    ),
]


@extend_schema(tags=["trunks"])
@extend_schema_view(
    list=extend_schema(summary="List trunks", responses=TrunkSerializer(many=True)),
    retrieve=extend_schema(summary="Get a trunk", parameters=[_ID, ETAG], responses=TrunkSerializer),
    create=extend_schema(
        summary="Create a trunk",
        description="One that could not work is refused, with the field and the reason.",
        parameters=[_DRY_RUN],
        request=TrunkInput,
        responses={
            201: TrunkSerializer,
            200: OpenApiResponse(TrunkSerializer, description="What a dry run would have saved."),
        },
        examples=_EXAMPLES,
    ),
    partial_update=extend_schema(
        summary="Change a trunk",
        description=(
            "`gateways` and `allowed_addresses` replace the old lists; a gateway whose host, port and "
            "transport stay keeps its id and what is known of its health."
        ),
        parameters=[_ID, _DRY_RUN, IF_MATCH, ETAG],
        request=TrunkChanges,
        responses=TrunkSerializer,
        examples=[
            OpenApiExample("More calls at once", request_only=True, value={"max_concurrent_calls": 60})
        ],
    ),
    destroy=extend_schema(
        summary="Delete a trunk",
        description="Refused while a number or another trunk uses it. Its calls stay.",
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
        "trunk_connection": "trunks.read",
    }

    def list(self, request: Request) -> Response:
        found = self.paginate_queryset(selectors.list_trunks()) or []
        shown = TrunkSerializer(found, many=True, context={"states": live_states(found)})
        return self.get_paginated_response(shown.data)

    def retrieve(self, request: Request, id: str) -> Response:
        trunk = self._trunk()
        return self.tagged(trunk, TrunkSerializer(trunk).data)

    def create(self, request: Request) -> Response:
        values = self.checked(TrunkInput)
        with self._maybe_dry() as dry:
            trunk = services.create_trunk(**values)
            shown = TrunkSerializer(trunk).data
        return Response(shown) if dry else self.tagged(trunk, shown, status=201)

    def partial_update(self, request: Request, id: str) -> Response:
        trunk = self._trunk(lock=True)
        self.check_unchanged(trunk)
        values = self.checked(TrunkChanges)
        with self._maybe_dry() as dry:
            trunk = services.update_trunk(trunk=trunk, **values)
            shown = TrunkSerializer(trunk).data
        return Response(shown) if dry else self.tagged(trunk, shown)

    @contextmanager
    def _maybe_dry(self) -> Iterator[bool]:
        """Everything is written in the block, and taken back after it in a dry run."""
        dry = self._asked_dry()
        with transaction.atomic():
            yield dry
            if dry:
                transaction.set_rollback(True)

    def _asked_dry(self) -> bool:
        text = self.request.query_params.get("dry_run", "false").lower()
        if text not in ("true", "false"):
            raise InvalidInput("Say true or false.", field="dry_run")
        return text == "true"

    def destroy(self, request: Request, id: str) -> Response:
        services.archive_trunk(trunk=self._trunk())
        return Response(status=204)

    @extend_schema(summary="What to tell a carrier", responses={200: ConnectionSerializer}, filters=False)
    @action(detail=False, pagination_class=None)
    def connection(self, request: Request) -> Response:
        return Response(ConnectionSerializer(connection()).data)

    @extend_schema(
        summary="What to tell the carrier, PBX or phone of a trunk",
        operation_id="trunk_connection_retrieve",
        parameters=[_ID],
        responses={200: TrunkConnectionSerializer},
        filters=False,
    )
    @action(detail=True, url_path="connection", pagination_class=None)
    def trunk_connection(self, request: Request, id: str) -> Response:
        return Response(TrunkConnectionSerializer(connection_of(self._trunk())).data)

    def _trunk(self, *, lock: bool = False) -> Trunk:
        return selectors.get_trunk(self.row_id(), lock=lock)

    def get_queryset(self) -> Any:  # for the OpenAPI document
        return Trunk.objects.none()
