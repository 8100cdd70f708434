"""Payments as the API shows and takes them. Money in millionths of the currency."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.billing.models import CURRENCY
from apps.payments import selectors
from apps.payments.models import (
    Customer,
    Dispute,
    Payment,
    PaymentKind,
    PaymentState,
    Refund,
    RefundState,
    SubscriptionState,
)
from tenants.rest import PrefixedIdField, RowSerializer, StrictSerializer

MOST = 10**12
RECHARGE_STATES = ["off", "on", "paused", "no_card"]


class CardSerializer(serializers.Serializer[Any]):
    """The card that is charged when nobody is there."""

    brand = serializers.CharField()
    last4 = serializers.CharField()
    exp_month = serializers.IntegerField(allow_null=True)
    exp_year = serializers.IntegerField(allow_null=True)


class PaidWithSerializer(serializers.Serializer[Any]):
    brand = serializers.CharField()
    last4 = serializers.CharField()


class PaymentSettingsSerializer(serializers.Serializer[Any]):
    configured = serializers.BooleanField(
        help_text="Whether payments are set up on this platform; else its staff credit balances."
    )
    test_mode = serializers.BooleanField(help_text="With the payment provider's test cards: no real money.")
    currency = serializers.CharField()
    least_micros = serializers.IntegerField(help_text="Of one payment.")
    most_micros = serializers.IntegerField()
    automatic_tax = serializers.BooleanField(help_text="The provider adds tax to what is paid.")
    card = CardSerializer(allow_null=True)
    debt_micros = serializers.IntegerField(
        help_text="Owed: outbound calls are stopped, the next payment pays it."
    )
    problem = serializers.CharField(help_text="What is not in order, with what to do; else empty.")


class RefundSerializer(RowSerializer[Refund]):
    id = PrefixedIdField(Refund.id_prefix, read_only=True)
    state = serializers.ChoiceField(choices=RefundState.choices, read_only=True)

    class Meta:
        model = Refund
        fields = ["id", "amount_micros", "tax_micros", "state", "why", "problem", "created_at"]
        read_only_fields = fields


class DisputeSerializer(RowSerializer[Dispute]):
    class Meta:
        model = Dispute
        fields = ["state", "reason", "amount_micros", "evidence_due_at"]
        read_only_fields = fields
        extra_kwargs = {"state": {"help_text": "As card networks say it: needs_response, won, lost, ..."}}


class PaymentSerializer(RowSerializer[Payment]):
    """With `refundable` in the context: what of a payment can be sent back (`refundable_in`)."""

    id = PrefixedIdField(Payment.id_prefix, read_only=True)
    kind = serializers.ChoiceField(choices=PaymentKind.choices, read_only=True)
    state = serializers.ChoiceField(choices=PaymentState.choices, read_only=True)
    total_micros = serializers.IntegerField(read_only=True, help_text="What the card pays, with tax.")
    refundable_micros = serializers.SerializerMethodField(
        help_text="At most so much can be sent back now: what is free in the balance, without what was given."
    )
    card = serializers.SerializerMethodField()
    pay_url = serializers.SerializerMethodField(help_text="Where a person can pay or confirm it.")
    receipt_url = serializers.SerializerMethodField()
    invoice_url = serializers.SerializerMethodField()
    refunds = RefundSerializer(many=True, read_only=True)
    dispute = serializers.SerializerMethodField()

    class Meta:
        model = Payment
        fields = [
            "id", "kind", "state", "amount_micros", "tax_micros", "total_micros", "refunded_micros",
            "refundable_micros", "disputed_micros", "currency", "card", "problem", "problem_code", "pay_url",
            "receipt_url", "invoice_url", "next_at", "created_at", "succeeded_at", "refunds", "dispute",
        ]  # fmt: skip
        read_only_fields = fields
        extra_kwargs = {
            "amount_micros": {"help_text": "What it adds to the balance, or what the plan costs."},
            "problem": {"help_text": "In words, with what to do; empty when nothing is wrong."},
            "next_at": {"help_text": "Of an open one: when it is tried or looked at next."},
        }

    def get_refundable_micros(self, payment: Payment) -> int:
        return int(self.context["refundable"](payment))

    @extend_schema_field(PaidWithSerializer(allow_null=True))
    def get_card(self, payment: Payment) -> dict[str, str] | None:
        if not payment.card_brand:
            return None
        return {"brand": payment.card_brand, "last4": payment.card_last4}

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_pay_url(self, payment: Payment) -> str | None:
        return payment.pay_url or None if payment.is_open else None

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_receipt_url(self, payment: Payment) -> str | None:
        return payment.receipt_url or None

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_invoice_url(self, payment: Payment) -> str | None:
        return payment.invoice_url or None

    @extend_schema_field(DisputeSerializer(allow_null=True))
    def get_dispute(self, payment: Payment) -> Any:
        newest = max(payment.disputes.all(), key=lambda row: row.pk, default=None)
        return DisputeSerializer(newest).data if newest else None


class TopUpInput(StrictSerializer):
    amount_micros = serializers.IntegerField(min_value=1, max_value=MOST, help_text="Without tax.")
    save_card = serializers.BooleanField(
        default=True, help_text="The card is kept, for automatic recharges and plans."
    )


class TopUpSerializer(serializers.Serializer[Any]):
    payment = PaymentSerializer()
    url = serializers.CharField(help_text="The provider's page on which a person pays. For two hours.")


class PageSerializer(serializers.Serializer[Any]):
    url = serializers.CharField(help_text="The provider's page: send the person there.")


class RefundInput(StrictSerializer):
    amount_micros = serializers.IntegerField(min_value=1, max_value=MOST, help_text="In whole cents.")
    why = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")


class RechargeInput(StrictSerializer):
    enabled = serializers.BooleanField()
    threshold_micros = serializers.IntegerField(
        min_value=0, max_value=MOST, help_text="When less than this is free, the card is charged."
    )
    amount_micros = serializers.IntegerField(min_value=1, max_value=MOST, help_text="Of each charge.")
    day_limit_micros = serializers.IntegerField(
        min_value=1, max_value=MOST, required=False, allow_null=True, default=None,
        help_text="At most so much in a day (UTC); null: as often as needed.",
    )  # fmt: skip
    month_limit_micros = serializers.IntegerField(
        min_value=1, max_value=MOST, required=False, allow_null=True, default=None
    )


class RechargeSerializer(serializers.Serializer[Any]):
    enabled = serializers.BooleanField()
    threshold_micros = serializers.IntegerField()
    amount_micros = serializers.IntegerField()
    day_limit_micros = serializers.IntegerField(allow_null=True)
    month_limit_micros = serializers.IntegerField(allow_null=True)
    state = serializers.ChoiceField(choices=RECHARGE_STATES)
    problem = serializers.CharField(help_text="Why it does not charge now, with what to do; else empty.")
    card = CardSerializer(allow_null=True)
    currency = serializers.CharField()
    today_micros = serializers.IntegerField(help_text="Charged by itself today, or about to be.")
    month_micros = serializers.IntegerField()


class SubscriptionInput(StrictSerializer):
    plan = serializers.SlugField(max_length=40, help_text="The code of a plan.")


class SubscriptionSerializer(serializers.Serializer[Any]):
    plan = serializers.CharField(help_text="The code of the plan that the tenant has now.")
    state = serializers.ChoiceField(choices=SubscriptionState.choices)
    period_end = serializers.DateTimeField(allow_null=True, help_text="When it is paid again, or ends.")
    cancel_at_period_end = serializers.BooleanField()
    problem = serializers.CharField()
    pay_url = serializers.CharField(allow_null=True)


class ChangedSubscriptionSerializer(serializers.Serializer[Any]):
    subscription = SubscriptionSerializer()
    url = serializers.CharField(
        allow_null=True, help_text="The page on which a person pays the plan; null: it holds already."
    )


def card_shown(customer: Customer | None) -> dict[str, Any] | None:
    """As `CardSerializer`; None without a saved card."""
    if customer is None or not customer.card_id:
        return None
    return {
        "brand": customer.card_brand,
        "last4": customer.card_last4,
        "exp_month": customer.card_exp_month,
        "exp_year": customer.card_exp_year,
    }


def recharge_shown(*, today: int, month: int) -> dict[str, Any]:
    """As `RechargeSerializer`."""
    row, customer = selectors.recharge(), selectors.customer()
    card = card_shown(customer)
    state = "off" if not row.enabled else "paused" if row.paused_at else "on" if card else "no_card"
    return {
        "enabled": row.enabled,
        "threshold_micros": row.threshold_micros,
        "amount_micros": row.amount_micros,
        "day_limit_micros": row.day_limit_micros,
        "month_limit_micros": row.month_limit_micros,
        "state": state,
        "problem": row.problem if row.enabled else "",
        "card": card,
        "currency": CURRENCY,
        "today_micros": today,
        "month_micros": month,
    }
