"""Calls and what is kept of them."""

from apps.calls.models.after import CallNote, CallShare, CallTag, Redaction, RedactionKind
from apps.calls.models.call import AnsweredBy, Call, CallDraft, Direction, OneWay
from apps.calls.models.dial_rates import DialRate
from apps.calls.models.events import CallEvent, Turn
from apps.calls.models.files import Capture, FileToDelete, Recording
from apps.calls.models.saved_views import SavedView
from apps.calls.models.trunk_slots import TrunkSlot, TrunkSlotMark, TrunkSummed
from apps.calls.models.words import SearchLanguage, TurnWord

__all__ = [
    "AnsweredBy",
    "Call",
    "CallDraft",
    "CallEvent",
    "CallNote",
    "CallShare",
    "CallTag",
    "Capture",
    "DialRate",
    "Direction",
    "FileToDelete",
    "OneWay",
    "Recording",
    "Redaction",
    "RedactionKind",
    "SavedView",
    "SearchLanguage",
    "TrunkSlot",
    "TrunkSlotMark",
    "TrunkSummed",
    "Turn",
    "TurnWord",
]
