"""A tool tried out without a call: what a media node is asked to do, and what came of it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from media_workers.contract.agent import AgentConfig
from media_workers.contract.message import Message

LONGEST_MS = 9_000
"""A trial has no longer, whatever the tool's own time: somebody waits for its answer."""

SHOWN = 20_000
"""Characters of an answer."""


class ToolTrial(Message):
    """`agent` has one tool, of the types http or mcp, and the secrets that it needs. `list`: only the tools
    of the MCP server are wanted. `tool`: which of them to run, by its own name."""

    action: Literal["run", "list"]
    agent: AgentConfig = Field(repr=False)
    arguments: dict[str, object] = {}
    variables: dict[str, str] = {}
    tool: str = ""
    allow_private: bool = False


class TrialClaim(Message):
    """Body of `POST /internal/v1/tools/claim`: what a request with this ticket is for."""

    ticket: Annotated[str, Field(max_length=500, repr=False)]


class TrialRequest(Message):
    """What was sent, its secrets masked."""

    method: str
    url: str
    headers: dict[str, str] = {}
    body: str = ""


class ListedTool(Message):
    name: str
    description: str = ""
    parameters: dict[str, object] = {}


class TrialResult(Message):
    """`result`: what a model would be told; `trouble`: what is wrong, in words, empty when nothing is.
    `status`: of HTTP, when there was an answer; `tools`: of `list`."""

    ok: bool
    status: int | None = None
    took_ms: int
    request: TrialRequest | None = None
    result: str = ""
    saved: dict[str, str] = {}
    trouble: str = ""
    tools: list[ListedTool] = []
