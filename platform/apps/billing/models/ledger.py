"""A tenant's money as double entry: integer micro-units, never a float.

An entry is one thing that happened, its postings say which accounts it moved. The sum of an entry's postings
is zero, and the database refuses everything else. A posting's amount is positive for what somebody is owed or
has earned (a credit of bookkeeping), negative for what somebody has or owes us (a debit): a top-up of 20 is
wallet +20 and stripe -20. Accounts are the tenant's own, named by `AccountKind`; none is shared, so that no
row is hot for the whole platform and row-level security stays whole. See docs/decisions/0015.
"""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import F, Q

from apps.billing.models.ledger_triggers import MOVE_WALLET, ONLY_BY_POSTINGS, ZERO_SUM
from tenants.models import TenantModel

CURRENCY = "USD"


class Wallet(TenantModel):
    """What a tenant has. `held_micros` of the balance are promised to what has not been settled.

    `balance_micros` is the running balance of the account `wallet`, `debt_micros` what the tenant owes us:
    the account `debts`, the other way round. The trigger of postings writes both, and nothing else does.
    `limited`, likewise by a trigger: it has spend limits.
    Its row is the tenant's lock of money: whoever moves or promises money holds it, and takes it last of all.
    """

    currency = models.CharField(max_length=3, default=CURRENCY)
    balance_micros = models.BigIntegerField(default=0, editable=False)
    held_micros = models.BigIntegerField(default=0)
    debt_micros = models.BigIntegerField(default=0, editable=False)
    limited = models.BooleanField(default=False, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant"], name="billing_wallet_once"),
            models.CheckConstraint(
                condition=Q(held_micros__gte=0, held_micros__lte=F("balance_micros")),
                name="billing_wallet_never_negative",
            ),
            models.CheckConstraint(condition=Q(debt_micros__gte=0), name="billing_wallet_debt_positive"),
        ]
        triggers = [ONLY_BY_POSTINGS]

    def __str__(self) -> str:
        return f"{self.balance_micros} {self.currency} micros"

    @property
    def available_micros(self) -> int:
        return self.balance_micros - self.held_micros


class EntryKind(models.TextChoices):
    """What happened."""

    FREE_CREDIT = "free_credit", "Free credit"
    CREDIT = "credit", "Credit"
    TOP_UP = "top_up", "Top-up"
    CALL = "call", "Call"
    NUMBER = "number", "Number"
    RENTAL = "rental", "Rental"
    STORAGE = "storage", "Storage"
    SUBSCRIPTION = "subscription", "Subscription"
    MESSAGE = "message", "Message"
    REFUND = "refund", "Refund"
    DISPUTE = "dispute", "Dispute"
    ADJUSTMENT = "adjustment", "Adjustment"


class AccountKind(models.TextChoices):
    """Where money is, or what it was for."""

    WALLET = "wallet", "Wallet"
    STRIPE = "stripe", "Stripe"
    PROMOTIONS = "promotions", "Promotions"
    CALLS = "calls", "Calls"
    TELEPHONY = "telephony", "Telephony"
    VENDORS = "vendors", "Vendors"
    NUMBERS = "numbers", "Numbers"
    STORAGE = "storage", "Storage"
    SUBSCRIPTIONS = "subscriptions", "Subscriptions"
    MESSAGES = "messages", "Messages"
    TAXES = "taxes", "Taxes"
    REFUNDS = "refunds", "Refunds"
    DISPUTES = "disputes", "Disputes"
    DEBTS = "debts", "Debts"
    WRITTEN_OFF = "written_off", "Written off"
    ADJUSTMENTS = "adjustments", "Adjustments"


APPEND_ONLY = pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)


class Entry(TenantModel):
    """One thing that happened to a tenant's money: added once, never touched again.

    `reference` says what it is, so that it happens once ("call:<id>", "stripe:<id>"); `subject` is the public
    id of what it is about, or empty. `of` is the entry that this one gives back.
    """

    id_prefix = "led_"

    kind = models.CharField(max_length=12, choices=EntryKind)
    why = models.CharField(max_length=300)
    reference = models.CharField(max_length=200)
    subject = models.CharField(max_length=80, blank=True)
    of = models.ForeignKey(
        "self",
        null=True,
        on_delete=models.PROTECT,
        db_constraint=False,
        db_index=False,
        related_name="given_back",
    )

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "entries"
        indexes = [
            models.Index(fields=["tenant", "kind", "-id"], name="billing_entry_kind_newest"),
            models.Index(fields=["of"], condition=Q(of__isnull=False), name="billing_entry_of"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "reference"], name="billing_entry_once"),
        ]
        triggers = [APPEND_ONLY]

    def __str__(self) -> str:
        return f"{self.kind} {self.reference}"


class Posting(TenantModel):
    """What an entry moved on one account; see the module for the sign.

    `balance_after_micros` is the wallet's, on postings of the wallet only.
    """

    entry = models.ForeignKey(
        Entry, on_delete=models.PROTECT, db_constraint=False, db_index=False, related_name="postings"
    )
    account = models.CharField(max_length=13, choices=AccountKind)
    amount_micros = models.BigIntegerField()
    balance_after_micros = models.BigIntegerField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["tenant", "account", "entry"],
                condition=Q(account__in=["stripe", "debts", "disputes", "written_off"]),
                name="billing_posting_of_account",
            )
        ]
        constraints = [
            models.UniqueConstraint(fields=["entry", "account"], name="billing_posting_once"),
            models.CheckConstraint(condition=~Q(amount_micros=0), name="billing_posting_of_something"),
            models.CheckConstraint(
                condition=Q(account="wallet", balance_after_micros__gte=0)
                | (~Q(account="wallet") & Q(balance_after_micros=None)),
                name="billing_posting_balance_of_wallet",
            ),
        ]
        triggers = [APPEND_ONLY, MOVE_WALLET, ZERO_SUM]

    def __str__(self) -> str:
        return f"{self.account} {self.amount_micros}"
