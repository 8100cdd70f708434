"""REST: numbers that are brought here from other carriers."""

from __future__ import annotations

import base64
import binascii
from typing import Any, ClassVar

import django_filters
from django.http import HttpResponse
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.agents.models import Agent
from apps.numbers import selectors
from apps.numbers.api.answers import afterwards
from apps.numbers.api.orders import StepSerializer
from apps.numbers.models import NumberAddress, NumberOrder, NumberType, PhoneNumber, PortRequest, PortState
from apps.numbers.services.porting import ask_for_port, can_cancel, cancel_port
from tenants.audit.context import acting_for
from tenants.rest import PrefixedIdField, Reference, StrictSerializer, TenantViewSet

_ID = OpenApiParameter("id", str, OpenApiParameter.PATH, description="port_...")
MOST_BILL_BYTES = 1_400_000
"""So that the whole body fits into 2 MB."""


class PortSerializer(serializers.ModelSerializer[PortRequest]):
    id = PrefixedIdField(PortRequest.id_prefix, read_only=True)
    agent = PrefixedIdField(Agent.id_prefix, source="agent_id", read_only=True, allow_null=True)
    address = PrefixedIdField(NumberAddress.id_prefix, source="address_id", read_only=True)
    order = PrefixedIdField(
        NumberOrder.id_prefix,
        source="order_id",
        read_only=True,
        allow_null=True,
        help_text="Which connects it, once it is here.",
    )
    number = PrefixedIdField(
        PhoneNumber.id_prefix, source="order.number_id", read_only=True, allow_null=True, default=None
    )
    steps = StepSerializer(many=True, read_only=True)
    can_cancel = serializers.SerializerMethodField()

    class Meta:
        model = PortRequest
        fields = [
            "id",
            "e164",
            "carrier",
            "country",
            "type",
            "state",
            "monthly_micros",
            "currency",
            "customer_name",
            "business",
            "address",
            "signer",
            "signer_email",
            "account_telephone_number",
            "wanted_on",
            "due_on",
            "label",
            "agent",
            "order",
            "number",
            "problem",
            "steps",
            "can_cancel",
            "created_at",
            "updated_at",
        ]
        read_only_fields = fields
        extra_kwargs = {
            "state": {"help_text": "action_needed: it waits for you, `problem` says for what."},
            "monthly_micros": {"help_text": "Once it is here. Millionths of the currency."},
            "due_on": {"help_text": "The day that the carriers agreed on."},
        }

    def get_can_cancel(self, port: PortRequest) -> bool:
        return can_cancel(port)


class Base64Field(serializers.CharField):
    """A file in base64."""

    def to_internal_value(self, data: Any) -> Any:
        try:
            decoded = base64.b64decode(super().to_internal_value(data), validate=True)
        except (binascii.Error, ValueError) as error:
            raise serializers.ValidationError("Give the file in base64.") from error
        if len(decoded) > MOST_BILL_BYTES:
            raise serializers.ValidationError(f"The file may have {MOST_BILL_BYTES} bytes at most.")
        return decoded


class PortInput(StrictSerializer):
    carrier = serializers.CharField(max_length=20, help_text="Which it comes to.")
    e164 = serializers.CharField(max_length=32)
    type = serializers.ChoiceField(choices=NumberType.choices, default=NumberType.LOCAL)
    monthly_micros = serializers.IntegerField(
        min_value=0, max_value=10**12, help_text="What you agree to pay by the month at most."
    )
    customer_name = serializers.CharField(max_length=100, help_text="As the losing carrier has it.")
    business = serializers.BooleanField(default=True, help_text="False: a person.")
    address = Reference(NumberAddress, help_text="As the losing carrier has it. Needed.")
    signer = serializers.CharField(max_length=100, help_text="Who may change the account there.")
    signer_email = serializers.EmailField(max_length=254, help_text="Gets the letter to sign.")
    account_number = serializers.CharField(
        max_length=100, default="", allow_blank=True, help_text="There. Never shown again."
    )
    account_telephone_number = serializers.CharField(
        max_length=32, default="", allow_blank=True, help_text="The account's main number, E.164."
    )
    pin = serializers.CharField(max_length=50, default="", allow_blank=True, help_text="Never shown again.")
    bill = Base64Field(required=False, help_text="The newest bill, base64. Never shown again.")
    bill_type = serializers.ChoiceField(
        choices=["application/pdf", "image/jpeg", "image/png"], default="application/pdf"
    )
    wanted_on = serializers.DateField(required=False, allow_null=True)
    label = serializers.CharField(  # type: ignore[assignment]
        max_length=200, required=False, allow_blank=True
    )
    agent = Reference(Agent, help_text="Who takes its calls.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs.get("address") is None:
            raise serializers.ValidationError({"address": "Give the address that the losing carrier has."})
        return attrs


class PortFilter(django_filters.FilterSet):
    state = django_filters.ChoiceFilter(choices=PortState.choices)

    class Meta:
        model = PortRequest
        fields: list[str] = []


@extend_schema(tags=["numbers"])
@extend_schema_view(
    list=extend_schema(summary="List ports", responses=PortSerializer(many=True)),
    retrieve=extend_schema(summary="Get a port", parameters=[_ID], responses=PortSerializer),
    create=extend_schema(
        summary="Bring a number here",
        description="From the carrier that you have it at (a port); `GET /numbers/portability` says whether "
        "it can be. The number works there until the day that the carriers agree on. Follow "
        "`state`, or the event `number.port_changed`.",
        request=PortInput,
        responses={201: PortSerializer},
        examples=[
            OpenApiExample(
                "A front desk's number",
                request_only=True,
                value={
                    "carrier": "sandbox",
                    "e164": "+12025554899",
                    "monthly_micros": 1_000_000,
                    "customer_name": "Example Ltd",
                    "address": "adr_0192f0c8a1b27c3d8e4f5a6b7c8d9e0f",
                    "signer": "Office manager",
                    "signer_email": "owner@example.com",
                    "account_number": "4711",
                    "pin": "1234",
                },
            )
        ],
    ),
)
class PortViewSet(TenantViewSet):
    """Numbers on their way here."""

    id_prefix = PortRequest.id_prefix
    filterset_class = PortFilter
    required_permissions: ClassVar = {
        "list": "numbers.read",
        "retrieve": "numbers.read",
        "create": "numbers.write",
        "cancel": "numbers.write",
    }

    def list(self, request: Request) -> Response:
        return self.page(selectors.list_ports(), PortSerializer)

    def retrieve(self, request: Request, id: str) -> Response:
        return Response(PortSerializer(selectors.get_port(self.row_id())).data)

    def create(self, request: Request) -> Response:
        port = ask_for_port(test=self.principal.mode == "test", **self.checked(PortInput))
        return Response(PortSerializer(port).data, status=201)

    @extend_schema(
        summary="Cancel a port",
        description="Withdraws it at the carrier; 409 when it is too late.",
        parameters=[_ID],
        request=None,
        responses=PortSerializer,
        filters=False,
    )
    @action(detail=True, methods=["post"], pagination_class=None)
    def cancel(self, request: Request, id: str) -> HttpResponse:
        tenant_id, port_id = self.principal.tenant_id, selectors.get_port(self.row_id()).pk
        principal = self.principal

        def cancelled() -> dict[str, Any]:
            with acting_for(request._request, principal):
                port = cancel_port(tenant_id=tenant_id, port_id=port_id, test=principal.mode == "test")
            return dict(PortSerializer(port).data)

        return afterwards(cancelled)

    def get_queryset(self) -> Any:  # for the OpenAPI document
        return PortRequest.objects.none()
