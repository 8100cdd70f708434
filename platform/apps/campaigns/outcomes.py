"""What came of an attempt to reach a contact: a fixed list, the same for every campaign."""

from __future__ import annotations

from django.db import models


class Outcome(models.TextChoices):
    """Of an attempt; a contact's is that of its last attempt that was dialed."""

    ANSWERED = "answered", "Talked to a person"
    HUNG_UP_EARLY = "hung_up_early", "A person hung up early"
    CALLBACK = "callback", "Asked to be called back"
    OPTED_OUT = "opted_out", "Asked not to be called"
    TRANSFERRED = "transferred", "Handed on to a person"
    VOICEMAIL = "voicemail", "An answering machine"
    SCREENING = "screening", "A screening service or a menu"
    BUSY = "busy", "Busy"
    NO_ANSWER = "no_answer", "No answer"
    REJECTED = "rejected", "Refused by the other side"
    BLOCKED = "blocked", "Blocked as unwanted (SIP 603, 607, 608)"
    INVALID_NUMBER = "invalid_number", "The number does not exist"
    CONGESTION = "congestion", "The carrier had no room or did not reply"
    FAILED = "failed", "Failed on our side"
    NOT_DIALED = "not_dialed", "Withdrawn before it was dialed"


CONNECTED = frozenset(
    {
        Outcome.ANSWERED,
        Outcome.HUNG_UP_EARLY,
        Outcome.CALLBACK,
        Outcome.OPTED_OUT,
        Outcome.TRANSFERRED,
        Outcome.VOICEMAIL,
        Outcome.SCREENING,
    }
)
"""Somebody or something answered."""

HUMAN = frozenset(
    {Outcome.ANSWERED, Outcome.HUNG_UP_EARLY, Outcome.CALLBACK, Outcome.OPTED_OUT, Outcome.TRANSFERRED}
)
TRUNK_TROUBLE = frozenset({Outcome.CONGESTION})


class SetAside(models.TextChoices):
    """Why a contact is not dialed (any more), though nobody was reached."""

    SUPPRESSED = "suppressed", "On a do-not-call list"
    NO_CONSENT = "no_consent", "No record of consent"
    NO_TIME_ZONE = "no_time_zone", "Its time zone is not known"
    NEVER_OPEN = "never_open", "No calling hours are left before the campaign's end"
    COUNTRY = "country", "Its country is not among the allowed ones"
    NOT_DIALABLE = "not_dialable", "Not a number that may be dialed (premium, short or special)"
    UNREACHABLE_NUMBER = "unreachable_number", "The number check says that it cannot be reached"
    CAPPED = "capped", "Called as often as a number may be"
    REMOVED = "removed", "Taken out by a person"
