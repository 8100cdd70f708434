"""The boundary of `media_workers.sip`: what a line is told, and what it tells its handlers.

Nothing here imports pjsua2. Threads: `LineHandler` and all of `CallHandler` but its two frame
methods run on the line's owner thread; `on_frame` and `next_frame` run on the media clock's thread,
every 20 ms, and must return within a few milliseconds. `Line` and `Leg` methods may be called from
any thread and return at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from media_workers.contract.calls import DialTarget, LegPolicy
from media_workers.contract.events import LegInfo, MediaStats, SipMessage


@dataclass(frozen=True, slots=True)
class Edge:
    """The SIP edge in front of a line: where it listens for lines (`places`, UDP; the line sends to the
    first, believes all of them) and the `name` (host or host:port) that peers know it by."""

    places: tuple[tuple[str, int], ...]
    name: str

    def sent(self, address: str, port: int, transport: str) -> bool:
        """Whether a message from this source came from the edge, whose word is believed."""
        return transport == "udp" and (address, port) in self.places

    @property
    def route(self) -> str:
        """The outbound proxy: what goes into Route."""
        host, port = self.places[0]
        return f"sip:{f'[{host}]' if ':' in host else host}:{port};lr"


@dataclass(frozen=True, slots=True)
class LineConfig:
    """How one SIP endpoint binds. `public_address` is written into SDP, Contact and Via as it stands;
    over IPv6 (`bind_address` is an IPv6 address) it must be the address itself, and there is no SRTP.

    `port` 0 takes any free one (`Line.port` tells which). A call from whose peer neither RTP nor
    RTCP has arrived for `media_timeout_s` is ended as lost, unless the peer put it on hold. With an
    `edge`, calls come from it only and go out through it.
    """

    bind_address: str = "127.0.0.1"
    port: int = 5060
    public_address: str = "127.0.0.1"
    rtp_ports: tuple[int, int] = (10_000, 20_000)
    transports: tuple[Literal["udp", "tcp"], ...] = ("udp", "tcp")
    user_agent: str = "Trunkline"
    max_calls: int | None = None
    media_timeout_s: float = 60.0
    edge: Edge | None = None

    @property
    def sip_address(self) -> str:
        """What Contact and Via say. Behind an edge that is where the edge reaches the line; the public
        address is its media's then."""
        anywhere = self.bind_address in ("", "0.0.0.0", "::")
        return self.public_address if self.edge is None or anywhere else self.bind_address

    def __post_init__(self) -> None:
        first, last = self.rtp_ports
        if not (0 < first < 65536 and 0 < last < 65536 and last - first >= 3):
            raise ValueError(f"rtp_ports: {first} to {last} is no range of at least two pairs of ports")
        if not self.transports:
            raise ValueError("transports: give at least one of udp and tcp")
        if self.ipv6 and (self.bind_address != self.public_address or self.bind_address == "::"):
            raise ValueError("public_address: over IPv6 it is bind_address, one address of this machine")

    @property
    def ipv6(self) -> bool:
        """SIP and RTP over IPv6, and over nothing else."""
        return ":" in self.bind_address


@dataclass(frozen=True, slots=True)
class Destination:
    """A server located for a gateway: where its packets go. `address` is numeric."""

    transport: Literal["udp", "tcp", "tls"]
    address: str
    port: int


@dataclass(frozen=True, slots=True)
class Invite:
    """An INVITE that arrived: who sent it (network source, not headers) and what it asks for.

    Through an edge the source is the one that the edge saw; `edge` is then its address (host:port), and
    `authenticated_as` the user name whose password it has checked.
    """

    sip_call_id: str
    source_address: str
    source_port: int
    transport: str
    request_uri: str
    dialed_number: str
    caller: str
    headers: dict[str, str] = field(default_factory=dict)
    edge: str = ""
    authenticated_as: str = ""
    srtp_offered: bool = False


@dataclass(frozen=True, slots=True)
class LastWords:
    """What a peer said when it ended or refused a call. `q850`: the telephone network's cause (ITU-T
    Q.850). `text`: its own words, from Reason or Warning. `retry_after_s`: when to try again."""

    q850: int | None = None
    text: str = ""
    retry_after_s: int | None = None


@dataclass(frozen=True, slots=True)
class LegEnd:
    """Why a leg is over. `by_peer`: the other side ended it (BYE, CANCEL or a final failure), with its
    `words`."""

    sip_code: int
    sip_reason: str
    by_peer: bool
    answered: bool
    media_lost: bool
    stats: MediaStats | None
    words: LastWords = LastWords()


class PacketSink(Protocol):
    """Who keeps packets. Called on pjsip's media threads: returns at once and raises nothing."""

    def packet(self, source: tuple[str, int], target: tuple[str, int], data: bytes) -> None: ...


class LegHandler(Protocol):
    """One call's ears and mouth. See the module docstring for threads."""

    def on_ringing(self, sip_code: int) -> None: ...
    def on_answered(self, codec: str) -> None: ...
    def on_dtmf(self, digit: str) -> None: ...
    def on_hold(self, held: bool) -> None:
        """The peer has put the call on hold, or taken it back (told only when that changes)."""

    def on_refer(self, target: str) -> bool:
        """The peer asks us (REFER) to call `target`, the value of its Refer-To. False declines; after True
        the handler places that call itself and says with `Leg.report_transfer` what became of it."""

    def on_transfer(self, sip_code: int, sip_reason: str, final: bool) -> None:
        """How the transfer goes that `Leg.refer` or `refer_replaces` asked for; nothing follows a `final`
        one. From 300 on it has failed, and the call goes on as before."""

    def on_replace(self, caller: str) -> bool:
        """`caller` wants to take the peer's place in this call (INVITE with Replaces). False declines;
        after True the call goes on with the newcomer."""

    def on_sip_message(self, message: SipMessage, at: datetime) -> None:
        """A message crossed the wire `at` (UTC). Which leg of the call this is, is not known here."""

    def on_leg(self, info: LegInfo) -> None:
        """Told once: when the leg has been answered, or at its end."""

    def on_stats(self, stats: MediaStats) -> None:
        """A reading during the call, now and then; the last one comes with `on_ended`."""

    def on_ended(self, end: LegEnd) -> None: ...
    def packet_sink(self) -> PacketSink | None:
        """Who keeps the RTP and RTCP packets of the stream that is about to run, if anybody does."""

    def on_frame(self, pcm: bytes) -> None:
        """20 ms of the other side: 320 bytes, 16-bit mono, 8000 Hz. Silence when nothing arrived. Before
        the answer only of a leg that listens to early media; nothing is asked of `next_frame` then."""

    def next_frame(self) -> bytes | None:
        """20 ms to send, 320 bytes; None sends silence. RTP never pauses."""


class Leg(Protocol):
    """A SIP dialog. Inbound legs start unanswered; outbound ones are dialing."""

    def ring(self) -> None: ...
    def answer(self, policy: LegPolicy | None = None, *, send_audio: bool = True) -> None:
        """200 OK, or 488 when `policy` does not take what was offered. With `send_audio` false not one
        RTP packet leaves (the sandbox's one-way phone)."""

    def reject(self, code: int, reason: str, headers: dict[str, str] | None = None) -> None: ...
    def hang_up(self, reason: str = "") -> None:
        """BYE, CANCEL or 603 as the state asks; `reason` goes into the Reason header."""

    def send_dtmf(self, digits: str) -> None:
        """By RFC 4733 or INFO, as the policy says; at most 32 of 0-9, *, #, A-D at once (ValueError
        otherwise)."""

    def refer(self, target: str) -> None:
        """Blind transfer: asks the peer to call `target`, a SIP or tel URI (ValueError otherwise). The
        call goes on until it is hung up; `LegHandler.on_transfer` tells how the peer fares."""

    def refer_replaces(self, other: Leg) -> None:
        """Attended transfer: connects our peer with the peer of `other`, a leg of the same line."""

    def report_transfer(self, sip_code: int, sip_reason: str) -> None:
        """Tells the peer, whose REFER `on_refer` has taken on, how it goes; from 200 on it is over."""

    def stats(self) -> MediaStats:
        """A snapshot at most a second old; after the end the last one."""


class LineHandler(Protocol):
    def on_invite(self, leg: Leg, invite: Invite) -> LegHandler:
        """A new inbound call. Return at once the handler that will hear of it; call `leg.ring()`,
        `leg.answer()` or `leg.reject()` then or later, from any thread."""


class Line(Protocol):
    """One pjsua2 endpoint: `capacity` calls at most, found from the build, known once started.

    An INVITE beyond them is answered 503 with Retry-After, one without PCMU and PCMA 488; the handler
    hears of neither. `turned_away` counts requests refused or dropped before any handler, by reason.
    """

    capacity: int
    port: int

    @property
    def turned_away(self) -> dict[str, int]: ...
    def start(self) -> None:
        """Binds and starts the owner thread. Raises `OSError` naming the busy address."""

    def dial(
        self,
        target: DialTarget,
        handler: LegHandler,
        *,
        headers: Sequence[tuple[str, str]] = (),
        to: Destination | None = None,
    ) -> Leg:
        """INVITE to the first gateway (the handler's owner tries the next one), whose packets go `to` a
        server that was located for it. However it fails, `on_ended` says so; only a target that no INVITE
        can be made of raises `ValueError`."""

    def active(self) -> int: ...
    def stop(self) -> None:
        """Hangs up what is left and frees the endpoint; returns when done (at most 5 s)."""
