"""Where pjsip's media clock meets a call's handler: ports of the conference bridge, kept and reused.

A port lives as long as the endpoint. Adding and removing bridge ports is asynchronous in pjsip and
has raced with slot reuse (pjproject #4496, #4526, #4706); a port that is never removed cannot.
"""

from __future__ import annotations

import logging

import pjsua2

from media_workers.audio.frames import FrameCopier
from media_workers.audio.level import is_sound
from media_workers.audio.pcm import FRAME_BYTES, FRAME_MS, SAMPLE_RATE, SILENCE
from media_workers.sip.types import LegHandler

log = logging.getLogger(__name__)


class BridgePort(pjsua2.AudioMediaPort):
    """Hands 20 ms each way between the bridge and the handler it is lent to.

    The two callbacks run on pjsip's clock thread, with its locks held: what a handler raises is
    logged once a call and never reaches pjsip, and what is not a frame is sent as silence.
    """

    def __init__(self, name: str, copier: FrameCopier) -> None:
        super().__init__()
        self._copier = copier
        self._out = pjsua2.ByteVector(FRAME_BYTES)
        self._handler: LegHandler | None = None
        self._complained = False
        self._speaks = False
        self.heard = False
        """Whether anything but digital silence has come in since the port was lent."""
        self.createPort(name, _port_format())

    def lend(self, handler: LegHandler, *, listen_only: bool = False) -> None:
        """From the next tick on `handler` hears and, unless it is to `listen_only`, speaks."""
        self._complained = False
        self._speaks = not listen_only
        self._handler = handler

    def take_back(self) -> None:
        """Silence both ways again. A callback that is running may finish after this returns."""
        self._handler = None
        self.heard = False

    def onFrameReceived(self, frame: pjsua2.MediaFrame) -> None:
        try:
            handler = self._handler
            if handler is not None:
                pcm = self._copier.read(frame.buf)
                self.heard = self.heard or is_sound(pcm)
                handler.on_frame(pcm if len(pcm) == FRAME_BYTES else SILENCE)
        except Exception as error:
            self._complain("on_frame", error)

    def onFrameRequested(self, frame: pjsua2.MediaFrame) -> None:
        try:
            self._copier.write(self._out, self._next_frame() or SILENCE)
            frame.buf = self._out
            frame.size = FRAME_BYTES
            frame.type = pjsua2.PJMEDIA_FRAME_TYPE_AUDIO
        except Exception as error:
            self._complain("copying a frame", error)

    def _next_frame(self) -> bytes | None:
        handler = self._handler
        if handler is None or not self._speaks:
            return None
        try:
            pcm = handler.next_frame()
            if pcm is not None and len(pcm) != FRAME_BYTES:
                raise ValueError(f"a frame has {FRAME_BYTES} bytes, not {len(pcm)}")
            return pcm
        except Exception as error:
            self._complain("next_frame", error)
            return None

    def _complain(self, what: str, error: Exception) -> None:
        if not self._complained:
            self._complained = True
            log.error("a call's %s failed; more of the same is not logged", what, exc_info=error)


class PortPool:
    """The ports of an endpoint. Owner thread only."""

    def __init__(self) -> None:
        self._copier = FrameCopier(pjsua2.ByteVector)
        self._free: list[BridgePort] = []
        self._count = 0

    def take(self) -> BridgePort:
        """A port that no call uses."""
        if self._free:
            return self._free.pop()
        self._count += 1
        return BridgePort(f"leg-{self._count}", self._copier)

    def give_back(self, port: BridgePort) -> None:
        """The call that used `port` is over."""
        port.take_back()
        self._free.append(port)

    def close(self) -> None:
        """Destroys the ports that were given back."""
        self._free.clear()


def _port_format() -> pjsua2.MediaFormatAudio:
    fmt = pjsua2.MediaFormatAudio()
    fmt.init(pjsua2.PJMEDIA_FORMAT_PCM, SAMPLE_RATE, 1, FRAME_MS * 1000, 16)
    return fmt
