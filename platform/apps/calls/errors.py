"""What can go wrong with a call, beside bad input."""

from __future__ import annotations

from tenants.errors import Conflict, Gone, InvalidInput, NotFound, Unavailable


class CallUnknown(NotFound):
    """There is no such call."""

    code = "call_unknown"


class CallNotYours(Conflict):
    """A node speaks of a call that another node carries, or that no node has claimed."""

    code = "call_not_yours"


class CallOver(Conflict):
    """The call has ended, so nothing can be done to it."""

    code = "call_ended"


class CallGoesOn(Conflict):
    """The call has not ended, so nothing that is kept of it can be erased, or changed for good."""

    code = "call_goes_on"


class CallNotAnswered(Conflict):
    """The call has not been answered, so nobody can hear what is said."""

    code = "call_not_answered"


class NoLine(Conflict):
    """The call has no telephone line, so it cannot be transferred to one."""

    code = "no_line"


class LiveControlDown(Unavailable):
    """The command could not be handed to the media node now; trying again is safe."""

    code = "live_control_unavailable"


class RecordingRefused(InvalidInput):
    """An uploaded recording is not what was announced."""

    code = "recording_invalid"


class ShareGone(Gone):
    """A link to a call has expired or was revoked."""

    code = "share_gone"
