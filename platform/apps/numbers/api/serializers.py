"""Numbers as the API shows and takes them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from apps.agents.models import Agent, AgentVersion
from apps.numbers.models import BYOC, PhoneNumber
from telephony.carriers.registry import CARRIERS
from telephony.trunks.models import Trunk
from tenants.models import TenantModel
from tenants.rest import PrefixedIdField, StrictSerializer


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
            "trunk",
            "agent",
            "agent_version",
            "created_at",
            "updated_at",
        ]
        read_only_fields = fields


class Reference(PrefixedIdField):
    """The public id of another of the tenant's rows; the validated value is the row."""

    default_error_messages = {"unknown": "There is no such {what}."}

    def __init__(self, model: type[TenantModel], **kwargs: Any) -> None:
        super().__init__(model.id_prefix, required=False, allow_null=True, **kwargs)
        self.model = model

    def to_internal_value(self, data: Any) -> Any:
        row_id = super().to_internal_value(data)
        row = self.model._default_manager.filter(pk=row_id).first()
        if row is None or getattr(row, "archived_at", None) is not None:
            self.fail("unknown", what=self.model._meta.verbose_name)
        return row


class NumberChanges(StrictSerializer):
    label = serializers.CharField(  # type: ignore[assignment]
        max_length=200, required=False, allow_blank=True
    )
    trunk = Reference(Trunk, help_text="For byoc: the trunk that its calls come and go through.")
    agent = Reference(Agent, help_text="Who takes its calls.")
    agent_version = Reference(AgentVersion, help_text="Pins a version; null: what is published.")


class NumberInput(NumberChanges):
    carrier = serializers.ChoiceField(choices=[*CARRIERS, BYOC])
    e164 = serializers.CharField(
        max_length=32,
        required=False,
        help_text="With + and country code. Left out: a free number of the carrier.",
    )
