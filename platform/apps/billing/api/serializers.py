"""Money as the API shows it."""

from __future__ import annotations

from rest_framework import serializers

from apps.billing.models import Wallet


class WalletSerializer(serializers.ModelSerializer[Wallet]):
    available_micros = serializers.IntegerField(
        read_only=True, help_text="What may still be spent: the balance without what is held."
    )

    class Meta:
        model = Wallet
        fields = ["currency", "balance_micros", "held_micros", "available_micros", "updated_at"]
        read_only_fields = fields
        extra_kwargs = {
            "balance_micros": {"help_text": "Millionths of the currency."},
            "held_micros": {"help_text": "Of the balance, promised to calls that have not ended."},
        }
