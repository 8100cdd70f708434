"""The audio of one leg: its stream, the port that joins it to the handler, where its RTP may come from, its
figures, and whether the peer is still there. What becomes of the call is the leg's to decide.

Owner thread only, except where it says otherwise. The pjsua2 call is a parameter: another may take its
place. `now`: monotonic, s.
"""

from __future__ import annotations

import time

from media_workers.contract.events import MediaStats
from media_workers.sip.call import DialogCall
from media_workers.sip.endpoint import pause_sending
from media_workers.sip.hearing import Reception
from media_workers.sip.observer import LegObserver
from media_workers.sip.ports import BridgePort, PortPool
from media_workers.sip.rtcp import Reports
from media_workers.sip.rtp_lock import RtpLock
from media_workers.sip.types import LegHandler
from media_workers.sip.watch import MediaWatch


class LegMedia:
    """`observed` keeps the figures; a peer of which nothing arrives for `timeout_s` is lost."""

    def __init__(self, ports: PortPool, observed: LegObserver, *, timeout_s: float) -> None:
        self.send_audio = True
        """Whether a stream may send; to be said before there is one."""
        self.held = False
        """Whether the handler knows the call as put on hold by the peer."""
        self.stats = MediaStats()
        """The latest figures that were read; any thread may look."""
        self._ports = ports
        self._observed = observed
        self._port: BridgePort | None = None
        self._stream: int | None = None
        self._peer_reports = Reports()
        self._watch = MediaWatch(timeout_s)
        self._lock = RtpLock()

    # --- stream and port --------------------------------------------------------------------------

    @property
    def has_stream(self) -> bool:
        """A stream runs, or is held by the peer."""
        return self._stream is not None

    @property
    def connected(self) -> bool:
        """The stream has a port."""
        return self._stream is not None and self._port is not None

    def find_stream(self, call: DialogCall) -> None:
        """Streams of the call have started, stopped or changed direction."""
        self._stream = call.audio_index()

    def connect(self, call: DialogCall, *, early: LegHandler | None) -> None:
        """Joins the stream and the port. `early`: who listens from now on, and does not speak."""
        if self._stream is None:
            return
        if self._port is None:
            self._port = self._ports.take()
        media = call.getAudioMedia(self._stream)
        media.startTransmit(self._port)
        self._port.startTransmit(media)
        if early is not None:
            self._port.lend(early, listen_only=True)
        self.read_figures(call)
        described = call.media_addresses(self._stream)
        if described is not None:
            self._lock.described(described, time.monotonic())

    def answered(self, call: DialogCall | None, now: float) -> None:
        """The leg is up: readings count from `now`, and what was agreed on is known."""
        self._observed.answered(now)
        if call is not None and self._stream is not None:
            self._observed.media = call.described(self._stream)

    def lend(self, handler: LegHandler) -> None:
        """From the next tick on `handler` hears and speaks."""
        if self._port is not None:
            self._port.lend(handler)

    def fall_silent(self) -> None:
        """The dialog is over: nobody hears or speaks any more."""
        if self._port is not None:
            self._port.take_back()

    def release(self) -> None:
        """Gives the port back. Never inside pjsip's callbacks."""
        if self._port is not None:
            self._ports.give_back(self._port)
            self._port = None

    def stream_created(self, stream: int) -> None:
        """pjsip has made a stream (its address), and not yet sent anything."""
        if not self.send_audio:
            pause_sending(stream)

    def stream_ending(self, call: DialogCall | None) -> None:
        """pjsip is about to destroy the stream: the last chance to read its figures."""
        if call is not None:
            self.read_figures(call)
        self._observed.stream_ended()
        self._stream = None

    def replaced(self, call: DialogCall) -> None:
        """Another call takes the place of `call`."""
        self.stream_ending(call)
        self._lock = RtpLock()  # the new call has sockets of its own

    # --- where the audio comes from ---------------------------------------------------------------

    def latch(self, call: DialogCall, now: float) -> None:
        """Locks the audio to where it comes from, once."""
        if self._lock.peer is None and self._stream is not None:
            media = call.media_addresses(self._stream)
            if media is not None:
                self._lock.latch(media, now)

    def keep_lock(self, call: DialogCall, now: float) -> None:
        """Once a second: after `read_figures`, whose counters it goes by."""
        if self._stream is None:
            return
        media = call.media_addresses(self._stream)
        if media is not None:
            packets, reports = self._observed.packets(), self._observed.reports()
            self._lock.housekeep(media, packets=packets, reports=reports, now=now)

    # --- figures ----------------------------------------------------------------------------------

    def rtcp_received(self, packet: bytes) -> None:
        """On pjsip's media thread."""
        self._peer_reports.saw(packet)

    def read_figures(self, call: DialogCall) -> None:
        """A fresh reading of the stream, when there is one."""
        if self._stream is None:
            return
        figures = call.figures(self._stream)
        if figures is not None:
            self._observed.read(figures)
            self.stats = self._observed.stats(time.monotonic())

    def listen(self, call: DialogCall, now: float) -> MediaStats | None:
        """A reading for the handler when one is due, and whether both sides hear each other."""
        known = Reception(
            rx_packets=self._observed.packets(),
            tx_packets=self.stats.tx_packets,
            heard=self._port is not None and self._port.heard,
            should_send=call.peer_sends(),
            should_hear=call.peer_listens(),
            deaf_reports=self._peer_reports.deaf,
            hearing_reports=self._peer_reports.hearing,
        )
        return self._observed.listen(now, known)

    def lost(self, call: DialogCall, now: float) -> bool:
        """Whether nothing has come from the peer for too long, which on hold means nothing."""
        on_hold = self.held or self._stream is None or not call.peer_sends()
        return self._watch.lost(self._observed.signs_of_life(), on_hold=on_hold, now=now)
