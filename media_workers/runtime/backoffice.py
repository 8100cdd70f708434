"""The control plane's answers in the middle of a call. Implements `conversation.backoffice.Backoffice`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar
from uuid import UUID, uuid4

from pydantic import BaseModel

from media_workers.contract.message import Message
from media_workers.contract.requests import (
    AgentAnswer,
    AgentRequest,
    CallbackRequest,
    Done,
    DoNotCallRequest,
    KnowledgeAnswer,
    KnowledgeQuery,
    LegAnswer,
    LegOver,
    LegRequest,
    MessageRequest,
)
from media_workers.conversation.backoffice import NOBODY, BackofficeError
from media_workers.runtime import logs
from media_workers.runtime.control import ControlPlane, ControlPlaneDown, ControlPlaneRefused

ASK_TIMEOUT_S = 4.0
TRIES = 2

M = TypeVar("M", bound=BaseModel)


class CallBackoffice:
    """Of one call. What has a key (or changes nothing) is asked for again when nobody answered."""

    def __init__(self, control: ControlPlane, call_id: UUID) -> None:
        self._control = control
        self._call_id = call_id
        self._log = logs.get().bind(call_id=str(call_id))

    async def callback(self, at: datetime, note: str) -> Done:
        request = CallbackRequest(node=self._control.node, key=uuid4().hex, at=at, note=note)
        try:
            return await self._ask("callbacks", request, Done)
        except BackofficeError as error:
            return Done(ok=False, words=str(error), kind="callback")

    async def message(self, text: str) -> Done:
        request = MessageRequest(node=self._control.node, key=uuid4().hex, text=text)
        try:
            return await self._ask("messages", request, Done)
        except BackofficeError as error:
            return Done(ok=False, words=str(error), kind="message")

    async def do_not_call(self) -> Done:
        request = DoNotCallRequest(node=self._control.node)
        try:
            return await self._ask("do-not-call", request, Done)
        except BackofficeError as error:
            return Done(ok=False, words=str(error), kind="do_not_call")

    async def knowledge(
        self, query: str, limit: int, *, bases: Sequence[str], timeout_s: float
    ) -> KnowledgeAnswer:
        request = KnowledgeQuery(
            node=self._control.node,
            bases=list(bases),
            query=query,
            limit=limit,
            within_ms=round(timeout_s * 1000),
        )
        return await self._ask("knowledge", request, KnowledgeAnswer, timeout_s=timeout_s, tries=1)

    async def leg(
        self, *, key: str, number: str = "", sip_uri: str = "", show_caller: bool = False, referred: bool
    ) -> LegAnswer:
        request = LegRequest(
            node=self._control.node,
            key=key,
            number=number,
            sip_uri=sip_uri,
            show_caller=show_caller,
            referred=referred,
        )
        return await self._ask("legs", request, LegAnswer)

    async def leg_over(self, key: str) -> None:
        await self._ask("legs/over", LegOver(node=self._control.node, key=key), Message)

    async def agent(self, agent: str) -> AgentAnswer:
        return await self._ask("agent", AgentRequest(node=self._control.node, agent=agent), AgentAnswer)

    async def _ask(
        self,
        what: str,
        request: BaseModel,
        answer: type[M],
        *,
        timeout_s: float = ASK_TIMEOUT_S,
        tries: int = TRIES,
    ) -> M:
        """Raises `BackofficeError`."""
        for left in reversed(range(tries)):
            try:
                return await self._control.ask(self._call_id, what, request, answer, timeout_s=timeout_s)
            except ControlPlaneRefused as refusal:
                raise BackofficeError(_why(refusal)) from refusal
            except ControlPlaneDown as error:
                if not left:
                    self._log.warning("not_answered", what=what, error=str(error)[:300])
                    raise BackofficeError(NOBODY) from error
        raise BackofficeError(NOBODY)


def _why(refusal: ControlPlaneRefused) -> str:
    """A problem document's own words."""
    try:
        problem = json.loads(refusal.body)
    except ValueError:
        return NOBODY
    detail = problem.get("detail") if isinstance(problem, dict) else None
    errors = problem.get("errors") if isinstance(problem, dict) else None
    if isinstance(errors, list) and errors and isinstance(errors[0], dict):
        detail = errors[0].get("detail") or detail
    return detail if isinstance(detail, str) and detail else NOBODY
