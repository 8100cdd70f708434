"""Tickets: what the control plane gives along when it opens a socket to a media node.

The node hands a ticket back over the internal API and so learns what it is good for: whoever else
reaches the node's port has none. A ticket is signed, not secret, and good for seconds.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.core import signing

LIFE = timedelta(seconds=30)
_CALL = "telephony.edge.browser-call"
_VOICE = "telephony.edge.voice-preview"
_PHONE = "telephony.edge.sandbox-phone"
_TRIAL = "telephony.edge.tool-trial"


class BadTicket(ValueError):
    """Not signed by us, for something else, or too old."""


def call_ticket(call_id: UUID) -> str:
    """Lets the node that gets it claim the browser call."""
    return signing.dumps(call_id.hex, salt=_CALL)


def check_call_ticket(ticket: str, call_id: UUID) -> None:
    """Raises BadTicket unless it is good for this call."""
    if _read(ticket, _CALL) != call_id.hex:
        raise BadTicket("The ticket is for another call.")


def phone_ticket(call_id: UUID) -> str:
    """Lets the sandbox phone that is called ask what it is to do in this call."""
    return signing.dumps(call_id.hex, salt=_PHONE)


def read_phone_ticket(ticket: str) -> UUID:
    """The call that the ticket is good for. Raises BadTicket."""
    try:
        return UUID(str(_read(ticket, _PHONE)))
    except ValueError as error:
        raise BadTicket("The ticket is for no call.") from error


def trial_ticket(trial: str) -> str:
    """Lets the node that gets it learn of the tool trial that is kept under this name."""
    return signing.dumps(trial, salt=_TRIAL)


def read_trial_ticket(ticket: str) -> str:
    """The name of the trial. Raises BadTicket."""
    return str(_read(ticket, _TRIAL))


def voice_ticket(preview: dict[str, object]) -> str:
    """Lets the node that gets it speak this preview (contract VoicePreview as JSON)."""
    return signing.dumps(preview, salt=_VOICE)


def read_voice_ticket(ticket: str) -> dict[str, object]:
    """The preview that the ticket is good for. Raises BadTicket."""
    preview = _read(ticket, _VOICE)
    if not isinstance(preview, dict):
        raise BadTicket("The ticket is for no preview.")
    return preview


def _read(ticket: str, salt: str) -> object:
    try:
        return signing.loads(ticket, salt=salt, max_age=LIFE)
    except signing.BadSignature as error:
        raise BadTicket("The ticket is not ours or too old.") from error
