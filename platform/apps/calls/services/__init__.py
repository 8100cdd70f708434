"""Writes of calls, one module for each thing that happens to a call."""

from apps.calls.services.admit_call import admit_call
from apps.calls.services.browser_call import start_browser_call
from apps.calls.services.claim_call import claim_call
from apps.calls.services.control import hang_up_call, say
from apps.calls.services.finish_call import finish_call
from apps.calls.services.place_call import place_call
from apps.calls.services.reconcile import reconcile
from apps.calls.services.record_events import record_events
from apps.calls.services.recordings import save_recording

__all__ = [
    "admit_call",
    "claim_call",
    "finish_call",
    "hang_up_call",
    "place_call",
    "reconcile",
    "record_events",
    "save_recording",
    "say",
    "start_browser_call",
]
