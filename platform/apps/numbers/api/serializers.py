"""Numbers as the API shows and takes them."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.agents.models import Agent, AgentVersion
from apps.numbers.models import BYOC, CallerNameState, NumberType, PhoneNumber, Purpose, Rental
from telephony.carriers.registry import GIVERS
from telephony.trunks.models import Trunk
from tenants.rest import PrefixedIdField, Reference, StrictSerializer


class RentalSerializer(serializers.ModelSerializer[Rental]):
    """What a number costs by the month."""

    state = serializers.SerializerMethodField()
    problem = serializers.SerializerMethodField(help_text="Why it is in its grace period, and what to do.")

    class Meta:
        model = Rental
        fields = ["monthly_micros", "currency", "paid_until", "state", "grace_until", "problem"]
        extra_kwargs = {
            "monthly_micros": {"help_text": "Millionths of the currency."},
            "grace_until": {"help_text": "When it is given back unless the month is paid."},
        }

    @extend_schema_field(serializers.ChoiceField(choices=["active", "grace"]))
    def get_state(self, rental: Rental) -> str:
        return "active" if rental.grace_until is None else "grace"

    def get_problem(self, rental: Rental) -> str:
        if rental.grace_until is None:
            return ""
        return "The wallet has not enough for the next month: add credit, or the number is given back."


class NumberSerializer(serializers.ModelSerializer[PhoneNumber]):
    id = PrefixedIdField(PhoneNumber.id_prefix, read_only=True)
    trunk = PrefixedIdField(Trunk.id_prefix, source="trunk_id", read_only=True, allow_null=True)
    agent = PrefixedIdField(Agent.id_prefix, source="agent_id", read_only=True, allow_null=True)
    agent_version = PrefixedIdField(
        AgentVersion.id_prefix,
        source="agent_version_id",
        read_only=True,
        allow_null=True,
        help_text="The pinned version; null: the agent's published one.",
    )
    managed = serializers.SerializerMethodField(help_text="Whether it was ordered from a carrier of ours.")
    type = serializers.ChoiceField(
        choices=["", *NumberType.values], read_only=True, help_text="Of a managed number."
    )
    caller_name_state = serializers.ChoiceField(
        choices=CallerNameState.values,
        read_only=True,
        help_text="pending: the carrier is being asked. Empty: it has none.",
    )
    rental = serializers.SerializerMethodField(help_text="Null for one that costs nothing by the month.")

    class Meta:
        model = PhoneNumber
        fields = [
            "id",
            "e164",
            "label",
            "carrier",
            "managed",
            "type",
            "capabilities",
            "purpose",
            "trunk",
            "agent",
            "agent_version",
            "fallback_number",
            "capture_rtp",
            "caller_name",
            "caller_name_state",
            "caller_name_problem",
            "rental",
            "created_at",
            "updated_at",
        ]
        read_only_fields = fields

    def get_managed(self, number: PhoneNumber) -> bool:
        return bool(number.type)

    @extend_schema_field(RentalSerializer(allow_null=True))
    def get_rental(self, number: PhoneNumber) -> dict[str, Any] | None:
        found = getattr(number, "current_rentals", None)
        if found is None:
            found = list(number.rentals.filter(ended_at=None))
        return RentalSerializer(found[0]).data if found else None


class NumberChanges(StrictSerializer):
    label = serializers.CharField(  # type: ignore[assignment]
        max_length=200, required=False, allow_blank=True
    )
    trunk = Reference(Trunk, help_text="For byoc: the trunk that its calls come and go through.")
    agent = Reference(Agent, help_text="Who takes its calls.")
    agent_version = Reference(AgentVersion, help_text="Pins a version; null: what is published.")
    fallback_number = serializers.CharField(
        max_length=32,
        required=False,
        allow_blank=True,
        help_text="E.164. Where a caller is sent, through the number's trunk, when no agent can answer.",
    )
    capture_rtp = serializers.BooleanField(
        required=False, help_text="Keep the audio packets of its calls for the call's pcap."
    )

    purpose = serializers.ChoiceField(
        choices=Purpose.choices,
        required=False,
        help_text="Whether campaigns may call from it. New numbers with an agent: inbound, others: outbound.",
    )


class NumberInput(NumberChanges):
    carrier = serializers.ChoiceField(choices=[*GIVERS, BYOC])
    e164 = serializers.CharField(
        max_length=32,
        required=False,
        help_text="With + and country code. Left out: a free number of the carrier.",
    )


class CallerNameInput(StrictSerializer):
    caller_name = serializers.CharField(
        max_length=15, allow_blank=True, help_text="Letters, digits and spaces; empty takes it away."
    )
