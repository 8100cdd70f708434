"""Entries as the API shows them."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from tenants.audit.models import ActorKind, AuditEntry
from tenants.audit.selectors import changes_of, object_public_id
from tenants.rest import PrefixedIdField


class ActorSerializer(serializers.Serializer[AuditEntry]):
    id = serializers.CharField(source="actor_id", allow_null=True, help_text="`usr_...` or `key_...`.")
    label = serializers.CharField(  # type: ignore[assignment]
        source="actor_label", help_text="Their name at that time."
    )
    kind = serializers.ChoiceField(source="actor_kind", choices=ActorKind.choices)

    def to_representation(self, instance: AuditEntry) -> dict[str, Any]:
        shown = super().to_representation(instance)
        return shown | {"id": shown["id"] or None}


class ChangeSerializer(serializers.Serializer[Any]):
    field = serializers.CharField(help_text="Dotted inside a configuration: `draft.first_message`.")
    before = serializers.JSONField(help_text="Anything; null when there was nothing.")
    after = serializers.JSONField(help_text="As `before`.")


class AuditEntrySerializer(serializers.ModelSerializer[AuditEntry]):
    id = PrefixedIdField(AuditEntry.id_prefix, read_only=True)
    actor = ActorSerializer(source="*", read_only=True)
    impersonator = serializers.SerializerMethodField(
        help_text="The e-mail address of the platform's staff member who acted as this person, if one did."
    )
    object_id = serializers.SerializerMethodField(help_text="Empty when the entry is about no object.")
    changes = serializers.SerializerMethodField(help_text='Secrets appear as "(secret)" only.')

    class Meta:
        model = AuditEntry
        fields = [
            "id",
            "at",
            "actor",
            "impersonator",
            "ip",
            "user_agent",
            "action",
            "object_type",
            "object_id",
            "object_label",
            "changes",
        ]
        read_only_fields = fields

    def get_impersonator(self, entry: AuditEntry) -> str | None:
        return entry.impersonator or None

    def get_object_id(self, entry: AuditEntry) -> str:
        return object_public_id(entry)

    @extend_schema_field(ChangeSerializer(many=True))
    def get_changes(self, entry: AuditEntry) -> list[dict[str, Any]]:
        return [asdict(change) for change in changes_of(entry)]
