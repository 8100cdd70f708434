"""Money as the API shows it."""

from __future__ import annotations

from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.billing.models import Entry, Wallet
from apps.billing.services import limits
from tenants.rest import PrefixedIdField, RowSerializer

CALL = "call_"


class WalletSerializer(serializers.ModelSerializer[Wallet]):
    available_micros = serializers.IntegerField(
        read_only=True, help_text="The balance without what is held of it."
    )
    spendable_micros = serializers.SerializerMethodField(
        help_text="What a call may still cost: what is available, as far as the workspace's spend limits go."
    )

    class Meta:
        model = Wallet
        fields = [
            "currency",
            "balance_micros",
            "held_micros",
            "available_micros",
            "spendable_micros",
            "debt_micros",
            "updated_at",
        ]
        read_only_fields = fields
        extra_kwargs = {
            "balance_micros": {"help_text": "Millionths of the currency."},
            "held_micros": {"help_text": "Of the balance, promised to calls and orders that go on."},
            "debt_micros": {"help_text": "What is owed; whatever is paid in pays it first."},
        }

    def get_spendable_micros(self, wallet: Wallet) -> int:
        now = timezone.now()
        room = limits.room(tenant_id=wallet.tenant_id, now=now)
        return room.most((), wallet.available_micros, began=now)


class EntrySerializer(RowSerializer[Entry]):
    id = PrefixedIdField(Entry.id_prefix, read_only=True)
    call = serializers.SerializerMethodField(help_text="The call that it is about, or null.")
    amount_micros = serializers.SerializerMethodField(
        help_text="What it did to the balance, in millionths of the currency; a charge is negative."
    )
    balance_after_micros = serializers.IntegerField(
        read_only=True, allow_null=True, help_text="Null: the balance was not touched."
    )

    class Meta:
        model = Entry
        fields = [
            "id",
            "kind",
            "why",
            "reference",
            "subject",
            "call",
            "amount_micros",
            "balance_after_micros",
            "created_at",
        ]
        read_only_fields = fields
        extra_kwargs = {
            "reference": {"help_text": "What happened; each happens once."},
            "subject": {"help_text": "The id of what it is about, or empty."},
        }

    @extend_schema_field({"type": ["string", "null"], "pattern": "^call_[0-9a-f]{32}$"})
    def get_call(self, entry: Entry) -> str | None:
        return entry.subject if entry.subject.startswith(CALL) else None

    def get_amount_micros(self, entry: Entry) -> int:
        return getattr(entry, "amount_micros", None) or 0
