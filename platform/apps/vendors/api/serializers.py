"""Vendors, their offers and keys as the API shows and takes them."""

from __future__ import annotations

from typing import Any, get_args

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from apps.vendors.models import VendorKey
from apps.vendors.names import PIPECAT, vendors
from apps.vendors.selectors import KeySource
from media_workers.contract.catalog import LatencyClass, Unit
from media_workers.contract.vendors import Kind, key_names
from tenants.rest import StrictSerializer

KINDS = list(get_args(Kind))
KEY_SOURCES = list(get_args(KeySource))


class CatalogQuery(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=KINDS, required=False)
    vendor = serializers.ChoiceField(
        choices=sorted({*vendors(), PIPECAT}), required=False, help_text="As the offers name it."
    )
    language = serializers.RegexField(
        r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$",
        max_length=20,
        required=False,
        help_text="A BCP 47 tag: what speaks the language, in whatever region.",
    )


class PriceSerializer(serializers.Serializer[Any]):
    unit = serializers.ChoiceField(choices=list(get_args(Unit)))
    usd = serializers.DecimalField(max_digits=14, decimal_places=6, normalize_output=True)


class OfferedVoiceSerializer(serializers.Serializer[Any]):
    voice = serializers.CharField(help_text="The vendor's id.")
    label = serializers.CharField(help_text="For people.")  # type: ignore[assignment]


class MeasuredSerializer(serializers.Serializer[Any]):
    """What the tenant's turns of the last 7 days took: to the final transcript (stt), the first token (llm),
    the first audio (tts, realtime; from the caller's last word where the model tells no end of a turn)."""

    p50_ms = serializers.IntegerField()
    p95_ms = serializers.IntegerField()
    samples = serializers.IntegerField(help_text="Turns in which it was measured.")


class OfferSerializer(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=KINDS, help_text="Speech to text, language model, voice, or both.")
    vendor = serializers.CharField()
    vendor_label = serializers.CharField(help_text="The vendor for people.")
    model = serializers.CharField(help_text="The vendor's own name; empty where it has only one.")
    label = serializers.CharField(help_text="The model for people.")  # type: ignore[assignment]
    languages = serializers.ListField(
        child=serializers.CharField(), help_text="BCP 47 tags; `*`: so many that the page is the list."
    )
    latency = serializers.ChoiceField(
        choices=list(get_args(LatencyClass)),
        help_text="As known: fast up to 300 ms, medium up to 800 ms, slow beyond.",
    )
    prices = PriceSerializer(many=True, help_text="List prices.")
    price = serializers.CharField(help_text="The same in words; `free` on our own nodes.")
    regions = serializers.ListField(
        child=serializers.CharField(), help_text="Where data is processed, in the vendor's words."
    )
    local = serializers.BooleanField(help_text="Runs on the media node.")
    tools = serializers.BooleanField(help_text="Functions can be called.")
    end_of_turn = serializers.BooleanField(help_text="Tells the end of a turn itself.")
    word_timestamps = serializers.BooleanField()
    voices = OfferedVoiceSerializer(many=True, help_text="The best known ones; others by their id.")
    default = serializers.BooleanField(help_text="Taken when no model is named.")
    source = serializers.CharField(help_text="The page that the prices come from.")  # type: ignore[assignment]
    priced_on = serializers.DateField(allow_null=True)
    key_source = serializers.ChoiceField(choices=KEY_SOURCES, help_text="Whose key calls take.")
    available = serializers.BooleanField(help_text="There is a key, or none is needed.")
    measured = MeasuredSerializer(allow_null=True)


class VendorSerializer(serializers.Serializer[Any]):
    vendor = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    kinds = serializers.ListField(child=serializers.ChoiceField(choices=KINDS))
    key = serializers.CharField(help_text="The `vendor` of its key; empty when it needs none.")
    key_source = serializers.ChoiceField(choices=KEY_SOURCES, help_text="Whose key calls take.")


@extend_schema_serializer(many=False)  # one object, though the action is `list`
class CatalogSerializer(serializers.Serializer[Any]):
    vendors = VendorSerializer(many=True)
    offers = OfferSerializer(many=True)


class VendorKeySerializer(serializers.ModelSerializer[VendorKey]):
    last4 = serializers.CharField(help_text="The key's end; empty of a short key.")

    class Meta:
        model = VendorKey
        fields = [
            "vendor",
            "last4",
            "region",
            "base_url",
            "last_error",
            "last_error_at",
            "created_at",
            "updated_at",
        ]
        read_only_fields = fields


class VendorKeyInput(StrictSerializer):
    api_key = serializers.CharField(
        max_length=8_000,
        required=False,
        allow_null=True,
        default=None,
        help_text="Write-only. Left out or null: the one there is stays.",
    )
    region = serializers.CharField(
        max_length=60, required=False, allow_blank=True, default="", help_text="Where the vendor has several."
    )
    base_url = serializers.CharField(
        max_length=500,
        required=False,
        allow_blank=True,
        default="",
        help_text="A gateway of your own in place of the vendor's address; https, public.",
    )


class VendorKeyCheckSerializer(serializers.Serializer[Any]):
    ok = serializers.BooleanField(
        allow_null=True, help_text="Null: there is nothing to ask that costs nothing."
    )
    words = serializers.CharField(help_text="What the vendor said, for people.")
    status = serializers.IntegerField(allow_null=True, help_text="Of HTTP.")
    took_ms = serializers.IntegerField(allow_null=True)


KEY_NAMES = sorted(key_names())
