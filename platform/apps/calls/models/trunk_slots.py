"""Figures of trunks by quarters of an hour, and what tells which of them have to be summed again."""

from __future__ import annotations

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models

from tenants.models import TenantModel

# What happens to a call within four hours of its beginning needs no mark: slots are summed five hours
# after they ended (`services.sum_trunks`).
_MARK_LATE = """
IF {row}.trunk_id IS NOT NULL
   AND coalesce({row}.dialing_at, {row}.created_at) < clock_timestamp() - interval '4 hours' THEN
  INSERT INTO calls_trunkslotmark (id, created_at, updated_at, tenant_id, trunk_id, begins)
  SELECT gen_random_uuid(), now(), now(), {row}.tenant_id, {row}.trunk_id, slot
    FROM (SELECT coalesce({row}.dialing_at, {row}.created_at) AS began) AS time,
         generate_series(
           date_bin('15 minutes', began, 'epoch'::timestamptz),
           least(greatest(coalesce({row}.ended_at, now()), began), began + interval '5 hours'),
           interval '15 minutes') AS slot;
END IF;
"""

LATE_FOR_TRUNK_SLOTS = pgtrigger.Trigger(
    name="late_for_trunk_slots",
    when=pgtrigger.After,
    operation=pgtrigger.Insert | pgtrigger.Update,
    func="IF TG_OP = 'UPDATE' THEN"
    + _MARK_LATE.format(row="OLD")
    + "END IF;"
    + _MARK_LATE.format(row="NEW")
    + "RETURN NULL;",
)
"""Of `Call`: marks the slots of a call that changes after they may have been summed."""


class TrunkSlot(TenantModel):
    """Figures of a trunk's calls that were dialed, or rang, in one quarter of an hour (`calls.trunk_slots`).

    One row for each direction in which there were any; `peak` of both together stands in a row without
    a direction. Time zones begin their days at quarters of an hour, hence the length.
    """

    trunk = models.ForeignKey("trunks.Trunk", on_delete=models.CASCADE, db_constraint=False, related_name="+")
    begins = models.DateTimeField()
    direction = models.CharField(max_length=8, blank=True)
    attempts = models.PositiveIntegerField()
    answered = models.PositiveIntegerField()
    settled = models.PositiveIntegerField(help_text="Answered, or over.")
    talked = models.PositiveIntegerField(help_text="Answered, and over.")
    talked_ms = models.PositiveBigIntegerField()
    mos_count = models.PositiveIntegerField()
    mos_sum = models.FloatField()
    pdd_ms = ArrayField(models.PositiveIntegerField(), help_text="Of each call that has one, in order.")
    failures = models.JSONField(help_text="Unanswered calls by SIP code, `none` without one.")
    peak = models.PositiveIntegerField(help_text="Calls at once.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["trunk", "begins", "direction"], name="calls_trunkslot_once")
        ]

    def __str__(self) -> str:
        return f"{self.trunk_id} {self.begins} {self.direction}"


class TrunkSummed(TenantModel):
    """Up to when (and not with it) a trunk's calls are in its slots."""

    trunk = models.OneToOneField(
        "trunks.Trunk", on_delete=models.CASCADE, db_constraint=False, related_name="+"
    )
    upto = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.trunk_id} up to {self.upto}"


class TrunkSlotMark(TenantModel):
    """A slot whose calls have changed after it may have been summed: a trigger of Call writes these."""

    trunk = models.ForeignKey("trunks.Trunk", on_delete=models.CASCADE, db_constraint=False, related_name="+")
    begins = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["trunk", "begins"], name="calls_trunkslotmark_of")]

    def __str__(self) -> str:
        return f"{self.trunk_id} {self.begins}"
