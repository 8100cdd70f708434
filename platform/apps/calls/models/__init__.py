"""Calls and what is kept of them."""

from apps.calls.models.call import AnsweredBy, Call, CallDraft, Direction, OneWay
from apps.calls.models.dial_rates import DialRate
from apps.calls.models.events import CallEvent, Turn
from apps.calls.models.files import Capture, Recording
from apps.calls.models.saved_views import SavedView
from apps.calls.models.trunk_slots import TrunkSlot, TrunkSlotMark, TrunkSummed

__all__ = [
    "AnsweredBy",
    "Call",
    "CallDraft",
    "CallEvent",
    "Capture",
    "DialRate",
    "Direction",
    "OneWay",
    "Recording",
    "SavedView",
    "TrunkSlot",
    "TrunkSlotMark",
    "TrunkSummed",
    "Turn",
]
