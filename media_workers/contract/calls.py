"""What the control plane tells a media node about a call: jobs, plans and commands."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from media_workers.contract.agent import AgentConfig
from media_workers.contract.message import Message
from media_workers.contract.transfers import TransferTarget
from media_workers.contract.vendors import Credential

JOB_STREAM = "trunkline:calls:dial"
JOB_GROUP = "lines"


def command_stream(node: str) -> str:
    """Redis stream on which the node `node` receives `CallCommand`s, field `command` as JSON."""
    return f"trunkline:node:{node}:commands"


def listen_channel(call_id: UUID) -> str:
    """Redis pub/sub channel with a call's audio for listeners: both sides mixed, 16-bit little-endian
    mono at 8000 Hz, 100 ms a message."""
    return f"trunkline:listen:{call_id}"


def operator_channel(call_id: UUID) -> str:
    """Redis pub/sub channel with the same for a person who has taken the call over: without their own voice,
    which would come back to them late."""
    return f"trunkline:operator:{call_id}"


def speak_channel(call_id: UUID) -> str:
    """Redis pub/sub channel with the audio of a person who has taken a call over: 16-bit little-endian mono
    at 8000 Hz, 20 to 100 ms a message."""
    return f"trunkline:speak:{call_id}"


class CallJob(Message):
    """An entry of the job stream (field `job`, JSON): only the id. The plan is fetched by claiming."""

    call_id: UUID


Transport = Literal["udp", "tcp", "tls"]


class Gateway(Message):
    """Where to send an INVITE. Without a port the host is looked up by RFC 3263 (NAPTR, SRV, A).

    `id` is the control plane's own, told back in `GatewayFailed`.
    """

    host: str
    port: int | None = 5060
    transport: Transport = "udp"
    id: UUID | None = None


class LegPolicy(Message):
    """What a trunk wants of the media and signalling of its legs.

    `codecs` in order of preference. `dtmf`: how digits are sent; both ways are understood.
    `early_media`: whether what comes before the answer (183 with SDP) is listened to.
    """

    srtp: Literal["off", "optional", "required"] = "off"
    codecs: list[Literal["pcmu", "pcma"]] = ["pcmu", "pcma"]
    dtmf: Literal["rfc4733", "info"] = "rfc4733"
    early_media: Literal["ignore", "listen"] = "ignore"


class DialTarget(Message):
    """How to place an outbound call: gateways in the order to try, and who we say we are.

    `number` goes into the Request-URI as it stands (already formatted for the trunk). `headers` are
    sent in the INVITE as they stand. A gateway that has not answered the INVITE at all within
    `invite_timeout_ms` is passed over. `backup` is tried when every gateway here has failed. Unless
    `allow_private`, a gateway whose name leads to an address outside the public internet is passed over.
    """

    number: str
    caller_id: str
    gateways: list[Gateway]
    username: str = ""
    password: str = Field("", repr=False)
    caller_id_header: Literal["none", "p_asserted_identity", "remote_party_id"] = "none"
    caller_id_private: bool = False
    headers: dict[str, str] = {}
    leg: LegPolicy = LegPolicy()
    invite_timeout_ms: int = 6_000
    ring_timeout_ms: int = 45_000
    trunk_id: UUID | None = None
    allow_private: bool = True
    backup: DialTarget | None = None


class CallPlan(Message):
    """Everything a line needs to run one call without asking again.

    `agent` is None when nobody can speak for the number: then the caller is connected to `forward`
    when there is one, else `problem` says why and `apology` is spoken. `leg` is how an inbound leg is
    answered; an outbound one's is in `dial`. `capture_rtp`: the leg's RTP is kept as pcap. Two people who
    talk to each other through a fallback number are not recorded. `credentials`: of every vendor that the
    agent or a fallback names, by its key's name (`vendors.KEY_OF`); one that is missing has no key, neither
    the tenant's nor the platform's. `allow_private`: the agent's tools may ask servers that are not on the
    public internet, too.
    """

    call_id: UUID
    tenant_id: UUID
    direction: Literal["inbound", "outbound", "browser"]
    from_number: str
    to_number: str
    agent: AgentConfig | None
    variables: dict[str, str] = {}
    credentials: dict[str, Credential] = Field({}, repr=False)
    dial: DialTarget | None = None
    forward: DialTarget | None = None
    leg: LegPolicy = LegPolicy()
    capture_rtp: bool = False
    allow_private: bool = False
    problem: str = ""
    apology: str = "Sorry, this number is not ready to take calls yet. Goodbye."


class InboundCall(Message):
    """What a line knows of an INVITE before it is answered (`POST /internal/v1/calls/inbound`).

    `sip_call_id` with `node` makes the request idempotent: asking twice admits once. `trunk_hint` is
    the first label of the Request-URI's host. `authenticated_as` and `edge` are only ever set from what
    a trusted edge wrote; `headers` are the INVITE's custom ones (at most 40, 4 KB in all).
    """

    node: str
    line: int
    source_address: str
    source_port: int = 0
    transport: str = "udp"
    request_uri: str
    dialed_number: str
    caller: str
    trunk_hint: str = ""
    authenticated_as: str = ""
    edge: str = ""
    headers: dict[str, str] = {}
    srtp_offered: bool = False
    sip_call_id: str


class Rejection(Message):
    """The answer to an `InboundCall` or a claim that will not be taken; the SIP code and why, in words.

    `call_id`: the refused call as it is stored, over already; the node reports its messages.
    """

    sip_code: Annotated[int, Field(ge=300, le=699)]
    sip_reason: str
    detail: str
    retry_after_s: int | None = None
    call_id: UUID | None = None


class InboundAnswer(Message):
    """Exactly one of `plan` and `rejection`."""

    plan: CallPlan | None = None
    rejection: Rejection | None = None


class ClaimRequest(Message):
    """Body of `POST /internal/v1/calls/{id}/claim`; 200 is a `CallPlan`, 409 means: not yours, drop it.

    `ticket`: what a browser call's socket brought with it; no browser call is given away without.
    """

    node: str
    line: int
    ticket: str = Field("", repr=False)


class CallCommand(Message):
    """Something to do to a live call. `say` speaks `text` and continues; `whisper` tells the agent `text`,
    unheard by the caller; `mute` keeps the agent silent until `unmute`; `transfer` goes to `target`
    (complete: the control plane has looked its name up); `listen` has both sides published on
    `listen_channel`, and `take_over` puts what arrives on `speak_channel` in the agent's place, for `lease_s`
    from now on. `paid_until`: the call is paid for `paid_ms` from its answer and ends by then, with last
    words, unless another time is told, or none: there is money again; the same may be told again and again.
    `by`: who asked, for `LiveControl`."""

    call_id: UUID
    action: Literal[
        "hang_up",
        "say",
        "transfer",
        "listen",
        "mute",
        "unmute",
        "whisper",
        "take_over",
        "give_back",
        "paid_until",
    ]
    text: str = ""
    target: TransferTarget | None = None
    reason: str = ""
    by: str = ""
    lease_s: Annotated[float, Field(ge=0, le=60)] = 0
    paid_ms: Annotated[int, Field(ge=0)] | None = None


class SipLine(Message):
    """One line of a node, for the edge's dispatcher: `address` is host:port of its SIP socket, `life`
    another one after each start of the line."""

    address: str
    capacity: int
    active: int = 0
    life: str = ""


class Heartbeat(Message):
    """`POST /internal/v1/nodes/heartbeat`, every 5 s; the node's lease lasts 15 s from the last one.

    `calls` are the ids of the calls it carries and of those it still has something to report of: a
    call that is missing for 15 s is taken for lost. `browser_url` is where web reaches the process that
    carries browser calls (ws://host:port); `capacity` and `active` count telephone calls only.
    """

    node: str
    boot_id: UUID
    sip_address: str
    lines: int
    capacity: int
    active: int
    draining: bool = False
    version: str = ""
    calls: list[UUID] = []
    browser_url: str = ""
    browser_capacity: int = 0
    browser_active: int = 0
    sip_lines: list[SipLine] = []


class HeartbeatAnswer(Message):
    """`lost`: calls the control plane has already ended; the node hangs them up."""

    lost: list[UUID] = []
