"""What an agent asks of the control plane in the middle of a call; the runtime asks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from media_workers.contract.requests import (
    AgentAnswer,
    Done,
    KnowledgeAnswer,
    LegAnswer,
)

NOBODY = "The service for it cannot be reached at the moment."


class BackofficeError(Exception):
    """Nobody answered in time, or the answer was no. The text is for the model and for people."""


class Backoffice(Protocol):
    """On the loop. Everything is asked for once, however often it has to be sent.

    `callback`, `message` and `do_not_call` raise nothing: what went wrong is in their words. The others raise
    `BackofficeError`.
    """

    async def callback(self, at: datetime, note: str) -> Done: ...

    async def message(self, text: str) -> Done: ...

    async def do_not_call(self) -> Done: ...

    async def knowledge(
        self, query: str, limit: int, *, bases: Sequence[str], timeout_s: float
    ) -> KnowledgeAnswer: ...

    async def leg(
        self, *, key: str, number: str = "", sip_uri: str = "", show_caller: bool = False, referred: bool
    ) -> LegAnswer: ...

    async def leg_over(self, key: str) -> None: ...

    async def agent(self, agent: str) -> AgentAnswer: ...


class NoBackoffice:
    """Of a conversation without a control plane."""

    async def callback(self, at: datetime, note: str) -> Done:
        return Done(ok=False, words=NOBODY, kind="callback")

    async def message(self, text: str) -> Done:
        return Done(ok=False, words=NOBODY, kind="message")

    async def do_not_call(self) -> Done:
        return Done(ok=False, words=NOBODY, kind="do_not_call")

    async def knowledge(
        self, query: str, limit: int, *, bases: Sequence[str], timeout_s: float
    ) -> KnowledgeAnswer:
        raise BackofficeError(NOBODY)

    async def leg(
        self, *, key: str, number: str = "", sip_uri: str = "", show_caller: bool = False, referred: bool
    ) -> LegAnswer:
        raise BackofficeError(NOBODY)

    async def leg_over(self, key: str) -> None:
        raise BackofficeError(NOBODY)

    async def agent(self, agent: str) -> AgentAnswer:
        raise BackofficeError(NOBODY)
