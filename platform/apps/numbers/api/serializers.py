"""Numbers as the API shows and takes them."""

from __future__ import annotations

from rest_framework import serializers

from apps.agents.models import Agent, AgentVersion
from apps.numbers.models import BYOC, PhoneNumber, Purpose
from telephony.carriers.registry import CARRIERS
from telephony.trunks.models import Trunk
from tenants.rest import PrefixedIdField, Reference, StrictSerializer


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

    class Meta:
        model = PhoneNumber
        fields = [
            "id",
            "e164",
            "label",
            "carrier",
            "purpose",
            "trunk",
            "agent",
            "agent_version",
            "fallback_number",
            "capture_rtp",
            "created_at",
            "updated_at",
        ]
        read_only_fields = fields


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
    carrier = serializers.ChoiceField(choices=[*CARRIERS, BYOC])
    e164 = serializers.CharField(
        max_length=32,
        required=False,
        help_text="With + and country code. Left out: a free number of the carrier.",
    )
