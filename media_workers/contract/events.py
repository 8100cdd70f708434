"""What a media node reports of a call: numbered, idempotent, delivered in order, at least once.

Events of one call carry `seq` 1, 2, 3, ... without a gap. The control plane stores each
`(call_id, seq)` once, so that a batch may be sent again. All times are UTC; `*_ms` offsets inside a
call count from the answer (0 = answered), in milliseconds.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from media_workers.contract.acts import (
    AnsweredBy,
    FlowMoved,
    HandedOver,
    LanguageChanged,
    LiveControl,
    Retrieval,
    ToolUsed,
    Transfer,
)
from media_workers.contract.message import Message


class EndReason(StrEnum):
    """How a call ended, whoever ended it. Words for people are in `END_REASON_WORDS`."""

    CALLER_HUNG_UP = "caller_hung_up"
    CALLEE_HUNG_UP = "callee_hung_up"
    AGENT_HUNG_UP = "agent_hung_up"
    API_HUNG_UP = "api_hung_up"
    CANCELLED = "cancelled"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    REJECTED = "rejected"
    UNREACHABLE = "unreachable"
    NUMBER_UNKNOWN = "number_unknown"
    BLOCKED = "blocked"
    NO_CODEC = "no_codec"
    NO_CAPACITY = "no_capacity"
    SILENCE = "silence"
    TRANSFERRED = "transferred"
    VOICEMAIL = "voicemail"
    MAX_DURATION = "max_duration"
    MONEY_ENDED = "money_ended"
    MEDIA_LOST = "media_lost"
    NOT_READY = "not_ready"
    PROVIDER_FAILED = "provider_failed"
    NODE_LOST = "node_lost"
    NODE_STOPPED = "node_stopped"
    JOB_EXPIRED = "job_expired"
    WITHDRAWN = "withdrawn"
    FAILED = "failed"


END_REASON_WORDS: dict[EndReason, str] = {
    EndReason.CALLER_HUNG_UP: "The caller hung up.",
    EndReason.CALLEE_HUNG_UP: "The person called hung up.",
    EndReason.AGENT_HUNG_UP: "The agent ended the conversation.",
    EndReason.API_HUNG_UP: "The call was ended from the API.",
    EndReason.CANCELLED: "The caller gave up before the call was answered.",
    EndReason.BUSY: "The line was busy.",
    EndReason.NO_ANSWER: "Nobody answered within the ringing time.",
    EndReason.REJECTED: "The call was refused by the other side.",
    EndReason.UNREACHABLE: "The number or its carrier could not be reached.",
    EndReason.NUMBER_UNKNOWN: "The number called does not exist or is not ours.",
    EndReason.BLOCKED: "The source of the call is not allowed.",
    EndReason.NO_CODEC: "The two sides share no audio codec; PCMU or PCMA is needed.",
    EndReason.NO_CAPACITY: "No line was free to take the call.",
    EndReason.SILENCE: "The caller said nothing for too long.",
    EndReason.TRANSFERRED: "The caller was handed to somebody else, and the agent is out of the call.",
    EndReason.VOICEMAIL: "An answering machine took the call.",
    EndReason.MAX_DURATION: "The call reached its maximum duration.",
    EndReason.MONEY_ENDED: "There was no money for the call, or no more: in the wallet, or within a limit.",
    EndReason.MEDIA_LOST: "No audio arrived from the other side for too long.",
    EndReason.NOT_READY: "The agent of this number has no published version; the caller heard an apology.",
    EndReason.PROVIDER_FAILED: (
        "A speech or language service failed, and all that take over from it; the caller heard the "
        "fallback message."
    ),
    EndReason.NODE_LOST: "The media node that carried the call died.",
    EndReason.NODE_STOPPED: "The media node was stopped before the call ended.",
    EndReason.JOB_EXPIRED: "The call waited in the queue for too long and was not dialed.",
    EndReason.WITHDRAWN: "The call was withdrawn before it was dialed.",
    EndReason.FAILED: "The call failed; the SIP code says how.",
}

SIP_CODE_REASONS: dict[int, EndReason] = {
    403: EndReason.REJECTED,
    404: EndReason.NUMBER_UNKNOWN,
    408: EndReason.UNREACHABLE,
    410: EndReason.NUMBER_UNKNOWN,
    433: EndReason.REJECTED,
    480: EndReason.UNREACHABLE,
    484: EndReason.NUMBER_UNKNOWN,
    485: EndReason.NUMBER_UNKNOWN,
    486: EndReason.BUSY,
    487: EndReason.CANCELLED,
    488: EndReason.NO_CODEC,
    502: EndReason.UNREACHABLE,
    503: EndReason.UNREACHABLE,
    600: EndReason.BUSY,
    603: EndReason.REJECTED,
    604: EndReason.NUMBER_UNKNOWN,
    606: EndReason.NO_CODEC,
    607: EndReason.REJECTED,
    608: EndReason.REJECTED,
}


class LatencyParts(Message):
    """Where the time between the caller's last word and our first audio went, in ms; None: not measured.

    `total` runs from the end of the caller's speech to the first frame of the answer handed to RTP.
    `retrieval`: looking the question up in the agent's knowledge. `sentence`: from the first token to the
    end of the first sentence. `own`: what is left of `total` after every vendor and the endpointing.
    """

    endpoint: int | None = None
    transcript: int | None = None
    retrieval: int | None = None
    first_token: int | None = None
    sentence: int | None = None
    first_audio: int | None = None
    own: int | None = None
    total: int | None = None


class Moments(Message):
    """The same answer as moments, in ms after the caller's last word; None: has not happened.

    `decided`: the turn was held for over; `transcript`: its final text was there; `model_asked`,
    `first_token`, `first_sentence`, `voice_asked`, `first_audio`: of the answer that was spoken;
    `first_packet`: its first frame went to RTP.
    """

    transcript_asked: int | None = None
    transcript: int | None = None
    decided: int | None = None
    model_asked: int | None = None
    first_token: int | None = None
    first_sentence: int | None = None
    voice_asked: int | None = None
    first_audio: int | None = None
    first_packet: int | None = None


class ServedBy(Message):
    """Who did a part of the turn. `model` is the vendor's name for it, of a synthesizer too."""

    component: Literal["stt", "llm", "tts", "realtime"]
    vendor: str
    model: str = ""
    own_key: bool = False


class PassedOver(Message):
    """A vendor that was left for the next within the turn, and why, in words."""

    component: Literal["stt", "llm", "tts", "realtime"]
    vendor: str
    reason: str
    after_ms: int


class ToolTime(Message):
    name: str
    took_ms: int


class TurnUsage(Message):
    """What the vendors will bill for the turn, dropped drafts included (`discarded_*`: their share).

    `audio_ms`: sent to the transcriber since the turn before; `characters`: sent to the voice.
    """

    audio_ms: int = 0
    input_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0
    discarded_tokens: int = 0
    characters: int = 0
    discarded_characters: int = 0
    audio_input_tokens: int = 0
    audio_output_tokens: int = 0


class TurnAccount(Message):
    """Every millisecond of an answer, and everything it cost.

    `drafts`: answers begun on a likely end and dropped because the caller went on. `endpointing`: which
    strategy decided, and its reason in a word or two.
    """

    moments: Moments = Moments()
    endpointing: str = ""
    drafts: int = 0
    served_by: list[ServedBy] = []
    passed_over: list[PassedOver] = []
    tools: list[ToolTime] = []
    retrieval: Retrieval | None = None
    usage: TurnUsage = TurnUsage()


class Ringing(Message):
    type: Literal["ringing"] = "ringing"
    sip_code: int = 180


class Answered(Message):
    """`recorded_ms`: how much of the recording is from before the answer (early media)."""

    type: Literal["answered"] = "answered"
    codec: str = ""
    recorded_ms: int = 0


class Forwarded(Message):
    """No agent could answer, and the fallback number has: the caller is connected to it, as leg `leg`."""

    type: Literal["forwarded"] = "forwarded"
    to_number: str
    leg: int
    after_ms: int = 0


class TurnSpoken(Message):
    """One utterance of one speaker, final. Of an interrupted agent only what was played."""

    type: Literal["turn"] = "turn"
    index: int
    speaker: Literal["caller", "agent"]
    text: str
    start_ms: int
    end_ms: int
    interrupted: bool = False
    dtmf: bool = False
    language: str = ""
    confidence: float | None = None
    latency: LatencyParts | None = None
    account: TurnAccount | None = None


class Partial(Message):
    """Live text that is not final; shown, not stored as a turn."""

    type: Literal["partial"] = "partial"
    speaker: Literal["caller", "agent"]
    text: str
    at_ms: int


class BargeIn(Message):
    """`stop_ms`: from the decision to the last agent frame handed to RTP. `resumed`: it turned out to be
    no words, and the agent went on with the same turn."""

    type: Literal["barge_in"] = "barge_in"
    at_ms: int
    turn_index: int
    stop_ms: int = 0
    resumed: bool = False


class Dtmf(Message):
    """`masked`: a key of a sensitive number; `digit` is `*` whatever was pressed."""

    type: Literal["dtmf"] = "dtmf"
    digit: Annotated[str, Field(pattern=r"^[0-9*#A-D]$")]
    direction: Literal["in", "out"] = "in"
    masked: bool = False
    at_ms: int


class Trouble(Message):
    """Something went wrong and the call went on: a vendor error, a missing version, a bad tool call."""

    type: Literal["trouble"] = "trouble"
    what: str
    component: str
    detail: str
    at_ms: int = 0


class GatewayFailed(Message):
    """A gateway did not take the call, so that the next one is tried. `gateway_id`: as the plan said; `leg`:
    the leg that it was tried with, None when there was none;
    `sip_code` 408 without an answer stands for none within the time."""

    type: Literal["gateway_failed"] = "gateway_failed"
    gateway_id: UUID | None = None
    gateway: str
    leg: int | None = None
    sip_code: int
    sip_reason: str = ""
    after_ms: int = 0


class LegInfo(Message):
    """What is known of a leg's far side once it is set up. `leg` counts the legs of a call from 0.

    `direction`: who sent the INVITE. `pdd_ms`: from our INVITE to the first 180, 183 or 200; `setup_ms`:
    to the 200 (inbound: from the INVITE's arrival to our 200). `remote_media`: where their SDP wants our
    RTP, host:port.
    """

    type: Literal["leg"] = "leg"
    leg: int = 0
    direction: Literal["in", "out"] = "out"
    gateway_id: UUID | None = None
    gateway: str = ""
    transport: str = ""
    remote_agent: str = ""
    remote_media: str = ""
    codec: str = ""
    ptime_ms: int | None = None
    srtp: bool = False
    pdd_ms: int | None = None
    setup_ms: int | None = None


class SipMessage(Message):
    """One SIP message of the call, for the ladder. Credentials are masked before it leaves the node.

    `local` and `peer` are host:port; `leg` counts the legs of the call from 0. `retransmission`: the
    same message crossed the wire before. `cut`: the end of `text` is missing.
    """

    type: Literal["sip"] = "sip"
    leg: int = 0
    direction: Literal["in", "out"]
    local: str = ""
    peer: str
    transport: str
    first_line: str
    text: str
    retransmission: bool = False
    cut: bool = False


OneWay = Literal["", "we_hear_nothing", "they_hear_nothing", "both_silent"]
"""Which side hears nothing; "": both do, or nobody can tell."""


class MediaStats(Message):
    """RTP figures of the leg since its answer. `rx_*`: what we received; `tx_*`: what the peer reported by
    RTCP. None: not known.

    `final` false: a reading during the call, `at_ms` after the answer; everything counts from the
    beginning. `rx_lost` never arrived, `rx_discarded` came too late or too early for the jitter buffer,
    `rx_empty` is how often that had nothing to play; `rx_delay_ms` how long it holds a packet.
    `reports`: RTCP reports that arrived. `*_mos`: E-model, 1 to 4.4 (see `sip.emodel`).
    """

    type: Literal["media"] = "media"
    leg: int = 0
    final: bool = True
    at_ms: int | None = None
    codec: str = ""
    ptime_ms: int | None = None
    rx_packets: int = 0
    rx_bytes: int = 0
    rx_lost: int = 0
    rx_reordered: int = 0
    rx_duplicated: int = 0
    rx_jitter_ms: float = 0.0
    rx_jitter_max_ms: float = 0.0
    rx_discarded: int = 0
    rx_empty: int = 0
    rx_delay_ms: float | None = None
    rx_mos: float | None = None
    tx_packets: int = 0
    tx_bytes: int = 0
    tx_lost: int | None = None
    tx_jitter_ms: float | None = None
    tx_jitter_max_ms: float | None = None
    tx_mos: float | None = None
    rtt_ms: float | None = None
    rtt_max_ms: float | None = None
    reports: int = 0
    one_way: OneWay = ""


class RecordingReady(Message):
    """The stereo WAV has been uploaded (`PUT /internal/v1/calls/{id}/recording`)."""

    type: Literal["recording"] = "recording"
    duration_ms: int
    size_bytes: int
    sha256: str


class Ended(Message):
    """The last event but `recording`: how the call ended. `slots`: what the dialogue collected."""

    type: Literal["ended"] = "ended"
    reason: EndReason
    sip_code: int | None = None
    sip_reason: str = ""
    detail: str = ""
    duration_ms: int = 0
    slots: dict[str, str] = {}


EventBody = Annotated[
    Ringing
    | Answered
    | Forwarded
    | TurnSpoken
    | Partial
    | BargeIn
    | Dtmf
    | ToolUsed
    | FlowMoved
    | Transfer
    | HandedOver
    | AnsweredBy
    | LanguageChanged
    | LiveControl
    | Trouble
    | GatewayFailed
    | LegInfo
    | SipMessage
    | MediaStats
    | RecordingReady
    | Ended,
    Field(discriminator="type"),
]


class CallEvent(Message):
    """One event with its place in the call's order."""

    seq: Annotated[int, Field(ge=1)]
    at: datetime
    body: EventBody


class EventBatch(Message):
    """`POST /internal/v1/calls/{id}/events`. Answer: `EventAck`."""

    call_id: UUID
    node: str
    events: Annotated[list[CallEvent], Field(min_length=1, max_length=500)]


class EventAck(Message):
    """Everything up to and including `seq` is stored; the node may forget it."""

    seq: int
