"""What the views that give a recording share."""

from __future__ import annotations

from rest_framework.renderers import JSONRenderer

NO_RECORDING = "This call has no recording, or it is not stored yet."


class WavRenderer(JSONRenderer):
    """Lets a client accept audio/wav alone; what it renders itself are problem documents."""

    media_type = "audio/wav"
    format = "wav"
