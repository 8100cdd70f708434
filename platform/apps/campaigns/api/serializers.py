"""Campaigns as the API shows and takes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.agents.models import Agent, AgentVersion
from apps.calls.models import Call
from apps.campaigns.config import CampaignConfig
from apps.campaigns.configuration import parse_config, parts_in
from apps.campaigns.models import Attempt, AttemptState, Campaign, CampaignState, Contact, Minute, PauseCode
from apps.campaigns.outcomes import Outcome, SetAside
from apps.campaigns.progress import remaining
from apps.numbers.models import PhoneNumber
from tenants.rest import PrefixedIdField, Reference, StrictSerializer


@extend_schema_field(OpenApiTypes.OBJECT)
class ConfigField(serializers.Field[Any, Any, Any, Any]):
    """A campaign's configuration; its schema is at /campaigns/config-schema."""

    def to_internal_value(self, data: Any) -> CampaignConfig:
        return parse_config(data, field=str(self.field_name))

    def to_representation(self, value: dict[str, Any]) -> dict[str, Any]:
        return CampaignConfig.model_validate(value).model_dump(mode="json")


@extend_schema_field(OpenApiTypes.OBJECT)
class ConfigPartsField(serializers.Field[Any, Any, Any, Any]):
    """Parts of a configuration by their names, each whole."""

    def to_internal_value(self, data: Any) -> Mapping[str, Any]:
        return parts_in(data, field=str(self.field_name))


class BriefProgressSerializer(serializers.Serializer[Any]):
    contacts = serializers.IntegerField()
    waiting = serializers.IntegerField()
    checking = serializers.IntegerField(help_text="Their numbers are being looked up.")
    calling = serializers.IntegerField()
    done = serializers.IntegerField()
    set_aside = serializers.IntegerField(help_text="Not dialed (any more), though nobody was reached.")
    remaining = serializers.SerializerMethodField(help_text="waiting + checking + calling.")
    attempts = serializers.IntegerField(help_text="That were dialed and have ended.")
    connected = serializers.IntegerField(help_text="Somebody or something answered.")
    human = serializers.IntegerField()
    converted = serializers.IntegerField(help_text="Contacts that reached the goal.")
    cost_micros = serializers.IntegerField()

    def get_remaining(self, progress: Any) -> int:
        return remaining(progress)


class CampaignItemSerializer(serializers.ModelSerializer[Campaign]):
    id = PrefixedIdField(Campaign.id_prefix, read_only=True)
    agent = PrefixedIdField(Agent.id_prefix, source="agent_id", read_only=True)
    agent_name = serializers.CharField(source="agent.name", read_only=True)
    state = serializers.ChoiceField(choices=CampaignState.choices, read_only=True)
    pause_code = serializers.ChoiceField(
        choices=PauseCode.choices,
        allow_blank=True,
        read_only=True,
        help_text="Which kind of thing paused it; empty while it is not paused.",
    )
    paused_by_itself = serializers.BooleanField(read_only=True, help_text="Nobody asked for the pause.")
    progress = BriefProgressSerializer(source="shown_progress", read_only=True)

    class Meta:
        model = Campaign
        fields = [
            "id",
            "name",
            "agent",
            "agent_name",
            "state",
            "pause_code",
            "pause_reason",
            "paused_by_itself",
            "started_at",
            "resumed_at",
            "ended_at",
            "created_at",
            "updated_at",
            "progress",
        ]
        read_only_fields = fields


class CampaignSerializer(CampaignItemSerializer):
    config = ConfigField(read_only=True)

    class Meta(CampaignItemSerializer.Meta):
        fields = [*CampaignItemSerializer.Meta.fields, "config"]
        read_only_fields = fields


class CampaignInput(StrictSerializer):
    name = serializers.CharField(max_length=200)
    agent = Reference(Agent)
    config = ConfigField(required=False, help_text="By the schema at /campaigns/config-schema.")

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        fields["agent"].required, fields["agent"].allow_null = True, False
        return fields


class CampaignChanges(StrictSerializer):
    name = serializers.CharField(max_length=200, required=False)
    agent = Reference(Agent, help_text="Only while the campaign is a draft.")
    config = ConfigPartsField(
        required=False, help_text="Parts by name (`hours`, `pacing`, ...), each replacing the whole part."
    )


class StopInput(StrictSerializer):
    running_calls = serializers.ChoiceField(
        choices=["finish", "hang_up"],
        default="finish",
        help_text="What becomes of calls that ring or talk; those in the queue are withdrawn.",
    )


class CloneInput(StrictSerializer):
    name = serializers.CharField(max_length=200, required=False, help_text='"Copy of ..." without it.')
    with_contacts = serializers.BooleanField(
        default=False, help_text="With its contacts, as if nobody had been called."
    )


class VersionResultSerializer(serializers.Serializer[Any]):
    version = serializers.CharField(help_text="agv_...")
    number = serializers.IntegerField()
    attempts = serializers.IntegerField()
    connected = serializers.IntegerField()
    human = serializers.IntegerField()
    converted = serializers.IntegerField()
    opted_out = serializers.IntegerField()
    talk_ms = serializers.IntegerField()
    cost_micros = serializers.IntegerField()
    conversion_rate = serializers.FloatField(
        allow_null=True, help_text="0 to 1, of the attempts that reached a person."
    )


class VersionComparisonSerializer(serializers.Serializer[Any]):
    leader = serializers.IntegerField(
        allow_null=True, help_text="Number of the version that converts more; null: that is not clear."
    )
    p_value = serializers.FloatField(
        allow_null=True,
        help_text="How often chance alone makes such a difference (two-proportion z-test); null: too few.",
    )
    words = serializers.CharField()


class ProgressSerializer(serializers.Serializer[Any]):
    campaign = serializers.CharField(help_text="cmp_...")
    state = serializers.ChoiceField(choices=CampaignState.choices)
    at = serializers.DateTimeField()
    contacts = serializers.IntegerField()
    waiting = serializers.IntegerField()
    checking = serializers.IntegerField()
    calling = serializers.IntegerField()
    done = serializers.IntegerField()
    set_aside = serializers.IntegerField()
    remaining = serializers.IntegerField(help_text="waiting + checking + calling.")
    attempts = serializers.IntegerField(help_text="That were dialed and have ended.")
    connected = serializers.IntegerField()
    human = serializers.IntegerField()
    machine = serializers.IntegerField()
    converted = serializers.IntegerField(help_text="Contacts.")
    opted_out = serializers.IntegerField()
    talk_ms = serializers.IntegerField()
    cost_micros = serializers.IntegerField(help_text="Millionths of `currency`.")
    held_micros = serializers.IntegerField(help_text="What the calls that go on may cost at most.")
    currency = serializers.CharField()
    outcomes = serializers.DictField(
        child=serializers.IntegerField(), help_text=f"Attempts by outcome: {', '.join(Outcome.values)}."
    )
    set_asides = serializers.DictField(
        child=serializers.IntegerField(), help_text=f"Contacts by why: {', '.join(SetAside.values)}."
    )
    calls_now = serializers.IntegerField(help_text="Calls that are queued, ring or talk.")
    estimated_finish = serializers.DateTimeField(
        allow_null=True, help_text="Inside the hours, as fast as lately; null while that cannot be said."
    )
    versions = VersionResultSerializer(many=True)
    comparison = VersionComparisonSerializer(allow_null=True)


class MinuteSerializer(serializers.ModelSerializer[Minute]):
    class Meta:
        model = Minute
        fields = [
            "begins",
            "started",
            "attempts",
            "connected",
            "human",
            "machine",
            "converted",
            "hung_up_early",
            "failed",
            "trunk_trouble",
            "finished",
            "cost_micros",
        ]
        read_only_fields = fields


class MinuteListSerializer(serializers.Serializer[Any]):
    results = MinuteSerializer(
        many=True, help_text="The oldest first; minutes without anything are left out."
    )


class AttemptSerializer(serializers.ModelSerializer[Attempt]):
    id = PrefixedIdField(Attempt.id_prefix, read_only=True)
    contact = PrefixedIdField(Contact.id_prefix, source="contact_id", read_only=True)
    number = serializers.IntegerField(read_only=True, help_text="1, 2, 3, ... of the contact.")
    call = PrefixedIdField(Call.id_prefix, source="call_id", read_only=True)
    caller = PrefixedIdField(PhoneNumber.id_prefix, source="caller_id", read_only=True)
    caller_e164 = serializers.CharField(source="caller.e164", read_only=True)
    version = PrefixedIdField(AgentVersion.id_prefix, source="version_id", read_only=True)
    version_number = serializers.IntegerField(source="version.number", read_only=True)
    state = serializers.ChoiceField(choices=AttemptState.choices, read_only=True)
    dialed = serializers.BooleanField(
        read_only=True, help_text="False: withdrawn before a line took the call; it does not count."
    )
    outcome = serializers.CharField(
        read_only=True,
        allow_blank=True,
        help_text=f"Empty while it is open; else {', '.join(Outcome.values)}.",
    )

    class Meta:
        model = Attempt
        fields = [
            "id",
            "contact",
            "number",
            "e164",
            "call",
            "caller",
            "caller_e164",
            "version",
            "version_number",
            "state",
            "decided_at",
            "dialed",
            "outcome",
            "converted",
            "talk_ms",
            "cost_micros",
            "ended_at",
        ]
        read_only_fields = fields
