"""What the control plane tells a media node about a call: jobs, plans and commands."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from media_workers.contract.agent import AgentConfig

JOB_STREAM = "trunkline:calls:dial"
JOB_GROUP = "lines"


def command_stream(node: str) -> str:
    """Redis stream on which the node `node` receives `CallCommand`s, field `command` as JSON."""
    return f"trunkline:node:{node}:commands"


def listen_channel(call_id: UUID) -> str:
    """Redis pub/sub channel with a call's audio for listeners: both sides mixed, 16-bit little-endian
    mono at 8000 Hz, 100 ms a message."""
    return f"trunkline:listen:{call_id}"


class Message(BaseModel):
    """Base of what crosses the planes. Unknown fields are ignored so that planes upgrade apart."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class CallJob(Message):
    """An entry of the job stream (field `job`, JSON): only the id. The plan is fetched by claiming."""

    call_id: UUID


class Gateway(Message):
    """Where to send an INVITE."""

    host: str
    port: int = 5060
    transport: Literal["udp", "tcp", "tls"] = "udp"


class DialTarget(Message):
    """How to place an outbound call: gateways in the order to try, and who we say we are.

    `number` goes into the Request-URI as it stands (already formatted for the trunk).
    """

    number: str
    caller_id: str
    gateways: list[Gateway]
    username: str = ""
    password: str = Field("", repr=False)
    ring_timeout_ms: int = 45_000


class CallPlan(Message):
    """Everything a line needs to run one call without asking again.

    `agent` is None when nobody can speak for the number (`problem` says why, `apology` is spoken).
    """

    call_id: UUID
    tenant_id: UUID
    direction: Literal["inbound", "outbound", "browser"]
    from_number: str
    to_number: str
    agent: AgentConfig | None
    variables: dict[str, str] = {}
    dial: DialTarget | None = None
    problem: str = ""
    apology: str = "Sorry, this number is not ready to take calls yet. Goodbye."


class InboundCall(Message):
    """What a line knows of an INVITE before it is answered (`POST /internal/v1/calls/inbound`).

    `sip_call_id` with `node` makes the request idempotent: asking twice admits once.
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
    sip_call_id: str


class Rejection(Message):
    """The answer to an `InboundCall` or a claim that will not be taken; the SIP code and why, in words."""

    sip_code: Annotated[int, Field(ge=300, le=699)]
    sip_reason: str
    detail: str
    retry_after_s: int | None = None


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
    """Something to do to a live call. `say` speaks `text` and continues; `listen` has both sides
    published on `listen_channel` for `lease_s` from now on."""

    call_id: UUID
    action: Literal["hang_up", "say", "transfer", "listen"]
    text: str = ""
    target: str = ""
    reason: str = ""
    lease_s: Annotated[float, Field(ge=0, le=60)] = 0


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


class HeartbeatAnswer(Message):
    """`lost`: calls the control plane has already ended; the node hangs them up."""

    lost: list[UUID] = []
