"""Monthly invoices, and how a tenant wants them."""

from __future__ import annotations

import pghistory
import pgtrigger
from django.db import models
from django.db.models import F, Q

from apps.billing.models import CURRENCY
from tenants.models import TenantModel

BILL_TO_CHARS = 500


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(),
    pghistory.DeleteEvent(),
    exclude=["updated_at", "counted_in", "starts_at", "ends_at", "issued"],
)
class StatementSettings(TenantModel):
    """Whose days and months are counted, and how far invoices have come: the month that has none yet is that
    from `starts_at` to `ends_at`; `issued` were made before it.

    `counted_in`: the time zone that the sums of usage are of. Where it is another than `timezone`, they are
    made anew soon.
    """

    timezone = models.CharField(max_length=64, default="UTC", help_text="It says where a day begins.")
    counted_in = models.CharField(max_length=64, default="UTC", db_default="UTC", editable=False)
    bill_to = models.TextField(max_length=BILL_TO_CHARS, blank=True, default="")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(db_index=True)
    issued = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant"], name="statements_settings_once"),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="statements_settings_forwards"
            ),
        ]

    def __str__(self) -> str:
        return self.timezone


class Invoice(TenantModel):
    """What a tenant used in a month, and its balance before and after: made once and never touched again.

    `sequence` counts a tenant's invoices without a gap; `number` is what people read. `lines`:
    [{"what", "component", "quantity", "unit", "amount_micros"}], whose sum is `used_micros`; `added`:
    [{"what", "amount_micros"}] (payments, credits, refunds), whose sum is `added_micros`. Opening + added -
    used = closing, which is what the ledger says of the wallet at that time. `issuer` and
    `bill_to` are lines as they were then, the tenant's name first.
    """

    id_prefix = "stmt_"

    sequence = models.PositiveIntegerField()
    number = models.CharField(max_length=20)
    period_start = models.DateField()
    period_end = models.DateField(help_text="The last day.")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    timezone = models.CharField(max_length=64)
    currency = models.CharField(max_length=3, default=CURRENCY)
    opening_micros = models.BigIntegerField()
    added_micros = models.BigIntegerField()
    used_micros = models.BigIntegerField()
    closing_micros = models.BigIntegerField()
    lines = models.JSONField(default=list)
    added = models.JSONField(default=list)
    issuer = models.TextField(blank=True, default="")
    bill_to = models.TextField(blank=True, default="")

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "sequence"], name="statements_invoice_number_once"),
            models.UniqueConstraint(fields=["tenant", "starts_at"], name="statements_invoice_month_once"),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="statements_invoice_forwards"
            ),
            models.CheckConstraint(
                condition=Q(closing_micros=F("opening_micros") + F("added_micros") - F("used_micros")),
                name="statements_invoice_adds_up",
            ),
        ]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return self.number
