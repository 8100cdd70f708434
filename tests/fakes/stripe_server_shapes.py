"""Objects of Stripe's API as it answers with them, version 2026-10-28: every field, most of them empty.

The names are compared with Stripe's published fixtures in tests/apps/payments/test_stripe_server.py.
"""

from __future__ import annotations

import secrets
import string
from typing import Any

_EMPTY: dict[str, str] = {
    "customer": (
        "address:{} balance:0 created currency default_source delinquent:false description discount email "
        "invoice_prefix invoice_settings:{} livemode:false metadata:{} name next_invoice_sequence:1 phone "
        "preferred_locales:[] shipping tax_exempt test_clock"
    ),
    "checkout.session": (
        "after_expiration allow_promotion_codes amount_subtotal amount_total automatic_tax:{} "
        "billing_address_collection cancel_url client_reference_id client_secret consent "
        "consent_collection created currency custom_fields:[] custom_text:{} customer customer_creation "
        "customer_details customer_email expires_at invoice invoice_creation livemode:false locale "
        "metadata:{} mode payment_intent payment_link payment_method_collection "
        "payment_method_configuration_details payment_method_options:{} payment_method_types:[] "
        "payment_status phone_number_collection:{} recovered_from saved_payment_method_options "
        "setup_intent shipping_address_collection shipping_cost shipping_options:[] status submit_type "
        "subscription success_url total_details ui_mode url adaptive_pricing discounts "
        "collected_information permissions wallet_options origin_context currency_conversion "
        "customer_account integration_identifier managed_payments"
    ),
    "payment_intent": (
        "amount:0 amount_capturable:0 amount_details:{} amount_received:0 application "
        "application_fee_amount automatic_payment_methods canceled_at cancellation_reason capture_method "
        "client_secret confirmation_method created currency customer description last_payment_error "
        "latest_charge livemode:false metadata:{} next_action on_behalf_of payment_method "
        "payment_method_configuration_details payment_method_options:{} payment_method_types:[] "
        "processing receipt_email review setup_future_usage shipping statement_descriptor "
        "statement_descriptor_suffix status transfer_data transfer_group source "
        "excluded_payment_method_types customer_account managed_payments"
    ),
    "setup_intent": (
        "application automatic_payment_methods cancellation_reason client_secret created customer "
        "description flow_directions last_setup_error latest_attempt livemode:false mandate metadata:{} "
        "next_action on_behalf_of payment_method payment_method_configuration_details "
        "payment_method_options:{} payment_method_types:[] single_use_mandate status usage "
        "excluded_payment_method_types"
    ),
    "payment_method": (
        "allow_redisplay billing_details:{} card:{} created customer livemode:false metadata:{} type "
        "customer_account"
    ),
    "charge": (
        "amount:0 amount_captured:0 amount_refunded:0 application application_fee application_fee_amount "
        "balance_transaction billing_details:{} calculated_statement_descriptor captured:false created "
        "currency customer description disputed:false failure_balance_transaction failure_code "
        "failure_message fraud_details:{} livemode:false metadata:{} on_behalf_of outcome paid:false "
        "payment_intent payment_method payment_method_details:{} receipt_email receipt_number receipt_url "
        "refunded:false refunds:{} review shipping source_transfer statement_descriptor "
        "statement_descriptor_suffix status transfer_data transfer_group source"
    ),
    "refund": (
        "amount:0 balance_transaction charge created currency destination_details:{} metadata:{} "
        "payment_intent reason receipt_number source_transfer_reversal status transfer_reversal customer "
        "customer_account payment_method"
    ),
    "dispute": (
        "amount:0 balance_transactions:[] charge created currency evidence:{} evidence_details:{} "
        "is_charge_refundable:false livemode:false metadata:{} payment_intent payment_method_details:{} "
        "reason status enhanced_eligibility_types:[]"
    ),
    "balance_transaction": (
        "amount:0 available_on created currency description exchange_rate fee:0 fee_details:[] net:0 "
        "reporting_category source status type balance_type"
    ),
    "invoice": (
        "account_country account_name account_tax_ids amount_due:0 amount_paid:0 amount_remaining:0 "
        "amount_shipping:0 application attempt_count:0 attempted:false auto_advance:false "
        "automatic_tax:{} billing_reason collection_method created currency custom_fields customer "
        "customer_address customer_email customer_name customer_phone customer_shipping "
        "customer_tax_exempt customer_tax_ids:[] default_payment_method default_source "
        "default_tax_rates:[] description discounts:[] due_date effective_at ending_balance footer "
        "from_invoice hosted_invoice_url invoice_pdf issuer:{} last_finalization_error latest_revision "
        "lines:{} livemode:false metadata:{} next_payment_attempt number on_behalf_of payment_settings:{} "
        "period_end period_start post_payment_credit_notes_amount:0 pre_payment_credit_notes_amount:0 "
        "receipt_number rendering shipping_cost shipping_details starting_balance:0 statement_descriptor "
        "status status_transitions:{} subscription subtotal:0 subtotal_excluding_tax:0 test_clock total:0 "
        "total_discount_amounts:[] total_excluding_tax:0 webhooks_delivered_at automatically_finalizes_at "
        "total_pretax_credit_amounts total_taxes amount_overpaid:0 parent customer_account"
    ),
    "invoice_payment": (
        "amount_paid amount_requested:0 created currency invoice is_default:true livemode:false "
        "payment:{} status status_transitions:{}"
    ),
    "invoiceitem": (
        "amount:0 currency customer date description discountable:true discounts:[] invoice "
        "livemode:false metadata:{} parent period:{} pricing proration:false quantity:1 tax_rates:[] "
        "test_clock customer_account net_amount:0 quantity_decimal"
    ),
    "product": (
        "active:true created default_price description images:[] livemode:false marketing_features:[] "
        "metadata:{} name package_dimensions shippable statement_descriptor tax_code unit_label updated "
        "url type"
    ),
    "price": (
        "active:true billing_scheme created currency custom_unit_amount livemode:false lookup_key "
        "metadata:{} nickname product recurring tax_behavior tiers_mode transform_quantity type "
        "unit_amount:0 unit_amount_decimal"
    ),
    "subscription": (
        "application application_fee_percent automatic_tax:{} billing_cycle_anchor "
        "billing_cycle_anchor_config cancel_at canceled_at cancellation_details:{} collection_method "
        "created currency customer days_until_due default_payment_method default_source "
        "default_tax_rates:[] description discounts:[] ended_at invoice_settings:{} items:{} "
        "latest_invoice livemode:false metadata:{} next_pending_invoice_item_invoice on_behalf_of "
        "pause_collection payment_settings:{} pending_invoice_item_interval pending_setup_intent "
        "pending_update schedule start_date status test_clock transfer_data trial_end trial_settings "
        "trial_start cancel_at_period_end:false billing_thresholds billing_mode:{} customer_account "
        "managed_payments billing_schedules:[]"
    ),
    "subscription_item": (
        "created discounts:[] metadata:{} price quantity:1 subscription tax_rates:[] plan "
        "current_period_end current_period_start billing_thresholds"
    ),
    "billing_portal.session": (
        "configuration created customer flow livemode:false locale on_behalf_of return_url url "
        "customer_account"
    ),
    "event": ("api_version created data:{} livemode:false pending_webhooks:0 request:{} type"),
}
_PREFIXES = {
    "customer": "cus_",
    "checkout.session": "cs_test_",
    "payment_intent": "pi_",
    "setup_intent": "seti_",
    "payment_method": "pm_",
    "charge": "ch_",
    "refund": "re_",
    "dispute": "dp_",
    "balance_transaction": "txn_",
    "invoice": "in_",
    "invoice_payment": "inpay_",
    "invoiceitem": "ii_",
    "product": "prod_",
    "price": "price_",
    "subscription": "sub_",
    "subscription_item": "si_",
    "billing_portal.session": "bps_",
    "event": "evt_",
}
_VALUES: dict[str, Any] = {"0": 0, "1": 1, "true": True, "false": False}
_ALPHABET = string.ascii_letters + string.digits
Object = dict[str, Any]


def new_object(kind: str, **fields: Any) -> Object:
    """One with all fields of its kind; KeyError for a field that it does not have."""
    made: Object = {"id": _PREFIXES[kind] + _random(24), "object": kind}
    for part in _EMPTY[kind].split():
        name, _, value = part.partition(":")
        made[name] = {} if value == "{}" else [] if value == "[]" else _VALUES.get(value)
    unknown = set(fields) - set(made)
    if unknown:
        raise KeyError(f"{kind} has no {sorted(unknown)}")
    return made | fields


def fields_of(kind: str) -> set[str]:
    return {part.partition(":")[0] for part in _EMPTY[kind].split()} | {"id", "object"}


def kinds() -> list[str]:
    return sorted(_EMPTY)


def kind_of_id(text: str) -> str:
    """The kind of the object with this id; empty for what is none of ours."""
    return next((kind for kind, prefix in _PREFIXES.items() if text.startswith(prefix)), "")


def list_object(url: str, data: list[Object], *, has_more: bool = False) -> Object:
    return {"object": "list", "url": url, "has_more": has_more, "data": data}


def _random(length: int) -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))
