"""Numbers that tenants have elsewhere and bring here."""

from __future__ import annotations

import pghistory
from django.db import models
from django.db.models import Q

from apps.numbers.models.numbers import NumberType, reference
from tenants.models import TenantModel
from tenants.secrets import EncryptedText


class PortState(models.TextChoices):
    """How far the number is. `submitting`: the carrier has not taken the request yet; `action_needed`: it
    waits for the tenant, `problem` says for what."""

    SUBMITTING = "submitting"
    SUBMITTED = "submitted"
    IN_REVIEW = "in_review"
    ACTION_NEEDED = "action_needed"
    SCHEDULED = "scheduled"
    COMPLETED = "completed"
    REJECTED = "rejected"
    CANCELLED = "cancelled"


PORT_ENDED = (PortState.COMPLETED, PortState.REJECTED, PortState.CANCELLED)


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(),
    pghistory.DeleteEvent(),
    exclude=["updated_at", "attempts", "next_at", "steps", "pin", "account_number", "bill"],
)
class PortRequest(TenantModel):
    """A number that comes to `carrier` from where the tenant had it.

    `customer_name` and `address` are as the losing carrier has them; `signer` may change the account there
    and gets the letter of authorization at `signer_email`. `account_number`, `pin` and `bill` (a file of
    `bill_type`) are shown to nobody; the bill goes once the carrier has it. `due_on`: the day that the
    carriers agreed on.
    """

    id_prefix = "port_"

    e164 = models.CharField(max_length=16)
    carrier = models.CharField(max_length=20)
    country = models.CharField(max_length=2, help_text="ISO 3166-1 alpha-2.")
    type = models.CharField(max_length=10, choices=NumberType.choices, default=NumberType.LOCAL)
    customer_name = models.CharField(max_length=100)
    business = models.BooleanField(default=True)
    address = models.ForeignKey(
        "numbers.NumberAddress", on_delete=models.PROTECT, db_constraint=False, related_name="+"
    )
    signer = models.CharField(max_length=100)
    signer_email = models.EmailField(max_length=254)
    account_number = EncryptedText(blank=True, default="")
    account_telephone_number = models.CharField(max_length=16, blank=True)
    pin = EncryptedText(blank=True, default="")
    bill = models.BinaryField(null=True, blank=True)
    bill_type = models.CharField(max_length=40, blank=True)
    wanted_on = models.DateField(null=True, blank=True)
    label = models.CharField(max_length=200, blank=True)
    agent = reference("agents.Agent")
    order = reference("numbers.NumberOrder")
    monthly_micros = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    state = models.CharField(max_length=13, choices=PortState.choices, default=PortState.SUBMITTING)
    carrier_id = models.CharField(max_length=100, blank=True)
    due_on = models.DateField(null=True, blank=True)
    steps = models.JSONField(default=list)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(null=True, blank=True)
    problem = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["next_at"], condition=~Q(state__in=PORT_ENDED), name="numbers_port_due"),
            models.Index(fields=["tenant", "-id"], name="numbers_port_newest"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["e164"], condition=~Q(state__in=PORT_ENDED), name="numbers_port_open_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.e164} {self.state}"
