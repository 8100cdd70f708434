"""The scripted caller: places one call over SIP and says how it went, measured from its own end."""

from __future__ import annotations

import contextlib
import random
import re
import threading
import time
import wave
from collections.abc import Callable, Iterator
from pathlib import Path

from pydantic import BaseModel

from media_workers.contract.calls import DialTarget, Gateway
from media_workers.contract.events import MediaStats
from media_workers.providers.base import SAMPLE_RATE
from media_workers.sandbox import speech
from media_workers.sandbox.leg import PartyLeg
from media_workers.sandbox.party import BargeIn, Party, Said, answer_gaps
from media_workers.sandbox.script import AnyStep, Script
from media_workers.sip.line import PjsuaLine
from media_workers.sip.types import Invite, Leg, LegEnd, LegHandler, Line, LineConfig

DEFAULT_CALLER_ID = "+12025550150"

_SIP_URI = re.compile(
    r"^(?:sip:)?(?P<number>[^@\s;]+)@(?P<host>[^:;\s]+)(?::(?P<port>\d+))?(?:;transport=(?P<transport>udp|tcp))?$"
)


class CallResult(BaseModel):
    """How the call went as the caller saw and heard it; times in ms from the answer.

    `setup_ms`: from the INVITE to the answer or the refusal. `heard`: the stretches of the other
    side's speech, `heard_speech_ms` their sum. `answer_gaps_ms`: from the end of each of our lines
    to the next words heard. `barge_ins`: how long the other side went on speaking once interrupted.
    `rx_*`: RTP as received here. `completed`: every step of the script did what it says; else
    `problem` says which did not.
    """

    answered: bool
    rang: bool
    sip_code: int
    sip_reason: str
    ended_by: str
    setup_ms: int
    duration_ms: int
    codec: str
    heard_speech_ms: int
    heard: list[tuple[int, int]]
    said: list[Said]
    pressed: str
    digits_heard: str
    answer_gaps_ms: list[int]
    barge_ins: list[BargeIn]
    rx_packets: int
    rx_lost: int
    rx_jitter_ms: float
    tx_packets: int
    completed: bool
    problem: str


def target(uri: str, caller_id: str = DEFAULT_CALLER_ID) -> DialTarget:
    """Where `sip:+12025550100@127.0.0.1:5060` leads. Raises `ValueError` for anything else."""
    match = _SIP_URI.match(uri)
    if not match:
        raise ValueError(f"{uri!r} is not a SIP address; write it as sip:+12025550100@127.0.0.1:5060")
    gateway = Gateway(
        host=match["host"],
        port=int(match["port"] or 5060),
        transport="tcp" if match["transport"] == "tcp" else "udp",
    )
    return DialTarget(number=match["number"], caller_id=caller_id, gateways=[gateway], password="")


def run(
    *,
    to: str,
    script: Script,
    caller_id: str = DEFAULT_CALLER_ID,
    save: Path | None = None,
    on_step: Callable[[int, AnyStep], None] | None = None,
    timeout_s: float = 300.0,
) -> CallResult:
    """One call from a line of its own in this process; `save` gets what was heard as a WAV file.

    pjsua2 allows one endpoint per process: use `place` for several calls at once. Raises
    `ValueError` for a bad `to`, `ProviderError` when flite fails, `TimeoutError` after `timeout_s`.
    """
    transport = target(to).gateways[0].transport
    with own_line(tcp=transport == "tcp") as line:
        call = place(line, to=to, script=script, caller_id=caller_id, on_step=on_step)
        result = call.wait(timeout_s)
    if save:
        call.save(save)
    return result


def place(
    line: Line,
    *,
    to: str,
    script: Script,
    caller_id: str = DEFAULT_CALLER_ID,
    on_step: Callable[[int, AnyStep], None] | None = None,
) -> ScriptedCall:
    """Dials `to` on a started line and returns the call at once."""
    where = target(to, caller_id)
    call = ScriptedCall(Party(script, speech.lines(script), on_step=on_step))
    call.dial(line, where)
    return call


class ScriptedCall:
    """One outbound call played from a script."""

    def __init__(self, party: Party) -> None:
        self._party = party
        self._handler = PartyLeg(on_end=self._on_end, on_ring=self._on_ring, keep_audio=True)
        self._handler.take_part(party)
        self._rang = False
        self._over = threading.Event()
        self._leg: Leg | None = None
        self._dialed_at = 0.0
        self._ended_at = 0.0

    def dial(self, line: Line, where: DialTarget) -> None:
        self._dialed_at = time.monotonic()
        self._leg = line.dial(where, self._handler)
        self._handler.attach(self._leg)

    def hang_up(self) -> None:
        """Gives up now: CANCEL or BYE."""
        if self._leg:
            self._leg.hang_up()

    def wait(self, timeout_s: float) -> CallResult:
        """The result once the call is over. Hangs up and raises `TimeoutError` after `timeout_s`."""
        if not self._over.wait(timeout_s):
            self.hang_up()
            raise TimeoutError(f"the call was not over after {timeout_s:g} s")
        return self._result()

    def save(self, path: Path) -> None:
        """What was heard, from the answer on, as 8000 Hz mono WAV."""
        with wave.open(str(path), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(SAMPLE_RATE)
            file.writeframes(bytes(self._handler.heard))

    def _on_ring(self, sip_code: int) -> None:
        self._rang = True

    def _on_end(self, handler: PartyLeg, end: LegEnd) -> None:
        self._ended_at = time.monotonic()
        self._over.set()

    def _result(self) -> CallResult:
        end, ear, account = self._handler.end, self._party.ear, self._party.account
        assert end is not None  # noqa: S101 - set before `_over`
        stats = end.stats or MediaStats()
        unanswered = f"not answered: {end.sip_code} {end.sip_reason}"
        return CallResult(
            answered=end.answered,
            rang=self._rang,
            sip_code=end.sip_code,
            sip_reason=end.sip_reason,
            ended_by="other side" if end.by_peer else "caller",
            setup_ms=round(((self._handler.answered_at or self._ended_at) - self._dialed_at) * 1000),
            duration_ms=self._party.now_ms,
            codec=self._handler.codec,
            heard_speech_ms=ear.speech_ms,
            heard=[(segment.start_ms, segment.end_ms) for segment in ear.segments],
            said=account.said,
            pressed=account.pressed,
            digits_heard=account.digits_heard,
            answer_gaps_ms=answer_gaps(account, ear),
            barge_ins=account.barge_ins,
            rx_packets=stats.rx_packets,
            rx_lost=stats.rx_lost,
            rx_jitter_ms=stats.rx_jitter_ms,
            tx_packets=stats.tx_packets,
            completed=account.completed,
            problem=account.problem if end.answered else unanswered,
        )


@contextlib.contextmanager
def own_line(host: str = "127.0.0.1", *, tcp: bool = False) -> Iterator[PjsuaLine]:
    """A started line on free ports that refuses whoever calls it. UDP alone finds a port at once."""
    first = random.randrange(22_000, 31_000, 100)
    line = PjsuaLine(
        LineConfig(
            bind_address=host,
            port=0,
            public_address=host,
            rtp_ports=(first, first + 98),
            transports=("udp", "tcp") if tcp else ("udp",),
            user_agent="Trunkline sandbox caller",
        ),
        _TakesNoCalls(),
    )
    line.start()
    try:
        yield line
    finally:
        line.stop()


class _TakesNoCalls:
    def on_invite(self, leg: Leg, invite: Invite) -> LegHandler:
        leg.reject(480, "Temporarily Unavailable")
        return PartyLeg(on_end=lambda handler, end: None)
