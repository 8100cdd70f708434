"""What is kept, held, purged and asked for, as the API shows it."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.calls.models import Call
from apps.numbers.e164 import parse_e164
from apps.privacy.models import LONGEST_DAYS, Kind, LegalHold, PersonRequest, Purge, RequestKind
from tenants.errors import InvalidInput
from tenants.rest import PrefixedIdField, Reference, RowSerializer, StrictSerializer


class E164Field(serializers.CharField):
    """A telephone number as it is dialed from anywhere, cleaned to E.164."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=40, **options)

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        if not text:
            return ""
        try:
            return parse_e164(text)
        except InvalidInput as error:
            raise serializers.ValidationError(error.detail, code="invalid") from error


def _days(kind: Kind) -> serializers.IntegerField:
    return serializers.IntegerField(
        required=False,
        allow_null=True,
        min_value=1,
        max_value=LONGEST_DAYS,
        help_text=f"{kind.label}: kept for so many days; null: for ever.",
    )


class RetentionSerializer(StrictSerializer):
    """Days by kind."""

    recordings = _days(Kind.RECORDINGS)
    captures = _days(Kind.CAPTURES)
    transcripts = _days(Kind.TRANSCRIPTS)
    calls = _days(Kind.CALLS)
    contacts = _days(Kind.CONTACTS)
    messages = _days(Kind.MESSAGES)
    deliveries = _days(Kind.DELIVERIES)


class ForeseenSerializer(serializers.Serializer[Any]):
    days = serializers.IntegerField()
    rows = serializers.IntegerField()
    files = serializers.IntegerField()
    bytes = serializers.IntegerField()
    oldest = serializers.DateTimeField(allow_null=True)
    newest = serializers.DateTimeField(allow_null=True)
    held = serializers.IntegerField(help_text="Rows that are old enough and that a legal hold keeps.")


class PurgePreviewSerializer(serializers.Serializer[Any]):
    day = serializers.DateField(help_text="Of the purge that is foreseen.")
    kinds = serializers.DictField(
        child=ForeseenSerializer(), help_text="By kind; those that stay for ever are not in it."
    )


class PurgedSerializer(ForeseenSerializer):
    days = serializers.IntegerField(
        allow_null=True, help_text="Null: kept for ever again since something of it went."
    )
    digest = serializers.CharField(
        help_text="SHA-256 over a line for each row or file, sorted: the row's id in hexadecimal, a space, "
        "the file's SHA-256 or `-`, a line feed."
    )


class PurgeSerializer(RowSerializer[Purge]):
    id = PrefixedIdField(Purge.id_prefix, read_only=True)
    kinds = serializers.SerializerMethodField(help_text="What went, by kind.")

    class Meta:
        model = Purge
        fields = ["id", "day", "kinds", "left", "files_gone", "problem", "created_at", "ended_at"]
        read_only_fields = fields

    @extend_schema_field(serializers.DictField(child=PurgedSerializer()))
    def get_kinds(self, row: Purge) -> dict[str, Any]:
        return dict(row.kinds)


class LegalHoldSerializer(RowSerializer[LegalHold]):
    id = PrefixedIdField(LegalHold.id_prefix, read_only=True)
    call = PrefixedIdField(Call.id_prefix, source="call_id", read_only=True, allow_null=True)
    phone_number = serializers.CharField(source="e164", read_only=True, help_text="E.164, or empty.")

    class Meta:
        model = LegalHold
        fields = ["id", "name", "reason", "call", "phone_number", "created_at", "released_at"]
        read_only_fields = fields


class LegalHoldInput(StrictSerializer):
    name = serializers.CharField(max_length=200)
    reason = serializers.CharField(max_length=2_000, help_text="For whoever asks later.")
    call = Reference(Call, help_text="Only this call.")
    phone_number = E164Field(
        required=False,
        allow_blank=True,
        default="",
        help_text="All of this number. With neither: all data.",
    )


class PersonRequestSerializer(RowSerializer[PersonRequest]):
    id = PrefixedIdField(PersonRequest.id_prefix, read_only=True)
    phone_number = serializers.CharField(
        source="e164", read_only=True, help_text="E.164; empty once everything about it was deleted."
    )

    class Meta:
        model = PersonRequest
        fields = [
            "id",
            "kind",
            "phone_number",
            "note",
            "state",
            "progress",
            "report",
            "problem",
            "size_bytes",
            "expires_at",
            "created_at",
            "ended_at",
        ]
        read_only_fields = fields


class PersonRequestInput(StrictSerializer):
    kind = serializers.ChoiceField(choices=RequestKind.choices)
    phone_number = E164Field(help_text="Of the person, in E.164.")
    note = serializers.CharField(required=False, allow_blank=True, max_length=500, default="")
    confirm = E164Field(required=False, help_text="The number again: a deletion cannot be undone.")
