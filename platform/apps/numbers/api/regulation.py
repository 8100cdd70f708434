"""REST: addresses and papers that regulators ask for."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.numbers import selectors
from apps.numbers.models import NumberAddress, NumberBundle, NumberType
from apps.numbers.services.addresses import add_address, remove_address
from apps.numbers.services.bundles import add_bundle, remove_bundle
from tenants.rest import PrefixedIdField, Reference, StrictSerializer, TenantViewSet

_ADDRESS_ID = OpenApiParameter("id", str, OpenApiParameter.PATH, description="adr_...")
_BUNDLE_ID = OpenApiParameter("id", str, OpenApiParameter.PATH, description="bdl_...")
_PERMISSIONS = {"list": "numbers.read", "create": "numbers.write", "destroy": "numbers.write"}


class AddressSerializer(serializers.ModelSerializer[NumberAddress]):
    id = PrefixedIdField(NumberAddress.id_prefix, read_only=True)

    class Meta:
        model = NumberAddress
        fields = [
            "id",
            "label",
            "customer_name",
            "street",
            "street2",
            "city",
            "region",
            "postal_code",
            "country",
            "created_at",
        ]
        read_only_fields = fields


class AddressInput(StrictSerializer):
    label = serializers.CharField(max_length=100)  # type: ignore[assignment]
    customer_name = serializers.CharField(max_length=100, help_text="Of the person or company there.")
    street = serializers.CharField(max_length=200)
    street2 = serializers.CharField(max_length=200, default="", allow_blank=True)
    city = serializers.CharField(max_length=100)
    region = serializers.CharField(
        max_length=100, default="", allow_blank=True, help_text="State, province or county."
    )
    postal_code = serializers.CharField(max_length=20)
    country = serializers.CharField(max_length=2, help_text="ISO 3166-1 alpha-2.")


class PaperSerializer(serializers.Serializer[Any]):
    type = serializers.CharField(help_text="As `accepted` of the requirements names it.")
    attributes = serializers.DictField(child=serializers.CharField())
    address = serializers.CharField(allow_null=True, help_text="adr_... that proves it.")


class PaperInput(StrictSerializer):
    type = serializers.CharField(max_length=100, help_text="As `accepted` of the requirements names it.")
    attributes = serializers.DictField(
        child=serializers.CharField(max_length=500), required=False, help_text="By the names of its `fields`."
    )
    address = Reference(NumberAddress, help_text="An address that proves it.")


class BundleSerializer(serializers.ModelSerializer[NumberBundle]):
    id = PrefixedIdField(NumberBundle.id_prefix, read_only=True)
    attributes = serializers.DictField(child=serializers.CharField(), read_only=True)
    papers = PaperSerializer(many=True, read_only=True)

    class Meta:
        model = NumberBundle
        fields = [
            "id",
            "label",
            "carrier",
            "country",
            "type",
            "owner",
            "email",
            "business",
            "attributes",
            "papers",
            "state",
            "problem",
            "created_at",
            "updated_at",
        ]
        read_only_fields = fields
        extra_kwargs = {
            "state": {"help_text": "draft: something is missing, `problem` says what."},
            "problem": {"help_text": "What the carrier says against them, in words."},
        }


class BundleInput(StrictSerializer):
    label = serializers.CharField(max_length=100)  # type: ignore[assignment]
    carrier = serializers.CharField(max_length=20)
    country = serializers.CharField(max_length=2, help_text="ISO 3166-1 alpha-2.")
    type = serializers.ChoiceField(choices=NumberType.choices, default=NumberType.LOCAL)
    owner = serializers.CharField(max_length=100, help_text="The person or company that uses the numbers.")
    email = serializers.EmailField(max_length=254, help_text="Where the carrier asks back.")
    business = serializers.BooleanField(default=True, help_text="False: a person.")
    attributes = serializers.DictField(
        child=serializers.CharField(max_length=500),
        required=False,
        help_text="Of the owner, by the names of the requirements.",
    )
    papers = PaperInput(many=True, required=False)


@extend_schema(tags=["numbers"])
@extend_schema_view(
    list=extend_schema(summary="List addresses", responses=AddressSerializer(many=True)),
    create=extend_schema(
        summary="Add an address",
        description="Carriers are told of it as a number is ordered with it.",
        request=AddressInput,
        responses={201: AddressSerializer},
        examples=[
            OpenApiExample(
                "An office",
                request_only=True,
                value={
                    "label": "Office",
                    "customer_name": "Example Ltd",
                    "street": "1 High Street",
                    "city": "London",
                    "postal_code": "EC1A 1AA",
                    "country": "GB",
                },
            )
        ],
    ),
    destroy=extend_schema(
        summary="Remove an address",
        description="What was ordered with it stays.",
        parameters=[_ADDRESS_ID],
        responses={204: None},
    ),
)
class AddressViewSet(TenantViewSet):
    """Addresses that numbers are ordered with."""

    id_prefix = NumberAddress.id_prefix
    required_permissions: ClassVar = _PERMISSIONS

    def list(self, request: Request) -> Response:
        return self.page(selectors.list_addresses(), AddressSerializer)

    def create(self, request: Request) -> Response:
        address = add_address(**self.checked(AddressInput))
        return Response(AddressSerializer(address).data, status=201)

    def destroy(self, request: Request, id: str) -> Response:
        remove_address(address=selectors.get_address(self.row_id()))
        return Response(status=204)

    def get_queryset(self) -> Any:  # for the OpenAPI document
        return NumberAddress.objects.none()


@extend_schema(tags=["numbers"])
@extend_schema_view(
    list=extend_schema(summary="List papers for regulators", responses=BundleSerializer(many=True)),
    create=extend_schema(
        summary="Hand in papers",
        description="`GET /numbers/requirements` says which. The carrier looks at them, which may take days; "
        "numbers that need them are ordered once `state` is approved.",
        request=BundleInput,
        responses={201: BundleSerializer},
        examples=[
            OpenApiExample(
                "Of a company",
                request_only=True,
                value={
                    "label": "Example Ltd, local numbers",
                    "carrier": "sandbox",
                    "country": "GB",
                    "type": "local",
                    "owner": "Example Ltd",
                    "email": "owner@example.com",
                    "business": True,
                    "attributes": {"business_name": "Example Ltd"},
                    "papers": [
                        {
                            "type": "utility_bill",
                            "attributes": {"address": "1 High Street"},
                            "address": "adr_0192f0c8a1b27c3d8e4f5a6b7c8d9e0f",
                        }
                    ],
                },
            )
        ],
    ),
    destroy=extend_schema(
        summary="Put papers away",
        description="Nothing new is ordered with them.",
        parameters=[_BUNDLE_ID],
        responses={204: None},
    ),
)
class BundleViewSet(TenantViewSet):
    """Papers that carriers look at before they sell a number."""

    id_prefix = NumberBundle.id_prefix
    required_permissions: ClassVar = _PERMISSIONS

    def list(self, request: Request) -> Response:
        return self.page(selectors.list_bundles(), BundleSerializer)

    def create(self, request: Request) -> Response:
        bundle = add_bundle(test=self.principal.mode == "test", **self.checked(BundleInput))
        return Response(BundleSerializer(bundle).data, status=201)

    def destroy(self, request: Request, id: str) -> Response:
        remove_bundle(bundle=selectors.get_bundle(self.row_id()))
        return Response(status=204)

    def get_queryset(self) -> Any:  # for the OpenAPI document
        return NumberBundle.objects.none()
