"""Agents as the API shows and takes them."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.agents.configuration import parse_config
from apps.agents.model_keys import read, secrets_in
from apps.agents.models import Agent, AgentVersion
from apps.agents.verdicts import verdicts_of
from media_workers.contract.agent import AgentConfig
from tenants.rest import PrefixedIdField, StrictSerializer


@extend_schema_field(OpenApiTypes.OBJECT)
class ConfigField(serializers.Field[Any, Any, Any, Any]):
    """An agent's configuration; its schema is at /agents/config-schema. Keys and secrets are never shown."""

    def to_internal_value(self, data: Any) -> AgentConfig:
        return parse_config(data, field=str(self.field_name))

    def to_representation(self, value: dict[str, Any]) -> dict[str, Any]:
        return value


class VersionSerializer(serializers.ModelSerializer[AgentVersion]):
    id = PrefixedIdField(AgentVersion.id_prefix, read_only=True)
    config = ConfigField(read_only=True)
    api_key_set = serializers.SerializerMethodField(help_text="Whether a key for the model is stored.")
    fallback_api_keys_set = serializers.SerializerMethodField(
        help_text="Whether one is stored for each of `config.fallbacks.models`."
    )
    secrets_set = serializers.SerializerMethodField(help_text="Names of the tools' secrets that are stored.")
    created_by = serializers.SerializerMethodField(
        help_text="E-mail address of who published it; null when they have left, or nobody's key did it."
    )

    class Meta:
        model = AgentVersion
        fields = [
            "id",
            "number",
            "note",
            "config",
            "api_key_set",
            "fallback_api_keys_set",
            "secrets_set",
            "created_by",
            "created_at",
        ]
        read_only_fields = fields

    def get_api_key_set(self, version: AgentVersion) -> bool:
        return "model" in read(version.api_keys)

    def get_fallback_api_keys_set(self, version: AgentVersion) -> list[bool]:
        return _fallback_keys(version.config, version.api_keys)

    def get_secrets_set(self, version: AgentVersion) -> list[str]:
        return sorted(secrets_in(read(version.api_keys)))

    def get_created_by(self, version: AgentVersion) -> str | None:
        return version.created_by.email if version.created_by is not None else None


def _fallback_keys(document: dict[str, Any], keys: str) -> list[bool]:
    held = read(keys)
    return [f"fallbacks.models.{n}" in held for n, _ in enumerate(document["fallbacks"]["models"])]


class RemarkSerializer(serializers.Serializer[Any]):
    field = serializers.CharField(help_text="Dotted place in the body, as in a problem's `errors`.")
    code = serializers.CharField(help_text="For programs: language, no_key, no_tools, no_end_of_turn.")
    detail = serializers.CharField()


class SuiteVerdictSerializer(serializers.Serializer[Any]):
    suite = serializers.CharField()
    name = serializers.CharField()
    run = serializers.CharField()
    state = serializers.ChoiceField(choices=["passed", "failed", "cancelled"])
    total = serializers.IntegerField()
    passed = serializers.IntegerField()
    ended_at = serializers.DateTimeField()


class TestedVersionSerializer(VersionSerializer):
    suites = serializers.SerializerMethodField(help_text="How each test suite ended last with it.")

    class Meta(VersionSerializer.Meta):
        fields = [*VersionSerializer.Meta.fields, "suites"]
        read_only_fields = fields

    @extend_schema_field(SuiteVerdictSerializer(many=True))
    def get_suites(self, version: AgentVersion) -> list[dict[str, Any]]:
        return verdicts_of(version)


class HeldPublicationSerializer(serializers.Serializer[Any]):
    """Shown in whole at /publications/{id}."""

    id = serializers.CharField(help_text="pub_...")
    state = serializers.CharField(help_text="running")


class NewVersionSerializer(VersionSerializer):
    warnings = RemarkSerializer(many=True, read_only=True, help_text="What is worth a look.")

    class Meta(VersionSerializer.Meta):
        fields = [*VersionSerializer.Meta.fields, "warnings"]
        read_only_fields = fields


class CheckInput(StrictSerializer):
    config = ConfigField(help_text="By the schema at /agents/config-schema.")


class FlowCheckInput(StrictSerializer):
    flow = serializers.DictField(help_text="The flow, by the schema at /agents/config-schema.")


class FlowRemarkSerializer(serializers.Serializer[Any]):
    path = serializers.CharField(help_text="Dotted, as saving tells it: `config.flow.nodes.ask.edges`.")
    code = serializers.CharField()
    detail = serializers.CharField()


class FlowCheckSerializer(serializers.Serializer[Any]):
    problems = FlowRemarkSerializer(many=True, help_text="They keep it from being saved.")
    warnings = FlowRemarkSerializer(many=True)


class ConfigCheckSerializer(serializers.Serializer[Any]):
    warnings = RemarkSerializer(many=True, help_text="`no_key` keeps it from being published.")


class PublishedVersionSerializer(serializers.ModelSerializer[AgentVersion]):
    id = PrefixedIdField(AgentVersion.id_prefix, read_only=True)

    class Meta:
        model = AgentVersion
        fields = ["id", "number", "note", "created_at"]
        read_only_fields = fields


class AgentSerializer(serializers.ModelSerializer[Agent]):
    id = PrefixedIdField(Agent.id_prefix, read_only=True)
    config = ConfigField(source="draft", read_only=True, help_text="The draft.")
    api_key_set = serializers.SerializerMethodField(help_text="Whether a key for the model is stored.")
    fallback_api_keys_set = serializers.SerializerMethodField(
        help_text="Whether one is stored for each of `config.fallbacks.models`."
    )
    secrets_set = serializers.SerializerMethodField(help_text="Names of the tools' secrets that are stored.")
    published_version = PublishedVersionSerializer(
        read_only=True, allow_null=True, help_text="What takes calls; null until the first publication."
    )
    has_unpublished_changes = serializers.SerializerMethodField()

    class Meta:
        model = Agent
        fields = [
            "id",
            "name",
            "config",
            "api_key_set",
            "fallback_api_keys_set",
            "secrets_set",
            "published_version",
            "has_unpublished_changes",
            "created_at",
            "updated_at",
        ]
        read_only_fields = fields

    def get_api_key_set(self, agent: Agent) -> bool:
        return "model" in read(agent.draft_api_keys)

    def get_fallback_api_keys_set(self, agent: Agent) -> list[bool]:
        return _fallback_keys(agent.draft, agent.draft_api_keys)

    def get_secrets_set(self, agent: Agent) -> list[str]:
        return sorted(secrets_in(read(agent.draft_api_keys)))

    def get_has_unpublished_changes(self, agent: Agent) -> bool:
        version = agent.published_version
        if version is None:
            return True
        return (version.config, version.api_keys) != (agent.draft, agent.draft_api_keys)


class AgentChanges(StrictSerializer):
    name = serializers.CharField(max_length=200, required=False)
    config = ConfigField(required=False, help_text="The draft, by the schema at /agents/config-schema.")


class AgentInput(AgentChanges):
    name = serializers.CharField(max_length=200)
    config = ConfigField(help_text="The draft, by the schema at /agents/config-schema.")


class DuplicateInput(StrictSerializer):
    name = serializers.CharField(
        max_length=200, required=False, help_text='Left out: "Copy of" and the name.'
    )


class TemplateSerializer(serializers.Serializer[Any]):
    key = serializers.CharField()
    name = serializers.CharField()
    description = serializers.CharField()
    config = ConfigField(read_only=True, help_text="For a new agent, as it is or changed.")


class TemplateListSerializer(serializers.Serializer[Any]):
    results = TemplateSerializer(many=True)


class PublishInput(StrictSerializer):
    note = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")
    skip_suites = serializers.BooleanField(
        default=False,
        help_text="Publish at once, without the gating test suites: owners in person, with a note that says "
        "why. It is noted in the audit log.",
    )


class RollBackInput(StrictSerializer):
    number = serializers.IntegerField(min_value=1, help_text="The version that is to take calls again.")
