"""What is observed of one leg: its messages, how it was set up, how it sounds. Owner thread only; time is
a parameter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from media_workers.contract.calls import Gateway
from media_workers.contract.events import LegInfo, MediaStats, SipMessage
from media_workers.sip.hearing import Hearing, Reception
from media_workers.sip.message import headers_of
from media_workers.sip.sockets import at
from media_workers.sip.stats import CallFigures, StreamFigures
from media_workers.sip.trace import TracedMessage

SAMPLE_S: Final = 10.0
SAMPLE_LATER_S: Final = 60.0
OFTEN_UNTIL_S: Final = 600.0
"""Readings of a call: every 10 s for ten minutes, then every minute. Four hours are 290."""

MAX_MESSAGES: Final = 3_000
"""Kept of a leg, more than four hours with refreshes and keep-alives have. A peer may send as many as it
likes; beyond, only how the call ends is kept."""

MAX_GOODBYES: Final = 50

SIGNS_OF_RINGING: Final = (180, 183)


@dataclass(frozen=True, slots=True)
class MediaDescription:
    """What the two sides have agreed on. `remote`: where they want RTP, host:port."""

    codec: str
    ptime_ms: int | None
    remote: str
    srtp: bool


def gateway_label(gateway: Gateway) -> str:
    """host:port/transport, as it is stored with the call."""
    host = gateway.host.strip("[]")
    place = host if gateway.port is None else at(host, gateway.port)
    return f"{place}/{gateway.transport}"


class SetUp:
    """Reads the times of the first INVITE transaction, and who the far side is, from the messages."""

    def __init__(self, *, inbound: bool) -> None:
        self.transport = self.remote_agent = ""
        self.pdd_ms: int | None = None
        self.setup_ms: int | None = None
        self._inbound = inbound
        self._invited_at: float | None = None

    def saw(self, message: TracedMessage) -> None:
        """The next message of the leg."""
        if message.direction == "in":
            headers = headers_of(message.text)
            self.remote_agent = headers.get("server") or headers.get("user-agent") or self.remote_agent
        if message.method != "INVITE":
            return
        status = message.status
        if status is None:
            if self._invited_at is None:
                self._invited_at = message.clock
                self.transport = message.transport
        elif self._invited_at is not None and (message.direction == "out") == self._inbound:
            self._answered(status, round(1000 * (message.clock - self._invited_at)))

    def _answered(self, status: int, after_ms: int) -> None:
        established = 200 <= status < 300
        rings = status in SIGNS_OF_RINGING or established
        if rings and self.pdd_ms is None and not self._inbound:
            self.pdd_ms = after_ms
        if established and self.setup_ms is None:
            self.setup_ms = after_ms


class LegObserver:
    def __init__(self, *, inbound: bool) -> None:
        self._gateway: Gateway | None = None
        self._sender = ""
        self.media: MediaDescription | None = None
        self.told = False
        self._inbound = inbound
        self._setup = SetUp(inbound=inbound)
        self._seen: set[int] = set()
        self._messages = self._goodbyes = 0
        self._figures = CallFigures()
        self._hearing = Hearing()
        self._answered_at: float | None = None
        self._sampled_at = 0.0
        self._last_verdict = ""

    def called(self, gateway: Gateway) -> None:
        """Whom the leg goes to."""
        self._gateway = gateway

    def came_from(self, address: str, port: int, transport: str) -> None:
        """Who sent the INVITE, as our edge saw it when there is one."""
        self._sender = f"{at(address, port)}/{transport}"

    # --- messages ---------------------------------------------------------------------------------

    def traced(self, message: TracedMessage) -> SipMessage | None:
        """The message for the ladder; None when that has enough (`MAX_MESSAGES`)."""
        self._setup.saw(message)
        self._messages += 1
        if self._messages > MAX_MESSAGES:
            self._goodbyes += message.method == "BYE"
            if message.method != "BYE" or self._goodbyes > MAX_GOODBYES:
                return None
        key = hash((message.direction, message.text))
        again = key in self._seen
        self._seen.add(key)
        return SipMessage(
            direction=message.direction,
            local=message.local,
            peer=message.peer,
            transport=message.transport,
            first_line=message.first_line,
            text=message.text,
            retransmission=again,
            cut=message.cut,
        )

    def info(self) -> LegInfo:
        """What is known of the leg by now."""
        setup, media = self._setup, self.media
        gateway = self._gateway
        return LegInfo(
            gateway_id=gateway.id if gateway else None,
            direction="in" if self._inbound else "out",
            gateway=gateway_label(gateway) if gateway else self._sender,
            transport=gateway.transport if gateway else self._sender.rpartition("/")[2] or setup.transport,
            remote_agent=setup.remote_agent[:255],
            remote_media=media.remote if media else "",
            codec=media.codec if media else "",
            ptime_ms=media.ptime_ms if media else None,
            srtp=media.srtp if media else False,
            pdd_ms=setup.pdd_ms,
            setup_ms=setup.setup_ms,
        )

    # --- figures ----------------------------------------------------------------------------------

    def answered(self, now: float) -> None:
        """The leg is up from `now` (s, monotonic)."""
        self._answered_at = self._sampled_at = now

    def read(self, figures: StreamFigures) -> None:
        """A new reading of the present stream."""
        self._figures.update(figures)

    def stream_ended(self) -> None:
        """The present stream is gone; its last reading counts."""
        self._figures.stream_ended()

    def signs_of_life(self) -> int:
        """A number that grows as long as anything arrives from the peer, RTP or RTCP."""
        return self._figures.signs_of_life()

    def packets(self) -> int:
        """RTP packets received so far."""
        return self._figures.packets()

    def reports(self) -> int:
        """RTCP reports received so far."""
        return self._figures.reports()

    def listen(self, now: float, known: Reception) -> MediaStats | None:
        """To be called about once a second while the leg is up: a reading when one is due, or when one
        side is found to hear nothing."""
        verdict = self._hearing.update(now, known)
        news = bool(verdict) and verdict != self._last_verdict
        self._last_verdict = verdict
        often = now - (self._answered_at or now) < OFTEN_UNTIL_S
        if not news and now - self._sampled_at < (SAMPLE_S if often else SAMPLE_LATER_S):
            return None
        self._sampled_at = now
        return self.stats(now, final=False)

    def stats(self, now: float, *, final: bool = True) -> MediaStats:
        """Everything since the answer."""
        at_ms = None if self._answered_at is None else round(1000 * (now - self._answered_at))
        told = {"final": final, "at_ms": at_ms, "one_way": self._hearing.verdict}
        if self.media is not None:
            told["ptime_ms"] = self.media.ptime_ms
        return self._figures.total().model_copy(update=told)

    @property
    def codec(self) -> str:
        return self._figures.total().codec
