"""The staff's pages: their look, what they list, and what they leave out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import reverse_lazy

if TYPE_CHECKING:
    from django.contrib.admin import AdminSite

HIDDEN = ("account", "socialaccount", "mfa", "usersessions")
"""allauth's own tables: whoever could edit them could log in as anybody."""


def tidy(site: AdminSite) -> None:
    """Takes away the pages of tables that nobody may edit by hand."""
    for model in [m for m in site._registry if m._meta.app_label in HIDDEN]:
        site.unregister(model)


def _link(title: str, icon: str, page: str) -> dict[str, Any]:
    model = page.removesuffix("_changelist").removeprefix("admin:").replace("_", ".view_", 1)
    return {
        "title": title,
        "icon": icon,
        "link": reverse_lazy(page),
        "permission": lambda request: request.user.has_perm(model),
    }


UNFOLD = {
    "SITE_TITLE": "Trunkline staff",
    "SITE_HEADER": "Trunkline",
    "SITE_SUBHEADER": "Staff",
    "SITE_SYMBOL": "support_agent",
    "SITE_URL": "/",
    "SHOW_VIEW_ON_SITE": False,
    "DASHBOARD_CALLBACK": "config.health.dashboard",
    "SIDEBAR": {
        "show_search": True,
        "show_all_applications": False,
        "navigation": [
            {
                "title": "Platform",
                "items": [
                    {"title": "Health", "icon": "monitor_heart", "link": reverse_lazy("admin:index")},
                    _link("Media nodes", "dns", "admin:edge_medianode_changelist"),
                    _link("Audit log", "history", "admin:audit_auditentry_changelist"),
                ],
            },
            {
                "title": "Customers",
                "items": [
                    _link("Tenants", "apartment", "admin:tenants_tenant_changelist"),
                    _link("People", "group", "admin:tenants_user_changelist"),
                    _link("API keys", "key", "admin:tenants_apikey_changelist"),
                    _link("Staff groups", "shield_person", "admin:auth_group_changelist"),
                ],
            },
            {
                "title": "Money",
                "items": [
                    _link("Wallets", "account_balance_wallet", "admin:billing_wallet_changelist"),
                    _link("Ledger", "receipt_long", "admin:billing_entry_changelist"),
                    _link("Plans", "sell", "admin:billing_plan_changelist"),
                    _link("Rates", "price_change", "admin:billing_rate_changelist"),
                    _link("Spend limits", "speed", "admin:billing_spendlimit_changelist"),
                    _link("Stops", "block", "admin:billing_outboundstop_changelist"),
                    _link("Payments", "payments", "admin:payments_payment_changelist"),
                    _link("Disputes", "gavel", "admin:payments_dispute_changelist"),
                    _link("Stripe events", "bolt", "admin:payments_stripeevent_changelist"),
                    _link("Invoices", "request_quote", "admin:statements_invoice_changelist"),
                    _link("Beside carriers", "compare_arrows", "admin:statements_reconciliation_changelist"),
                    _link("Differences", "difference", "admin:statements_difference_changelist"),
                    _link("Beside Stripe", "sync_alt", "admin:payments_stripereconciliation_changelist"),
                ],
            },
            {
                "title": "Telephony",
                "items": [
                    _link("Calls", "call", "admin:calls_call_changelist"),
                    _link("Agents", "smart_toy", "admin:agents_agent_changelist"),
                    _link("Agent versions", "deployed_code_history", "admin:agents_agentversion_changelist"),
                    _link("Vendor keys", "vpn_key", "admin:vendors_vendorkey_changelist"),
                    _link("Numbers", "dialpad", "admin:numbers_phonenumber_changelist"),
                    _link("Number orders", "shopping_cart", "admin:numbers_numberorder_changelist"),
                    _link("Number rentals", "event_repeat", "admin:numbers_rental_changelist"),
                    _link("Ports", "move_down", "admin:numbers_portrequest_changelist"),
                    _link("Carriers", "cell_tower", "admin:carriers_carrierwatch_changelist"),
                    _link("Number papers", "description", "admin:numbers_numberbundle_changelist"),
                    _link("Trunks", "cable", "admin:trunks_trunk_changelist"),
                ],
            },
        ],
    },
}
