"""A call, and the configuration of one that no version holds. Times are UTC; `*_ms` are integer ms."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q, Value

from apps.calls.models.trunk_slots import LATE_FOR_TRUNK_SLOTS
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


NOT_INDEXED = Q(
    state=CallState.ENDED, answered_at__isnull=False, search_language="", transcript_erased_at__isnull=True
)
"""Calls whose words are to be indexed."""


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
    hook = models.JSONField(
        null=True, blank=True, help_text="What a call hook said of the call, or why it was passed over."
    )

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

    tags = ArrayField(
        models.CharField(max_length=50),
        default=list,
        blank=True,
        db_default=Value([]),
        help_text="For showing; `CallTag` is what calls are found by.",
    )
    redact = ArrayField(
        models.CharField(max_length=6),
        default=list,
        blank=True,
        db_default=Value([]),
        help_text="What the agents that it was given to want to have taken out of it (`AgentConfig.redact`).",
    )
    search_language = models.CharField(
        max_length=20,
        blank=True,
        default="",
        db_default="",
        help_text="The text search configuration that its words are found by; empty: they are not.",
    )
    transcript_erased_at = models.DateTimeField(null=True, blank=True)
    packets_erased_at = models.DateTimeField(null=True, blank=True)

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
            models.Index(fields=["id"], name="calls_call_not_indexed", condition=NOT_INDEXED),
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
        triggers = [LATE_FOR_TRUNK_SLOTS]

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
    def audible(self) -> Any:
        """The recording, once nothing in it is to be silenced any more; None without one."""
        recording = getattr(self, "recording", None)
        return None if recording is None or recording.sealed else recording

    @property
    def end_words(self) -> str:
        """Why the call ended, for people; empty while it goes on."""
        return END_REASON_WORDS[EndReason(self.end_reason)] if self.end_reason else ""


class CallDraft(TenantModel):
    """The configuration of a call that no published version holds: a draft as it was when somebody
    talked to it. `api_keys` are kept until a media node has them."""

    call = models.OneToOneField(Call, on_delete=models.CASCADE, db_constraint=False, related_name="draft")
    config = models.JSONField(help_text="Contract AgentConfig, less its keys.")
    api_keys = EncryptedText(blank=True, default="")

    def __str__(self) -> str:
        return f"draft of {self.call_id}"
