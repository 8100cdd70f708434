"""What an agent can do while it talks: the configuration of its tools."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import Field

from media_workers.contract.part import Name, Part, Text

ToolName = Annotated[str, Field(pattern=r"^[a-zA-Z][a-zA-Z0-9_-]{0,63}$")]
Url = Annotated[str, Field(pattern=r"^https?://[^\s]{1,1990}$")]
"""May hold ``{{variables}}`` and, after the host, ``{arguments}`` of the call."""

Headers = Annotated[
    dict[Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,80}$")], Annotated[str, Field(max_length=2_000)]],
    Field(max_length=30),
]
"""Values may hold ``{{variables}}`` and ``{{secret.name}}`` of `AgentConfig.secrets`."""

SECRET = re.compile(r"\{\{\s*secret\.([a-z][a-z0-9_]{0,63})\s*\}\}")
"""A secret in a header; its name in the group."""

ToolTimeout = Annotated[int, Field(ge=500, le=30_000)]


class _Tool(Part):
    name: ToolName
    description: Text = Field("", description="Tells the model when to use it.")


class HttpTool(_Tool):
    """A request to a server of the tenant's, whose host is written out. `parameters` is the JSON schema of
    the arguments.

    `send`: where the arguments go that are not in the URL. `save` keeps values of a JSON answer as slots, by
    dotted path (``customer.name``, ``items.0.id``). GET, PUT and DELETE are tried once more when the
    connection fails; all requests carry an Idempotency-Key.
    """

    type: Literal["http"] = "http"
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"] = "POST"
    url: Url
    headers: Headers = {}
    parameters: dict[str, object] = {"type": "object", "properties": {}}
    send: Literal["json", "form", "query"] = "json"
    timeout_ms: ToolTimeout = 8_000
    save: Annotated[dict[Name, Annotated[str, Field(max_length=200)]], Field(max_length=20)] = {}


class McpServer(_Tool):
    """All tools of a server that speaks the Model Context Protocol (streamable HTTP), or those in `only`."""

    type: Literal["mcp"] = "mcp"
    url: Url
    headers: Headers = {}
    only: Annotated[list[ToolName], Field(max_length=64)] = []
    timeout_ms: ToolTimeout = 8_000


class TransferTool(_Tool):
    """Lets the model hand the caller to one of `AgentConfig.transfers` (`targets`; empty: any)."""

    type: Literal["transfer"] = "transfer"
    name: ToolName = "transfer_call"
    targets: Annotated[list[Name], Field(max_length=20)] = []


class SendDigitsTool(_Tool):
    """Presses keys towards the other side: menus, extensions."""

    type: Literal["send_digits"] = "send_digits"
    name: ToolName = "send_digits"


class CollectDigitsTool(_Tool):
    """Asks for keys: `prompt` is said, then up to `max_digits` are waited for, until `terminator` or
    `timeout_ms` without one. Kept as the slot `save_as`. `sensitive` digits are masked in transcript, events,
    logs and recording; the model is told only how many there were, and other tools may use them by
    ``{slot}``."""

    type: Literal["collect_digits"] = "collect_digits"
    name: ToolName = "collect_digits"
    prompt: Text = ""
    min_digits: Annotated[int, Field(ge=1, le=40)] = 1
    max_digits: Annotated[int, Field(ge=1, le=40)] = 20
    terminator: Annotated[str, Field(pattern=r"^[#*]?$")] = "#"
    timeout_ms: Annotated[int, Field(ge=1_000, le=60_000)] = 8_000
    sensitive: bool = False
    save_as: Name = "digits"


class LeaveVoicemailTool(_Tool):
    """Lets the model leave `AgentConfig.voicemail.message` after the beep and hang up."""

    type: Literal["leave_voicemail"] = "leave_voicemail"
    name: ToolName = "leave_voicemail"


class CallbackTool(_Tool):
    """Has the same person called again by the same agent, at a time the model gives."""

    type: Literal["schedule_callback"] = "schedule_callback"
    name: ToolName = "schedule_callback"
    longest_days: Annotated[int, Field(ge=1, le=90)] = 14


class SmsTool(_Tool):
    """A text message to the other side of the call, through the number's carrier. `text` is sent with its
    variables and ``{slots}`` filled in; empty: the model writes it."""

    type: Literal["send_sms"] = "send_sms"
    name: ToolName = "send_sms"
    text: Annotated[str, Field(max_length=1_000)] = ""


class DoNotCallTool(_Tool):
    """Keeps the other side of the call from being called again: its number goes on the tenant's do-not-call
    list."""

    type: Literal["do_not_call"] = "do_not_call"
    name: ToolName = "do_not_call"


class KnowledgeTool(_Tool):
    """Lets the model look something up in `AgentConfig.knowledge` itself. `save_as`: the slot that holds the
    best passage afterwards, so that a flow can say it; finding nothing is a failure then."""

    type: Literal["search_knowledge"] = "search_knowledge"
    name: ToolName = "search_knowledge"
    save_as: Name | None = None


AgentTool = Annotated[
    HttpTool
    | McpServer
    | TransferTool
    | SendDigitsTool
    | CollectDigitsTool
    | LeaveVoicemailTool
    | CallbackTool
    | SmsTool
    | DoNotCallTool
    | KnowledgeTool,
    Field(discriminator="type"),
]


class Prefetch(Part):
    """A GET before the call begins, whose JSON answer gives variables: `take` maps each to a dotted path.
    A request that fails or is late leaves them at their defaults, and is told as a trouble."""

    url: Url
    headers: Headers = {}
    timeout_ms: Annotated[int, Field(ge=200, le=5_000)] = 1_500
    take: Annotated[dict[Name, Annotated[str, Field(max_length=200)]], Field(min_length=1, max_length=40)]


class KeyInput(Part):
    """Keys that the caller presses unasked: a turn of their own once `length` are there, at `terminator`, or
    after `timeout_ms` without another. Length 1 makes each key a turn at once."""

    length: Annotated[int, Field(ge=1, le=40)] = 1
    terminator: Annotated[str, Field(pattern=r"^[#*]?$")] = ""
    timeout_ms: Annotated[int, Field(ge=500, le=30_000)] = 2_500
    sensitive: bool = False


class KnowledgeUse(Part):
    """The tenant's documents that the agent answers from. `auto`: every question is looked up and what fits
    goes to the model with it; `tool`: only when the model asks (`search_knowledge` is offered then). Later
    than `timeout_ms` the answer is made without."""

    bases: Annotated[
        list[Annotated[str, Field(pattern=r"^kb_[A-Za-z0-9]{1,40}$")]], Field(max_length=10)
    ] = []
    mode: Literal["auto", "tool"] = "auto"
    results: Annotated[int, Field(ge=1, le=10)] = 4
    timeout_ms: Annotated[int, Field(ge=50, le=5_000)] = 400


class Voicemail(Part):
    """Who answered an outbound call, and what to do about a machine.

    `screening_reply` is said to a service that asks for a name before it connects (empty: the first
    message). `navigate`: menus are listened to and keys pressed (`send_digits`) towards `goal`.
    """

    detect: bool = True
    action: Literal["hang_up", "leave_message", "continue"] = "hang_up"
    message: Text = ""
    decide_within_ms: Annotated[int, Field(ge=1_500, le=20_000)] = 6_000
    beep_within_ms: Annotated[int, Field(ge=2_000, le=60_000)] = 30_000
    screening_reply: Text = ""
    navigate: bool = False
    goal: Text = ""
