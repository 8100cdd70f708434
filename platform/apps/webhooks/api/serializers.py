"""Webhooks as the API shows and takes them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.webhooks.message import message_of
from apps.webhooks.models import Delivery, DeliveryAttempt, DeliveryState, Endpoint, Event
from apps.webhooks.selectors import Counts
from apps.webhooks.services.headers import read_headers
from tenants.rest import PrefixedIdField, RowSerializer, StrictSerializer

MOST_TYPES = 100
LONGEST_OVERLAP_HOURS = 7 * 24


class WebhookCountsSerializer(serializers.Serializer[Counts]):
    pending = serializers.IntegerField(help_text="Deliveries that wait, or are tried again.")
    delivered_24h = serializers.IntegerField()
    failed_24h = serializers.IntegerField(help_text="Given up, or the last attempt failed.")


class EndpointSerializer(RowSerializer[Endpoint]):
    id = PrefixedIdField(Endpoint.id_prefix, read_only=True)
    event_types = serializers.ListField(child=serializers.CharField(), help_text="None: every event.")
    headers = serializers.SerializerMethodField(help_text="Their names; values are never shown.")
    disabled_reason = serializers.CharField(help_text="Empty of one that a person disabled.")
    failing_since = serializers.DateTimeField(
        allow_null=True, help_text="The first failure since anything was delivered."
    )
    stats = serializers.SerializerMethodField()

    class Meta:
        model = Endpoint
        fields = [
            "id",
            "url",
            "description",
            "event_types",
            "headers",
            "state",
            "disabled_reason",
            "disabled_at",
            "failing_since",
            "stats",
            "created_at",
            "updated_at",
        ]
        read_only_fields = fields

    @extend_schema_field(serializers.DictField(child=serializers.CharField()))
    def get_headers(self, endpoint: Endpoint) -> dict[str, str]:
        return dict.fromkeys(read_headers(endpoint.headers), "")

    @extend_schema_field(WebhookCountsSerializer)
    def get_stats(self, endpoint: Endpoint) -> dict[str, int]:
        counts = self.context.get("counts", {}).get(endpoint.pk, Counts())
        return dict(WebhookCountsSerializer(counts).data)


class NewEndpointSerializer(EndpointSerializer):
    secret = serializers.SerializerMethodField(
        help_text="whsec_...: what is sent is signed with it. It is shown this once."
    )

    class Meta(EndpointSerializer.Meta):
        fields = [*EndpointSerializer.Meta.fields, "secret"]
        read_only_fields = fields

    def get_secret(self, endpoint: Endpoint) -> str:
        return str(self.context["secret"])


class EndpointChanges(StrictSerializer):
    url = serializers.CharField(max_length=2_000, required=False, help_text="https, or http.")
    description = serializers.CharField(max_length=500, required=False, allow_blank=True)
    event_types = serializers.ListField(
        child=serializers.CharField(max_length=60),
        max_length=MOST_TYPES,
        required=False,
        help_text="Names of /webhooks/event-types, or a kind of them like call.*; none: every event.",
    )
    headers = serializers.DictField(
        child=serializers.CharField(max_length=1_000, allow_blank=True, trim_whitespace=False),
        required=False,
        help_text="All that are sent along. An empty value keeps the one that is stored.",
    )


class EndpointInput(EndpointChanges):
    url = serializers.CharField(max_length=2_000, help_text="https, or http.")


class RotationInput(StrictSerializer):
    overlap_hours = serializers.IntegerField(
        min_value=0,
        max_value=LONGEST_OVERLAP_HOURS,
        default=24,
        help_text="For so long what is sent carries a signature by the old secret too.",
    )


class RotatedSecretSerializer(serializers.Serializer[Any]):
    secret = serializers.CharField(help_text="whsec_...; it is shown this once.")
    old_expires_at = serializers.DateTimeField(
        allow_null=True, help_text="Until then the old one signs too; null: it does no more."
    )


class WebhookTrialInput(StrictSerializer):
    type = serializers.CharField(
        max_length=60, default="webhook.test", help_text="Of which event the example is sent."
    )


class ReplayInput(StrictSerializer):
    since = serializers.DateTimeField(
        required=False, allow_null=True, help_text="Of events that happened from then on."
    )
    until = serializers.DateTimeField(required=False, allow_null=True, help_text="And before this time.")
    states = serializers.ListField(
        child=serializers.ChoiceField(choices=[DeliveryState.DEAD, DeliveryState.DELIVERED]),
        min_length=1,
        max_length=2,
        default=[DeliveryState.DEAD.value],
        help_text="What became of their last delivery.",
    )
    types = serializers.ListField(
        child=serializers.CharField(max_length=60), max_length=MOST_TYPES, default=[], help_text="None: all."
    )
    dry_run = serializers.BooleanField(default=False, help_text="Only count them.")

    def validate_since(self, value: datetime | None) -> datetime | None:
        return _in_range(value)

    def validate_until(self, value: datetime | None) -> datetime | None:
        return _in_range(value)


def _in_range(value: datetime | None) -> datetime | None:
    """PostgreSQL does not know every offset that Python does."""
    try:
        return value and value.astimezone(UTC)
    except OverflowError as error:
        raise serializers.ValidationError("This time is out of range.") from error


class ReplayedSerializer(serializers.Serializer[Any]):
    replayed = serializers.IntegerField(help_text="How many are sent again; with `dry_run`: would be.")


class ToldSerializer(RowSerializer[Event]):
    id = PrefixedIdField(Event.id_prefix, read_only=True)

    class Meta:
        model = Event
        fields = ["id", "type", "version", "key", "sequence", "at", "test"]
        read_only_fields = fields


class DeliverySerializer(RowSerializer[Delivery]):
    id = PrefixedIdField(Delivery.id_prefix, read_only=True)
    endpoint = PrefixedIdField(Endpoint.id_prefix, source="endpoint_id", read_only=True)
    event = ToldSerializer(read_only=True)
    round = serializers.IntegerField(help_text="0: the first telling; a replay is one more.")
    next_at = serializers.DateTimeField(allow_null=True, help_text="Of a pending one: when it is tried next.")

    class Meta:
        model = Delivery
        fields = [
            "id",
            "endpoint",
            "event",
            "state",
            "round",
            "attempts",
            "status",
            "problem",
            "next_at",
            "ended_at",
            "created_at",
        ]
        read_only_fields = fields


class DeliveryAttemptSerializer(RowSerializer[DeliveryAttempt]):
    request_headers = serializers.DictField(
        child=serializers.CharField(), help_text="Your own ones without their values."
    )
    answer_headers = serializers.DictField(child=serializers.CharField())
    answer = serializers.CharField(help_text="The beginning of its body.")

    class Meta:
        model = DeliveryAttempt
        fields = [
            "number",
            "at",
            "took_ms",
            "status",
            "problem",
            "request_headers",
            "answer_headers",
            "answer",
        ]
        read_only_fields = fields


class DeliveryDetailSerializer(DeliverySerializer):
    body = serializers.SerializerMethodField(help_text="What is sent, the same at every attempt.")
    tries = DeliveryAttemptSerializer(many=True, read_only=True)

    class Meta(DeliverySerializer.Meta):
        fields = [*DeliverySerializer.Meta.fields, "body", "tries"]
        read_only_fields = fields

    @extend_schema_field(serializers.DictField())
    def get_body(self, delivery: Delivery) -> dict[str, Any]:
        return message_of(delivery.event)


class ToldToSerializer(RowSerializer[Delivery]):
    id = PrefixedIdField(Delivery.id_prefix, read_only=True)
    endpoint = PrefixedIdField(Endpoint.id_prefix, source="endpoint_id", read_only=True)
    url = serializers.SerializerMethodField()

    class Meta:
        model = Delivery
        fields = ["id", "endpoint", "url", "state", "round", "attempts", "status", "problem"]
        read_only_fields = fields

    def get_url(self, delivery: Delivery) -> str:
        return str(delivery.endpoint.url)


class ToldEventSerializer(ToldSerializer):
    deliveries = ToldToSerializer(many=True, read_only=True)

    class Meta(ToldSerializer.Meta):
        fields = [*ToldSerializer.Meta.fields, "deliveries"]
        read_only_fields = fields


class EventTypeSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    description = serializers.CharField()
    version = serializers.IntegerField()
    schema = serializers.DictField(help_text="JSON Schema of the whole message.")
    example = serializers.DictField(help_text="A whole message.")


class EventTypeListSerializer(serializers.Serializer[Any]):
    results = EventTypeSerializer(many=True)
