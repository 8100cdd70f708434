"""A tool tried out before an agent uses it: a media node runs it, and tells what came of it.

What is to be run may hold secrets: it waits encrypted, for seconds, and the node fetches it by a ticket.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import httpx
import structlog
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from pydantic import ValidationError
from redis import RedisError

from apps.agents.configuration import parse_config
from apps.agents.model_keys import goes_elsewhere, read, secrets_in
from apps.agents.models import Agent
from apps.agents.tool_checks import secrets_of
from media_workers.contract.agent import AgentConfig
from media_workers.contract.tools import HttpTool, McpServer
from media_workers.contract.trials import ToolTrial, TrialResult
from telephony.edge.models import MediaNode
from telephony.edge.selectors import browser_nodes
from telephony.edge.tickets import BadTicket, read_trial_ticket, trial_ticket
from tenants.errors import InvalidFields, InvalidInput, LimitReached, Unavailable
from tenants.scope import current_tenant_id
from tenants.secrets import SecretUnreadable, decrypt, encrypt

log = structlog.get_logger(__name__)

NODES_TRIED = 2
TIMEOUT_S = 14.0
CONNECT_S = 2.0
WAITS_S = 30
A_MINUTE = 30
"""Trials of a tenant: each costs a media node time, and somebody's server a request."""

_SCRIPT = {"model": {"provider": "script", "nodes": {"start": {}}}}


class NoNodeNow(Unavailable):
    """No media node can try anything at the moment."""

    code = "no_media_node"


def trial_of(
    *,
    agent: Agent,
    tool: Mapping[str, Any],
    action: str,
    secrets: Mapping[str, str | None] | None = None,
    arguments: Mapping[str, object] | None = None,
    variables: Mapping[str, str] | None = None,
    name: str = "",
) -> ToolTrial:
    """What to run, with the secrets that are given and, of the others, those that the agent has stored. In
    the tenant's scope; `run` comes after it, outside.

    Raises InvalidFields where `tool` is none, or would send a stored secret to another server than the
    agent's tools do; LimitReached.
    """
    config = _with_tool(tool, action)
    headers = _headers(config)
    given = {secret: value for secret, value in (secrets or {}).items() if value}
    stored = secrets_in(read(agent.draft_api_keys))
    wanted = secrets_of(headers) - set(given)
    document = config.model_dump(mode="json")
    moves = [
        InvalidInput(
            "It would be sent to a server that has not had it before: give it again.",
            field=f"secrets.{secret}",
            code="secret_moves",
        )
        for secret in sorted(wanted & set(stored))
        if goes_elsewhere(secret, old=agent.draft, new=document)
    ]
    if moves:
        raise InvalidFields(moves)
    if _counted() > A_MINUTE:
        raise LimitReached(f"At most {A_MINUTE} trials a minute.", retry_after_s=60)
    known = {secret: value for secret, value in stored.items() if secret in wanted}
    return ToolTrial.model_validate(
        {
            "action": action,
            "agent": document | {"secrets": {**known, **given}},
            "arguments": dict(arguments or {}),
            "variables": {**agent.draft.get("variables", {}), **(variables or {})},
            "tool": name,
            "allow_private": settings.VENDORS_ALLOW_PRIVATE_ADDRESSES,
        }
    )


def run(trial: ToolTrial) -> TrialResult:
    """Takes up to half a minute: outside any transaction. Raises NoNodeNow."""
    nodes = browser_nodes()[:NODES_TRIED]
    if not connection.in_atomic_block:
        connection.close()  # back to the pool, which is small, while a node works
    for node in nodes:
        result = _ask(node, trial)
        if result is not None:
            return result
    raise NoNodeNow("No media node can try the tool at the moment; try again soon.")


def claim_trial(ticket: str) -> ToolTrial | None:
    """The trial that `ticket` is good for, once."""
    try:
        key = _key(read_trial_ticket(ticket))
        sealed = cache.get(key)
        cache.delete(key)
        return ToolTrial.model_validate_json(decrypt(sealed)) if sealed else None
    except (BadTicket, RedisError, SecretUnreadable):
        return None


def _with_tool(tool: Mapping[str, Any], action: str) -> AgentConfig:
    """An agent that has nothing but the tool."""
    try:
        config = parse_config({**_SCRIPT, "tools": [dict(tool)]}, field="tool")
    except InvalidFields as error:
        raise InvalidFields(
            [InvalidInput(e.detail, field=_outside(e.field or "tool"), code=e.code) for e in error.errors]
        ) from error
    wanted = (McpServer,) if action == "list" else (HttpTool, McpServer)
    if not isinstance(config.tools[0], wanted):
        words = "Only MCP servers have tools to list." if action == "list" else "It needs a call to run in."
        raise InvalidInput(words, field="tool.type", code="type")
    return config


def _outside(field: str) -> str:
    """The fault's place in the body."""
    return "tool" + field.removeprefix("tool").removeprefix(".tools.0")


def _headers(config: AgentConfig) -> Mapping[str, str]:
    tool = config.tools[0]
    return tool.headers if isinstance(tool, HttpTool | McpServer) else {}


def _ask(node: MediaNode, trial: ToolTrial) -> TrialResult | None:
    name = uuid4().hex
    # ws:// becomes http://, and wss:// https://: the same port answers both.
    url = "http" + node.browser_url.removeprefix("ws") + "/tools/try"
    try:
        cache.set(_key(name), encrypt(trial.model_dump_json()), WAITS_S)
        response = httpx.get(
            url,
            headers={"Authorization": f"Bearer {trial_ticket(name)}"},
            timeout=httpx.Timeout(TIMEOUT_S, connect=CONNECT_S),
            trust_env=False,
        )
        if response.status_code == httpx.codes.OK:
            return TrialResult.model_validate_json(response.content)
        log.warning("trial_failed", node=node.name, status=response.status_code)
    except (httpx.HTTPError, RedisError, ValidationError) as error:
        log.warning("trial_failed", node=node.name, error=type(error).__name__)
    return None


def _key(name: str) -> str:
    return f"tool-trial:{name}"


def _counted() -> int:
    """How many trials the tenant in force has asked for in this minute, this one included."""
    key = f"tool-trials:{current_tenant_id()}:{int(time.time() // 60)}"
    try:
        cache.add(key, 0, timeout=120)
        return cache.incr(key)
    except ValueError:  # wiped between the two commands
        return 1
    except RedisError:
        return 0
