"""Follow-ups as the API shows them."""

from __future__ import annotations

from apps.calls.models import Call
from apps.followups.models import Callback, TextMessage
from tenants.rest import PrefixedIdField, RowSerializer


class CallbackSerializer(RowSerializer[Callback]):
    id = PrefixedIdField(Callback.id_prefix, read_only=True)
    call = PrefixedIdField(
        Call.id_prefix, source="call_id", read_only=True, help_text="In which it was asked for."
    )
    placed_call = PrefixedIdField(
        Call.id_prefix, source="placed_call_id", read_only=True, allow_null=True, help_text="What came of it."
    )

    class Meta:
        model = Callback
        fields = ["id", "call", "to_number", "at", "note", "state", "placed_call", "problem", "created_at"]
        read_only_fields = fields


class TextMessageSerializer(RowSerializer[TextMessage]):
    id = PrefixedIdField(TextMessage.id_prefix, read_only=True)
    call = PrefixedIdField(
        Call.id_prefix, source="call_id", read_only=True, help_text="In which it was sent."
    )

    class Meta:
        model = TextMessage
        fields = [
            "id",
            "call",
            "from_number",
            "to_number",
            "text",
            "state",
            "carrier_id",
            "problem",
            "attempts",
            "created_at",
        ]
        read_only_fields = fields
