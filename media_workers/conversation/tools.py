"""The functions that the model calls: run, timed, and whatever comes of it told in text."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from media_workers.contract.acts import Retrieval
from media_workers.providers.base import LONGEST_ARGUMENTS, ToolCall
from media_workers.providers.plain import plain

logger = logging.getLogger(__name__)

LIMIT_S = 30.0
"""How long a function may run."""

LONGEST_RESULT = 20_000
"""Characters; what is longer is cut, which keeps the model's history short as well."""


@dataclass(frozen=True, slots=True)
class Result:
    """What the model is told. `trouble`: what is wrong with it, in words for people; empty: nothing. `over`:
    nothing more is asked of the model, for somebody else has the call now. `retrieval`: what was looked up in
    documents."""

    text: str
    trouble: str = ""
    over: bool = False
    retrieval: Retrieval | None = None


@dataclass(frozen=True, slots=True)
class About:
    """`kind`: the tool's type. `limit_s`: how long it may run. `alone`: not beside others of the same answer,
    for it acts on the call itself; the caller then hears no fillers. `firm`: it is not stopped with its turn,
    for another machine may have done it already."""

    kind: str = ""
    limit_s: float = LIMIT_S
    alone: bool = False
    firm: bool = False


PLAIN = About()


class Tools(Protocol):
    """What can be called. Nothing here is a promise: `run` may raise anything and give anything."""

    def has(self, name: str) -> bool: ...

    def about(self, name: str) -> About:
        """Of one that there is."""

    async def prepare(self) -> Sequence[str]:
        """Before the model is asked for the first time, beside everything else that is prepared. What went
        wrong, in words."""

    async def run(self, call: ToolCall) -> str | bytes | Result:
        """Text, or UTF-8. `call.arguments` is a JSON object."""

    async def close(self) -> None:
        """The conversation is over."""


class NoTools:
    """Of an agent without functions."""

    def has(self, name: str) -> bool:
        return False

    def about(self, name: str) -> About:
        return PLAIN

    async def prepare(self) -> Sequence[str]:
        return ()

    async def run(self, call: ToolCall) -> str | bytes | Result:
        return ""

    async def close(self) -> None: ...


async def run(tools: Tools, call: ToolCall) -> Result:
    """Never raises; `asyncio.CancelledError` stops the function."""
    if (wrong := _refused(call)) is not None:
        return wrong
    try:
        limit_s = tools.about(call.name).limit_s
        async with asyncio.timeout(limit_s):
            return _readable(await tools.run(call))
    except TimeoutError:
        return _error(f"gave no result within {limit_s:.0f} s")
    except Exception as error:
        logger.exception("the function %s failed", call.name)
        return _error(f"failed ({type(error).__name__})")


def arguments_of(call: ToolCall) -> dict[str, object] | None:
    """None when they are no JSON object, or too long to be looked at."""
    if call.wrong or len(call.arguments) > LONGEST_ARGUMENTS:
        return None
    try:
        found = json.loads(call.arguments or "{}")
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _refused(call: ToolCall) -> Result | None:
    if call.wrong:
        return _error(f"was given {call.wrong}")
    if len(call.arguments) > LONGEST_ARGUMENTS:
        return _error(f"was given arguments of more than {LONGEST_ARGUMENTS} characters")
    if arguments_of(call) is None:
        return _error("was given arguments that are no JSON object")
    return None


def _readable(given: object) -> Result:
    """A megabyte takes no longer than what is kept of it."""
    if isinstance(given, Result):
        shown = _readable(given.text)
        return replace(given, text=shown.text, trouble=given.trouble or shown.trouble)
    text = _decoded(given) if isinstance(given, bytes) else given
    if not isinstance(text, str):
        return _error("gave something that is not text")
    if len(text) <= LONGEST_RESULT:
        return Result(plain(text))
    kept = plain(text[:LONGEST_RESULT])
    return Result(f"{kept} [the rest is left out]", f"its result was cut after {LONGEST_RESULT} characters")


def _decoded(given: bytes) -> str | None:
    """None: it is no UTF-8."""
    # A character has four bytes at most; one that the cut divides is left out.
    start = given[: 4 * LONGEST_RESULT + 4]
    try:
        return start.decode()
    except UnicodeDecodeError as error:
        cut = len(start) < len(given) and error.start > len(start) - 4
        return start[: error.start].decode() if cut else None


def _error(what: str) -> Result:
    return Result(f"Error: the function {what}.", what)
