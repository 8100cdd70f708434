"""Usage and invoices as the API shows them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from apps.agents.models import Agent
from apps.campaigns.models import Campaign
from apps.numbers.models import PhoneNumber
from apps.statements.models import Invoice, StatementSettings
from apps.statements.models.invoices import BILL_TO_CHARS
from apps.statements.selectors import DEFAULT_DAYS, GROUPS, MAX_DAYS
from tenants.rest import PrefixedIdField, RowSerializer, StrictSerializer

MICROS = "Millionths of the currency."


class UsageQuery(serializers.Serializer[Any]):
    group_by = serializers.ChoiceField(choices=list(GROUPS), default="day")
    agent = PrefixedIdField(Agent.id_prefix, required=False, help_text="Of this agent only; agt_...")
    campaign = PrefixedIdField(Campaign.id_prefix, required=False, help_text="Of this campaign; cmp_...")
    number = PrefixedIdField(PhoneNumber.id_prefix, required=False, help_text="Of your number; num_...")
    component = serializers.CharField(
        max_length=20, required=False, help_text="What is paid for, like platform, telephony or numbers."
    )

    def get_fields(self) -> dict[str, Any]:
        days = {
            "from": serializers.DateField(
                required=False, help_text=f"The first day, at most {MAX_DAYS} days before `until`."
            ),
            "until": serializers.DateField(
                required=False,
                help_text=f"The last day; today when left out, and `from` {DEFAULT_DAYS} days before.",
            ),
        }
        return days | super().get_fields()


class UsageTotalSerializer(serializers.Serializer[Any]):
    calls = serializers.IntegerField(help_text="That were charged, also with nothing; each counts once.")
    seconds = serializers.IntegerField(help_text="Of conversation.")
    micros = serializers.IntegerField(help_text=MICROS)
    components = serializers.DictField(
        child=serializers.IntegerField(), help_text="Millionths of the currency by what was paid for."
    )


class UsageRowSerializer(UsageTotalSerializer):
    key = serializers.CharField(
        allow_null=True, help_text="A day, an id or a component; null: of no agent (campaign, number)."
    )
    name = serializers.CharField()


class UsageSerializer(serializers.Serializer[Any]):
    until = serializers.DateField(source="wish.last")
    timezone = serializers.CharField(help_text="It says where a day begins.")
    currency = serializers.CharField()
    group_by = serializers.ChoiceField(choices=list(GROUPS), source="wish.group_by")
    total = UsageTotalSerializer()
    results = UsageRowSerializer(
        many=True, source="rows", help_text="By day, or what cost most first. With another group, no zeros."
    )

    def get_fields(self) -> dict[str, Any]:
        return {"from": serializers.DateField(source="wish.first")} | super().get_fields()


class InvoiceLineSerializer(serializers.Serializer[Any]):
    what = serializers.CharField()
    component = serializers.CharField()
    quantity = serializers.IntegerField()
    unit = serializers.CharField(allow_blank=True)
    amount_micros = serializers.IntegerField(help_text=MICROS)


class AddedLineSerializer(serializers.Serializer[Any]):
    what = serializers.CharField()
    amount_micros = serializers.IntegerField(help_text=MICROS)


class InvoiceSerializer(RowSerializer[Invoice]):
    id = PrefixedIdField(Invoice.id_prefix, read_only=True)
    total_micros = serializers.IntegerField(source="used_micros", read_only=True, help_text=MICROS)

    class Meta:
        model = Invoice
        fields = [
            "id",
            "number",
            "period_start",
            "period_end",
            "timezone",
            "currency",
            "opening_micros",
            "added_micros",
            "used_micros",
            "closing_micros",
            "total_micros",
            "created_at",
        ]
        read_only_fields = fields
        extra_kwargs = {
            "opening_micros": {"help_text": "The balance before."},
            "added_micros": {"help_text": "Payments and credits, less what was paid back."},
            "used_micros": {"help_text": "What was charged."},
            "closing_micros": {"help_text": "The balance after."},
        }


class WholeInvoiceSerializer(InvoiceSerializer):
    lines = InvoiceLineSerializer(many=True, read_only=True)
    added = AddedLineSerializer(many=True, read_only=True)

    class Meta(InvoiceSerializer.Meta):
        fields = [*InvoiceSerializer.Meta.fields, "lines", "added", "issuer", "bill_to"]
        read_only_fields = fields


class StatementSettingsSerializer(RowSerializer[StatementSettings]):
    class Meta:
        model = StatementSettings
        fields = ["timezone", "bill_to", "updated_at"]
        read_only_fields = fields


class StatementSettingsInput(StrictSerializer):
    timezone = serializers.CharField(max_length=64, help_text="Of the IANA database, like Europe/Berlin.")
    bill_to = serializers.CharField(
        max_length=BILL_TO_CHARS,
        allow_blank=True,
        required=False,
        default="",
        trim_whitespace=False,
        help_text="Lines below your name on invoices: an address, a tax number.",
    )
