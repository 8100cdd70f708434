"""A tool run once, without a call."""

from __future__ import annotations

import asyncio
import time
from dataclasses import asdict

from media_workers.contract.tools import HttpTool, McpServer
from media_workers.contract.trials import (
    LONGEST_MS,
    SHOWN,
    ListedTool,
    ToolTrial,
    TrialRequest,
    TrialResult,
)
from media_workers.providers.plain import plain
from media_workers.providers.tools import http
from media_workers.providers.tools.http import Around
from media_workers.providers.tools.mcp import McpSession
from media_workers.providers.tools.outcome import Outcome, failure
from media_workers.providers.tools.web import NoAnswer, web

AT_ONCE = 4
"""Trials of a process: callers come first."""


class Trials:
    """Event loop only."""

    def __init__(self) -> None:
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def run(self, trial: ToolTrial) -> TrialResult:
        """Raises `TimeoutError` when too many others are tried, nothing else."""
        async with asyncio.timeout(LONGEST_MS / 1000 + 2), self._turns:
            began = time.monotonic()
            tool, around = _short(trial), Around(trial.variables, {}, trial.agent.secrets)
            tools: list[ListedTool] = []
            if isinstance(tool, HttpTool):
                asked = web(public_only=not trial.allow_private)
                outcome = await http.run(asked, tool, trial.arguments, around)
            else:
                outcome, tools = await _asked(tool, trial, around)
            return _result(outcome, tools, round((time.monotonic() - began) * 1000))


def _short(trial: ToolTrial) -> HttpTool | McpServer:
    tool = trial.agent.tools[0]
    if not isinstance(tool, HttpTool | McpServer):
        raise ValueError(f"a tool of the type {tool.type} cannot be tried without a call")
    return tool.model_copy(update={"timeout_ms": min(tool.timeout_ms, LONGEST_MS)})


async def _asked(tool: McpServer, trial: ToolTrial, around: Around) -> tuple[Outcome, list[ListedTool]]:
    session = McpSession(tool, around, public_only=not trial.allow_private)
    try:
        found = await session.tools()
        if trial.action == "list":
            return Outcome(""), [ListedTool(**asdict(one)) for one in found]
        wanted = next((one for one in found if one.name == trial.tool), None)
        if wanted is None:
            return failure(f"the server has no tool called {trial.tool[:100]!r}"), []
        return await session.call(wanted, trial.arguments), []
    except NoAnswer as error:
        return failure(str(error)), []
    finally:
        await session.close()


def _result(outcome: Outcome, tools: list[ListedTool], took_ms: int) -> TrialResult:
    return TrialResult(
        ok=not outcome.trouble,
        status=outcome.status,
        took_ms=took_ms,
        request=TrialRequest(**asdict(outcome.sent)) if outcome.sent is not None else None,
        result=plain(outcome.text[:SHOWN]),
        saved={name: plain(value) for name, value in outcome.saved.items()},
        trouble=plain(outcome.trouble),
        tools=tools,
    )
