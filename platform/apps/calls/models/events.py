"""What a node reported of a call, and the turns of the conversation that it told of."""

from __future__ import annotations

import pgtrigger
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q

from apps.calls.models.call import Call
from tenants.models import TenantModel

SPEAKERS = [("caller", "Caller"), ("agent", "Agent")]

APPEND_ONLY = pgtrigger.Trigger(
    name="append_only",
    when=pgtrigger.Before,
    operation=pgtrigger.Update | pgtrigger.Delete,
    func="IF current_setting('app.erasing', true) = 'on' THEN "
    "IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; "
    "IF ROW(NEW.id, NEW.tenant_id, NEW.call_id, NEW.seq, NEW.type, NEW.at)"
    " IS NOT DISTINCT FROM ROW(OLD.id, OLD.tenant_id, OLD.call_id, OLD.seq, OLD.type, OLD.at)"
    " THEN RETURN NEW; END IF; "
    "END IF; "
    "RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
)
"""Of `CallEvent`. Its one door is `services.erasing.erasing`: what is in an event may then be taken out, and
events be deleted; none moves to another place or call."""


class CallEvent(TenantModel):
    """What a node reported, numbered 1, 2, 3, ... per call. Append-only: a trigger refuses all else."""

    call = models.ForeignKey(Call, on_delete=models.PROTECT, db_constraint=False, related_name="events")
    seq = models.PositiveIntegerField()
    type = models.CharField(max_length=20)
    at = models.DateTimeField(help_text="When it happened, by the node's clock.")
    body = models.JSONField(encoder=DjangoJSONEncoder)

    class Meta:
        ordering = ["seq"]
        constraints = [models.UniqueConstraint(fields=["call", "seq"], name="calls_callevent_once")]
        triggers = [APPEND_ONLY]

    def __str__(self) -> str:
        return f"{self.seq} {self.type}"


class Turn(TenantModel):
    """One utterance, final. Offsets count from the answer. Latency parts as in contract LatencyParts."""

    id_prefix = "turn_"

    call = models.ForeignKey(Call, on_delete=models.PROTECT, db_constraint=False, related_name="turns")
    seq = models.PositiveIntegerField(help_text="The event that brought it.")
    index = models.PositiveIntegerField()
    speaker = models.CharField(max_length=6, choices=SPEAKERS)
    text = models.TextField(blank=True)
    start_ms = models.IntegerField()
    end_ms = models.IntegerField()
    interrupted = models.BooleanField(default=False)
    dtmf = models.BooleanField(default=False)
    confidence = models.FloatField(null=True, blank=True)
    endpoint_ms = models.IntegerField(null=True, blank=True)
    transcript_ms = models.IntegerField(null=True, blank=True)
    retrieval_ms = models.IntegerField(null=True, blank=True)
    first_token_ms = models.IntegerField(null=True, blank=True)
    sentence_ms = models.IntegerField(null=True, blank=True)
    first_audio_ms = models.IntegerField(null=True, blank=True)
    own_ms = models.IntegerField(null=True, blank=True)
    total_ms = models.IntegerField(null=True, blank=True)
    account = models.JSONField(null=True, blank=True, help_text="Contract TurnAccount.")
    passed_over = models.BooleanField(default=False, help_text="A vendor was left for the next one.")
    # Who did it, where one vendor did it alone: the figures of a vendor are of those turns. A model that
    # hears and speaks itself is in `llm_`.
    stt_vendor = models.CharField(max_length=40, blank=True, default="")
    stt_model = models.CharField(max_length=200, blank=True, default="")
    llm_vendor = models.CharField(max_length=40, blank=True, default="")
    llm_model = models.CharField(max_length=200, blank=True, default="")
    tts_vendor = models.CharField(max_length=40, blank=True, default="")
    tts_model = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        ordering = ["index", "seq"]
        constraints = [models.UniqueConstraint(fields=["call", "seq"], name="calls_turn_once")]
        indexes = [
            # Figures of response times read this alone.
            models.Index(
                fields=["tenant", "id"],
                include=[
                    "created_at",
                    "call",
                    "endpoint_ms",
                    "transcript_ms",
                    "retrieval_ms",
                    "first_token_ms",
                    "sentence_ms",
                    "first_audio_ms",
                    "own_ms",
                    "total_ms",
                    "stt_vendor",
                    "stt_model",
                    "llm_vendor",
                    "llm_model",
                    "tts_vendor",
                    "tts_model",
                ],
                condition=Q(speaker="agent", total_ms__isnull=False),
                name="calls_turn_response",
            ),
            models.Index(fields=["id"], name="calls_turn_passed_over", condition=Q(passed_over=True)),
        ]

    def __str__(self) -> str:
        return f"{self.index} {self.speaker}"
