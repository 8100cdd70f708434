"""Calls and what is kept of them. Times are UTC; `*_ms` are integer milliseconds."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q, Value

from apps.calls.states import ON_A_NODE, TIME_OF, CallState, InvalidTransition, may_move
from media_workers.contract.events import END_REASON_WORDS, EndReason
from telephony.edge.models import MediaNode
from tenants.models import TenantModel
from tenants.secrets import EncryptedText


def _reference(to: str, related_name: str = "+") -> models.ForeignKey[Any, Any]:
    """A nullable reference to another tenant table; its constraint is composite, in the migration."""
    return models.ForeignKey(
        to,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        db_constraint=False,
        related_name=related_name,
    )


class Direction(models.TextChoices):
    INBOUND = "inbound", "Inbound"
    OUTBOUND = "outbound", "Outbound"
    BROWSER = "browser", "Browser"


class AnsweredBy(models.TextChoices):
    """Who answered an outbound call, as far as one can tell; "" when nobody listened for it."""

    HUMAN = "human", "A person"
    MACHINE = "machine", "An answering machine"
    SCREENING = "screening", "A screening service"
    MENU = "menu", "A menu"
    UNKNOWN = "unknown", "Unknown"


class OneWay(models.TextChoices):
    """Which side hears nothing; "" when both do, or when nobody can tell."""

    WE_HEAR_NOTHING = "we_hear_nothing", "We hear nothing"
    THEY_HEAR_NOTHING = "they_hear_nothing", "They hear nothing"
    BOTH_SILENT = "both_silent", "Neither side hears the other"


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


class Call(TenantModel):
    """One attempt to talk: from the queue or the first INVITE to the end. See `states` for its life."""

    id_prefix = "call_"

    direction = models.CharField(max_length=8, choices=Direction)
    test = models.BooleanField(default=False, help_text="Carried by the sandbox; never reaches a real phone.")
    state = models.CharField(max_length=11, choices=CallState, default=CallState.QUEUED, editable=False)
    from_number = models.CharField(max_length=128)
    to_number = models.CharField(max_length=128)
    agent = _reference("agents.Agent")
    agent_version = _reference("agents.AgentVersion")
    number = _reference("numbers.PhoneNumber")
    trunk = _reference("trunks.Trunk")
    legs = ArrayField(
        models.CharField(max_length=80),
        default=list,
        blank=True,
        db_default=Value([]),
        help_text="Further legs by their keys, as long as they last: the trunk carries a call more for each.",
    )
    transferred_to = models.CharField(
        max_length=200, blank=True, default="", db_default="", help_text="Whom the caller was handed on to."
    )
    muted = models.BooleanField(default=False, db_default=False, help_text="The agent, by somebody, now.")
    taken_over_by = models.CharField(
        max_length=200, blank=True, default="", db_default="", help_text="Who speaks for the agent now."
    )
    variables = models.JSONField(default=dict, blank=True)
    metadata = models.JSONField(default=dict, blank=True)

    node = models.ForeignKey(MediaNode, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    line = models.PositiveSmallIntegerField(null=True, blank=True)
    sip_call_id = models.CharField(max_length=255, blank=True)
    source_address = models.CharField(max_length=64, blank=True, help_text="Where the INVITE came from.")

    queued_at = models.DateTimeField(null=True, blank=True)
    dial_at = models.DateTimeField(null=True, blank=True, help_text="Not to be dialed before this time.")
    dialing_at = models.DateTimeField(null=True, blank=True)
    ringing_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    duration_ms = models.PositiveIntegerField(default=0, help_text="From the answer to the end.")

    end_reason = models.CharField(max_length=20, blank=True, choices=[(r.value, r.value) for r in EndReason])
    end_detail = models.TextField(blank=True)
    sip_code = models.PositiveSmallIntegerField(null=True, blank=True)
    sip_reason = models.CharField(max_length=255, blank=True)
    slots = models.JSONField(default=dict, blank=True)
    answered_by = models.CharField(
        max_length=9,
        blank=True,
        default="",
        db_default="",
        choices=AnsweredBy,
        help_text="Who answered an outbound call.",
    )
    answered_by_confidence = models.FloatField(null=True, blank=True, help_text="0 to 1.")
    answered_by_ms = models.PositiveIntegerField(
        null=True, blank=True, help_text="When that was known, from the answer."
    )
    media = models.JSONField(null=True, blank=True, help_text="RTP figures of the leg (contract MediaStats).")

    gateway = models.CharField(
        max_length=300, blank=True, help_text="host:port/transport that answered, or was tried last."
    )
    pdd_ms = models.PositiveIntegerField(
        null=True, blank=True, help_text="Post-dial delay: from our INVITE to the first sign of ringing."
    )
    setup_ms = models.PositiveIntegerField(null=True, blank=True, help_text="From the INVITE to the 200.")
    mos = models.FloatField(null=True, blank=True, help_text="By the E-model, of the worse direction.")
    one_way = models.CharField(max_length=20, blank=True, choices=OneWay)
    transport = models.CharField(max_length=8, blank=True, help_text="That the SIP messages take.")
    srtp = models.BooleanField(default=False)
    remote_agent = models.CharField(
        max_length=255, blank=True, help_text="User-Agent or Server of the far side."
    )
    codec = models.CharField(max_length=32, blank=True)
    ptime_ms = models.PositiveSmallIntegerField(null=True, blank=True)

    last_seq = models.PositiveIntegerField(default=0, help_text="Number of the last event stored.")
    last_event_at = models.DateTimeField(null=True, blank=True)
    missing_since = models.DateTimeField(
        null=True, blank=True, help_text="Since when its node has not listed the call."
    )
    job_id = models.CharField(
        max_length=40, blank=True, help_text="Entry of the job stream that asks to dial it."
    )
    enqueued_at = models.DateTimeField(null=True, blank=True)
    hangup_requested_at = models.DateTimeField(null=True, blank=True)
    hangup_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [
            # With the numbers beside the ids: a search in them reads the index alone.
            models.Index(
                fields=["tenant", "-id"], include=["from_number", "to_number"], name="calls_call_newest"
            ),
            models.Index(fields=["tenant", "agent", "-id"], name="calls_call_by_agent"),
            models.Index(fields=["tenant", "number", "-id"], name="calls_call_by_number"),
            # The filters of a list: ids are made in order of time, so each of these ends a page early.
            models.Index(fields=["tenant", "direction", "-id"], name="calls_call_by_direction"),
            models.Index(fields=["tenant", "end_reason", "-id"], name="calls_call_by_end"),
            models.Index(
                fields=["tenant", "answered_by", "-id"],
                name="calls_call_by_answerer",
                condition=~Q(answered_by=""),
            ),
            models.Index(fields=["tenant", "from_number", "-id"], name="calls_call_by_from"),
            models.Index(fields=["tenant", "to_number", "-id"], name="calls_call_by_to"),
            models.Index(fields=["tenant", "duration_ms"], name="calls_call_by_duration"),
            models.Index(
                fields=["tenant", "-id"], name="calls_call_live", condition=~Q(state=CallState.ENDED)
            ),
            models.Index(fields=["tenant", "-id"], name="calls_call_test", condition=Q(test=True)),
            # Counting by day reads this alone.
            models.Index(
                fields=["tenant", "id"],
                include=["created_at", "direction", "answered_at", "duration_ms", "end_reason", "agent"],
                name="calls_call_statistics",
            ),
            models.Index(
                fields=["queued_at"], name="calls_call_waiting", condition=Q(state=CallState.QUEUED)
            ),
            models.Index(fields=["node"], name="calls_call_on_node", condition=Q(state__in=ON_A_NODE)),
            models.Index(
                fields=["trunk", "dial_at"], name="calls_call_pacing", condition=Q(dial_at__isnull=False)
            ),
            models.Index(fields=["trunk"], name="calls_call_on_trunk", condition=Q(state__in=ON_A_NODE)),
            # A trunk's figures by hour and day read this alone.
            models.Index(
                fields=["trunk", "id"],
                include=[
                    "tenant",
                    "created_at",
                    "dialing_at",
                    "direction",
                    "state",
                    "answered_at",
                    "ended_at",
                    "duration_ms",
                    "end_reason",
                    "sip_code",
                    "pdd_ms",
                    "mos",
                ],
                condition=Q(trunk__isnull=False),
                name="calls_call_trunk_statistics",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                # With the source: a stranger's copy of a Call-ID must not keep the call itself out.
                fields=["node", "sip_call_id", "source_address"],
                condition=~Q(sip_call_id="") & ~Q(state=CallState.ENDED),
                name="calls_call_admitted_once",
            ),
            models.CheckConstraint(condition=Q(state__in=CallState.values), name="calls_call_state_known"),
            models.CheckConstraint(
                condition=Q(direction__in=[Direction.OUTBOUND, Direction.BROWSER])
                | (Q(direction=Direction.INBOUND) & ~Q(state__in=[CallState.QUEUED, CallState.DIALING])),
                name="calls_call_inbound_never_dialed",
            ),
            models.CheckConstraint(
                condition=(Q(state=CallState.ENDED, ended_at__isnull=False) & ~Q(end_reason=""))
                | (~Q(state=CallState.ENDED) & Q(ended_at__isnull=True, end_reason="")),
                name="calls_call_end_has_reason",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=ON_A_NODE) | Q(node__isnull=False), name="calls_call_carried_by_node"
            ),
            models.CheckConstraint(
                condition=~Q(state=CallState.QUEUED)
                | Q(queued_at__isnull=False, dial_at__isnull=False, node__isnull=True),
                name="calls_call_queued_without_node",
            ),
            models.CheckConstraint(
                condition=Q(one_way__in=["", *OneWay.values]), name="calls_call_one_way_known"
            ),
            models.CheckConstraint(
                condition=Q(answered_by__in=["", *AnsweredBy.values]), name="calls_call_answered_by_known"
            ),
            models.CheckConstraint(
                condition=~Q(state=CallState.IN_PROGRESS) | Q(answered_at__isnull=False),
                name="calls_call_in_progress_answered",
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="late_for_trunk_slots",
                when=pgtrigger.After,
                operation=pgtrigger.Insert | pgtrigger.Update,
                func="IF TG_OP = 'UPDATE' THEN"
                + _MARK_LATE.format(row="OLD")
                + "END IF;"
                + _MARK_LATE.format(row="NEW")
                + "RETURN NULL;",
            )
        ]

    def __str__(self) -> str:
        return f"{self.public_id} ({self.state})"

    def move_to(self, state: CallState, *, at: datetime) -> None:
        """Takes the call to `state`, reached at `at`, without saving. Raises InvalidTransition.

        The row must be locked by the caller, or new. Nothing else in the program sets `state`.
        """
        if not may_move(self.state, state):
            raise InvalidTransition(f"a call cannot go from {self.state} to {state}")
        self.state = state
        setattr(self, TIME_OF[state], at)

    @property
    def end_words(self) -> str:
        """Why the call ended, for people; empty while it goes on."""
        return END_REASON_WORDS[EndReason(self.end_reason)] if self.end_reason else ""


class TrunkSlot(TenantModel):
    """Figures of a trunk's calls that were dialed, or rang, in one quarter of an hour (`trunk_slots`).

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


class CallDraft(TenantModel):
    """The configuration of a call that no published version holds: a draft as it was when somebody
    talked to it. `api_keys` are kept until a media node has them."""

    call = models.OneToOneField(Call, on_delete=models.CASCADE, db_constraint=False, related_name="draft")
    config = models.JSONField(help_text="Contract AgentConfig, less its keys.")
    api_keys = EncryptedText(blank=True, default="")

    def __str__(self) -> str:
        return f"draft of {self.call_id}"


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
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.seq} {self.type}"


class Turn(TenantModel):
    """One utterance, final. Offsets count from the answer. Latency parts as in contract LatencyParts."""

    id_prefix = "turn_"

    call = models.ForeignKey(Call, on_delete=models.PROTECT, db_constraint=False, related_name="turns")
    seq = models.PositiveIntegerField(help_text="The event that brought it.")
    index = models.PositiveIntegerField()
    speaker = models.CharField(max_length=6, choices=[("caller", "Caller"), ("agent", "Agent")])
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


class Recording(TenantModel):
    """A stereo WAV in the storage `recordings`: the caller on the left, the agent on the right."""

    id_prefix = "rec_"

    call = models.OneToOneField(Call, on_delete=models.PROTECT, db_constraint=False, related_name="recording")
    storage_key = models.CharField(max_length=255)
    duration_ms = models.PositiveIntegerField()
    size_bytes = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    peaks = models.BinaryField(
        blank=True,
        default=b"",
        help_text="Loudness over time, 0 to 255: half of it the left, half the right.",
    )

    def __str__(self) -> str:
        return self.storage_key


class Capture(TenantModel):
    """RTP of a call as a node captured it: pcap in the storage `recordings`, without the SIP messages."""

    id_prefix = "cap_"

    call = models.OneToOneField(Call, on_delete=models.PROTECT, db_constraint=False, related_name="capture")
    storage_key = models.CharField(max_length=255)
    size_bytes = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    packets = models.PositiveIntegerField()
    truncated = models.BooleanField(
        default=False, help_text="The beginning is missing: the call was longer than what may be kept."
    )

    def __str__(self) -> str:
        return self.storage_key


class SavedView(TenantModel):
    """Filters of a page under a name: the maker's own, or everybody's in the tenant when `shared`."""

    id_prefix = "view_"

    name = models.CharField(max_length=100)
    page = models.CharField(max_length=20, choices=[("calls", "Calls")])
    query = models.JSONField(default=dict, help_text="Query parameters: a text or a list of them for each.")
    shared = models.BooleanField(default=False)
    maker_id = models.UUIDField(help_text="The person, or the API key that nobody is known to have made.")

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["tenant", "page", "-id"], name="calls_savedview_newest")]

    def __str__(self) -> str:
        return self.name
