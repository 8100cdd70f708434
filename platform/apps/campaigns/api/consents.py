"""REST views of records of consent."""

from __future__ import annotations

from typing import Any, ClassVar

import django_filters
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.campaigns.models import Consent
from apps.campaigns.services.consents import record_consent
from apps.numbers.e164 import parse_e164
from tenants.rest import PrefixedIdField, RowSerializer, StrictSerializer, TenantViewSet


class ConsentSerializer(RowSerializer[Consent]):
    id = PrefixedIdField(Consent.id_prefix, read_only=True)

    class Meta:
        model = Consent
        fields = ["id", "e164", "source", "given_at", "text", "created_at"]
        read_only_fields = fields


class ConsentInput(StrictSerializer):
    number = serializers.CharField(max_length=40, help_text="In E.164.")
    source = serializers.CharField(  # type: ignore[assignment]
        max_length=200, help_text="Where it was given: a form, a call, a letter."
    )
    given_at = serializers.DateTimeField(help_text="Not in the future.")
    text = serializers.CharField(
        required=False, allow_blank=True, max_length=10_000, help_text="The words that were agreed to."
    )

    def validate_given_at(self, value: Any) -> Any:
        if value > timezone.now():
            raise serializers.ValidationError("A consent was given in the past.", code="in_the_future")
        return value


class ConsentFilter(django_filters.FilterSet):
    number = django_filters.CharFilter(field_name="e164", max_length=16, help_text="In E.164.")

    class Meta:
        model = Consent
        fields: list[str] = []


@extend_schema(tags=["campaigns"])
@extend_schema_view(
    list=extend_schema(
        summary="List records of consent",
        description="The newest first.",
        responses=ConsentSerializer(many=True),
    ),
    create=extend_schema(
        summary="Record a consent",
        description="A later one does not replace it. The same number, source and time is recorded once. "
        "Contacts that were set aside for want of a consent wait again.",
        request=ConsentInput,
        responses={201: ConsentSerializer},
        examples=[
            OpenApiExample(
                "A form on a web site",
                request_only=True,
                value={
                    "number": "+12025550101",
                    "source": "https://example.com/appointments",
                    "given_at": "2026-05-04T10:00:00Z",
                    "text": "I agree to be called about my appointments.",
                },
            )
        ],
    ),
)
class ConsentViewSet(TenantViewSet):
    """Who has agreed to be called."""

    id_prefix = Consent.id_prefix
    queryset = Consent.objects.none()
    filterset_class = ConsentFilter
    required_permissions: ClassVar = {"list": "campaigns.read", "create": "campaigns.write"}

    def list(self, request: Request) -> Response:
        return self.page(Consent.objects.all(), ConsentSerializer)

    def create(self, request: Request) -> Response:
        given = self.checked(ConsentInput)
        consent = record_consent(
            e164=parse_e164(given["number"], field="number"),
            source=given["source"],
            given_at=given["given_at"],
            text=given.get("text", ""),
            now=timezone.now(),
        )
        return Response(ConsentSerializer(consent).data, status=201)
