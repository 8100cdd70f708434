"""REST: what carriers have for sale, and what is needed to buy it."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.numbers.api.answers import afterwards
from apps.numbers.e164 import parse_e164
from apps.numbers.models import NumberType, PhoneNumber
from apps.numbers.services import offers
from telephony.carriers.registry import SELLERS
from telephony.carriers.values import CAPABILITIES, Requirements, Search
from tenants.countries import checked, country_of
from tenants.rest import StrictSerializer, TenantViewSet

ADDRESS_NEEDS = ["none", "any", "local", "foreign"]


class SellerSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    label = serializers.CharField(help_text="For people.")  # type: ignore[assignment]
    types = serializers.ListField(child=serializers.ChoiceField(choices=NumberType.choices))


class SellersSerializer(serializers.Serializer[Any]):
    results = SellerSerializer(many=True, help_text="Empty when no carrier is set up.")


class NumberOfferSerializer(serializers.Serializer[Any]):
    e164 = serializers.CharField()
    carrier = serializers.CharField()
    type = serializers.ChoiceField(choices=NumberType.choices)
    country = serializers.CharField()
    locality = serializers.CharField()
    region = serializers.CharField()
    capabilities = serializers.ListField(child=serializers.ChoiceField(choices=list(CAPABILITIES)))
    monthly_micros = serializers.IntegerField(help_text="Millionths of the currency.")
    setup_micros = serializers.IntegerField(help_text="Once.")
    currency = serializers.CharField()
    address = serializers.ChoiceField(
        choices=ADDRESS_NEEDS,
        help_text="Of the holder: local is in the number's country, foreign outside it.",
    )
    requires = serializers.ListField(
        child=serializers.CharField(), help_text='What an order needs besides: "address".'
    )
    beta = serializers.BooleanField(help_text="New in the carrier's network: not everybody reaches it.")


class TroubleSerializer(serializers.Serializer[Any]):
    carrier = serializers.CharField()
    code = serializers.CharField()
    detail = serializers.CharField()


class FoundSerializer(serializers.Serializer[Any]):
    results = NumberOfferSerializer(many=True)
    problems = TroubleSerializer(many=True, help_text="Carriers that could not be asked.")


class NamedSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    words = serializers.CharField()


class WantedSerializer(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=["identity", "document", "address"])
    name = serializers.CharField()
    words = serializers.CharField()
    accepted = NamedSerializer(many=True, help_text="The papers of which one will do.")
    fields = NamedSerializer(many=True, help_text="What must be told.")  # type: ignore[assignment]


class RequirementsSerializer(serializers.Serializer[Any]):
    carrier = serializers.CharField()
    country = serializers.CharField()
    type = serializers.ChoiceField(choices=NumberType.choices)
    address = serializers.ChoiceField(choices=ADDRESS_NEEDS)
    bundle = serializers.BooleanField(help_text="Papers must be handed in and accepted first.")
    wanted = WantedSerializer(many=True)


class PortabilitySerializer(serializers.Serializer[Any]):
    carrier = serializers.CharField()
    e164 = serializers.CharField()
    country = serializers.CharField()
    type = serializers.ChoiceField(choices=NumberType.choices)
    portable = serializers.BooleanField()
    problem = serializers.CharField(help_text="Why not, in words.")
    pin = serializers.BooleanField(help_text="The losing carrier's PIN and account number are needed.")
    monthly_micros = serializers.IntegerField(help_text="What it costs once it is here.")
    currency = serializers.CharField()


class SearchInput(StrictSerializer):
    country = serializers.CharField(max_length=2, help_text="ISO 3166-1 alpha-2.")
    type = serializers.ChoiceField(choices=NumberType.choices, default=NumberType.LOCAL)
    area = serializers.CharField(
        max_length=60, default="", allow_blank=True, help_text="Digits of the area code, or a place."
    )
    contains = serializers.RegexField(
        r"^[+0-9A-Za-z*]*$",
        max_length=16,
        default="",
        allow_blank=True,
        help_text="Digits or letters of the keypad that it has somewhere, * for any digit.",
    )
    capabilities = serializers.CharField(
        max_length=40, default="voice", allow_blank=True, help_text="Comma-separated: voice, sms, mms, fax."
    )
    carrier = serializers.CharField(
        max_length=20, default="", allow_blank=True, help_text="Only of this one."
    )
    limit = serializers.IntegerField(min_value=1, max_value=50, default=20)

    def validate_country(self, value: str) -> str:
        return checked([value], field="country")[0]

    def validate_capabilities(self, value: str) -> frozenset[str]:
        wanted = {part.strip() for part in value.split(",") if part.strip()}
        if unknown := wanted - set(CAPABILITIES):
            raise serializers.ValidationError(f"{sorted(unknown)[0]!r} is none of {', '.join(CAPABILITIES)}.")
        return frozenset(wanted)


class RequirementsInput(StrictSerializer):
    carrier = serializers.CharField(max_length=20)
    country = serializers.CharField(max_length=2, help_text="ISO 3166-1 alpha-2.")
    type = serializers.ChoiceField(choices=NumberType.choices, default=NumberType.LOCAL)

    def validate_country(self, value: str) -> str:
        return checked([value], field="country")[0]


class PortabilityInput(StrictSerializer):
    carrier = serializers.CharField(max_length=20)
    e164 = serializers.CharField(max_length=32)
    type = serializers.ChoiceField(choices=NumberType.choices, default=NumberType.LOCAL)


@extend_schema(tags=["numbers"], filters=False)
class MarketViewSet(TenantViewSet):
    """What carriers sell. They are asked while nothing of ours waits."""

    required_permissions: ClassVar = {
        "carriers": "numbers.read",
        "available": "numbers.read",
        "requirements": "numbers.read",
        "portability": "numbers.read",
    }
    pagination_class = None

    @extend_schema(summary="List the carriers that sell numbers", responses=SellersSerializer)
    def carriers(self, request: Request) -> Response:
        return Response(
            {
                "results": [
                    {"name": name, "label": one.label, "types": list(one.number_types)}
                    for name, one in SELLERS.items()
                ]
            }
        )

    @extend_schema(
        summary="Search numbers for sale",
        description="Asks the carriers now. Order one by `POST /numbers/orders` with the prices told here.",
        parameters=[SearchInput],
        responses=FoundSerializer,
    )
    def available(self, request: Request) -> HttpResponse:
        wish = dict(self._query(SearchInput))
        carriers = [wish.pop("carrier")] if wish["carrier"] else []
        wish.pop("carrier", None)
        search = Search(pattern=wish.pop("contains"), **wish)
        tenant_id = self.principal.tenant_id
        return afterwards(lambda: _found(offers.search(tenant_id=tenant_id, wish=search, carriers=carriers)))

    @extend_schema(
        summary="What the regulator asks for",
        description="Before a number of this kind is sold: an address (`POST /numbers/addresses`), papers "
        "(`POST /numbers/bundles`), or nothing.",
        parameters=[RequirementsInput],
        responses=RequirementsSerializer,
    )
    def requirements(self, request: Request) -> HttpResponse:
        asked = self._query(RequirementsInput)
        return afterwards(lambda: _required(asked["carrier"], offers.requirements(**asked)))

    @extend_schema(
        summary="Whether a number can be brought here",
        description="And what it costs then. Ask for it by `POST /numbers/ports`.",
        parameters=[PortabilityInput],
        responses=PortabilitySerializer,
    )
    def portability(self, request: Request) -> HttpResponse:
        asked = self._query(PortabilityInput)
        asked["e164"] = parse_e164(asked["e164"])
        asked["country"] = country_of(asked["e164"])
        tenant_id = self.principal.tenant_id
        return afterwards(lambda: _portable(asked["type"], offers.portability(tenant_id=tenant_id, **asked)))

    def _query(self, serializer: type[StrictSerializer]) -> dict[str, Any]:
        """The query, without what addresses of every request may have."""
        given = {k: v for k, v in self.request.query_params.items() if k != "tenant"}
        query = serializer(data=given)
        query.is_valid(raise_exception=True)
        return dict(query.validated_data)

    def get_queryset(self) -> Any:  # for the OpenAPI document
        return PhoneNumber.objects.none()


def _found(found: offers.Found) -> dict[str, Any]:
    return {
        "results": [_offer(one) for one in found.offers],
        "problems": [
            {"carrier": one.carrier, "code": one.code, "detail": one.detail} for one in found.problems
        ],
    }


def _offer(offer: offers.Offer) -> dict[str, Any]:
    number = offer.number
    return {
        "e164": number.e164,
        "carrier": offer.carrier,
        "type": number.type,
        "country": number.country,
        "locality": number.locality,
        "region": number.region,
        "capabilities": sorted(number.capabilities),
        "monthly_micros": offer.monthly_micros,
        "setup_micros": offer.setup_micros,
        "currency": offer.currency,
        "address": number.address,
        "requires": [] if number.address == "none" else ["address"],
        "beta": number.beta,
    }


def _required(carrier: str, told: Requirements) -> dict[str, Any]:
    return {
        "carrier": carrier,
        "country": told.country,
        "type": told.type,
        "address": told.address,
        "bundle": told.bundle,
        "wanted": [
            {
                "kind": one.kind,
                "name": one.name,
                "words": one.words,
                "accepted": [{"name": name, "words": words} for name, words in one.accepted],
                "fields": [{"name": name, "words": words} for name, words in one.fields],
            }
            for one in told.wanted
        ],
    }


def _portable(type: str, told: offers.PortOffer) -> dict[str, Any]:
    return {
        "carrier": told.carrier,
        "e164": told.portability.e164,
        "country": country_of(told.portability.e164),
        "type": told.portability.type or type,
        "portable": told.portability.portable,
        "problem": told.portability.problem,
        "pin": told.portability.pin,
        "monthly_micros": told.monthly_micros,
        "currency": told.price.currency,
    }
