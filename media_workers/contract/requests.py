"""What a node asks of the control plane in the middle of a call, and the answers.

All are `POST /internal/v1/calls/{id}/...`, by the node that carries the call; anybody else gets 409. `key`
makes a request idempotent: asking again with the same key does nothing twice and gives the same answer.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from media_workers.contract.acts import Source
from media_workers.contract.agent import AgentConfig
from media_workers.contract.calls import DialTarget, Rejection
from media_workers.contract.message import Message
from media_workers.contract.vendors import Credential

Key = Annotated[str, Field(min_length=8, max_length=80)]


NOT_BY_REFER = 405
"""Of a rejection: the carrier is not to be asked to connect this caller; a leg of our own may."""


class LegRequest(Message):
    """`.../legs`: may this call dial `number` or `sip_uri` beside its own leg, and how? Counts as a call of
    the trunk until `LegOver`. `referred`: the carrier is to connect it (REFER): only whether it may be."""

    node: str
    key: Key
    number: str = ""
    sip_uri: str = ""
    show_caller: bool = False
    referred: bool = False


class LegAnswer(Message):
    """Exactly one. For `referred`, `refer_to` is the SIP URI to name instead of `dial`."""

    dial: DialTarget | None = None
    refer_to: str = ""
    rejection: Rejection | None = None


class LegOver(Message):
    """`.../legs/over`: the leg of that key is gone."""

    node: str
    key: Key


class AgentRequest(Message):
    """`.../agent`: the call goes on with the published version of `agent` (of the same tenant)."""

    node: str
    agent: str


class AgentAnswer(Message):
    agent: AgentConfig
    agent_name: str
    version: int
    credentials: dict[str, Credential] = Field({}, repr=False)


class KnowledgeQuery(Message):
    """`.../knowledge`: what `bases` hold on `query`. A vendor of embeddings gets half of `within_ms`; what it
    has not given by then is done without."""

    node: str
    bases: Annotated[list[str], Field(max_length=10)] = []
    query: Annotated[str, Field(max_length=2_000)]
    limit: Annotated[int, Field(ge=1, le=10)] = 4
    within_ms: Annotated[int, Field(ge=50, le=10_000)] = 5_000


class KnowledgeAnswer(Message):
    """The best first. `trouble`: why less was searched than there is, in words."""

    sources: list[Source] = []
    took_ms: int = 0
    trouble: str = ""


class CallbackRequest(Message):
    """`.../callbacks`: call the same person again at `at`. 422 with the reason when that is no time."""

    node: str
    key: Key
    at: datetime
    note: Annotated[str, Field(max_length=1_000)] = ""


class MessageRequest(Message):
    """`.../messages`: a text message to the other side of the call, from the number it came by."""

    node: str
    key: Key
    text: Annotated[str, Field(min_length=1, max_length=1_000)]


class DoNotCallRequest(Message):
    """`.../do-not-call`: the other side of the call is not to be called again. Asked twice it is once on the
    list, so that it needs no key."""

    node: str


class Done(Message):
    """What was made, in words for the model (`Called back on Tuesday at 10:00 (Europe/Berlin).`); `ok` false:
    why not."""

    ok: bool
    words: str
    kind: Literal["callback", "message", "do_not_call"]
