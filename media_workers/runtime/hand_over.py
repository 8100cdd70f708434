"""Another agent goes on with a call: asked for, put in the first one's place, told what was said."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from media_workers.contract.acts import HandedOver
from media_workers.contract.agent import AgentConfig
from media_workers.contract.calls import CallPlan
from media_workers.contract.events import EventBody
from media_workers.contract.part import fill
from media_workers.contract.requests import AgentAnswer
from media_workers.contract.transfers import TransferTarget
from media_workers.conversation.backoffice import Backoffice, BackofficeError
from media_workers.conversation.control import Deed
from media_workers.runtime.talk import Mind, Talk

MOST_HAND_OVERS = 8
"""In one call: agents that send a caller round in a circle are stopped."""

TOO_OFTEN = "The caller has been handed from agent to agent too often in this call."
SETTLE_S = 0.02


class HandOvers:
    """Of one call. `limit(seconds)`: it lasts at most so long from now on, when everything else has failed to
    end it; `overtime_s` beyond what the agent in charge allows. `taken_on` is told who goes on, just
    before."""

    def __init__(
        self,
        plan: CallPlan,
        talk: Talk,
        backoffice: Backoffice,
        *,
        emit: Callable[[EventBody], None],
        limit: Callable[[float], None],
        overtime_s: float,
        taken_on: Callable[[AgentConfig], None],
    ) -> None:
        self._plan = plan
        self._talk = talk
        self._backoffice = backoffice
        self._emit = emit
        self._limit = limit
        self._overtime_s = overtime_s
        self._taken_on = taken_on
        self._made = 0

    async def hand_over(self, target: TransferTarget) -> Deed:
        """`target.agent` takes the call when all that is being said has been said."""
        if self._made >= MOST_HAND_OVERS:
            return await self._refused(target, TOO_OFTEN)
        try:
            answer = await self._backoffice.agent(target.agent or "")
        except BackofficeError as error:
            return await self._refused(target, f"The other agent cannot take the call: {error}")
        self._made += 1
        preparing = asyncio.ensure_future(self._talk.another(answer.agent, answer.credentials))
        try:
            await self._talk.speak(self._filled(target.message))
            conversation = await asyncio.shield(preparing)
        except asyncio.CancelledError:
            self._talk.later(self._drop(preparing))
            raise
        self._talk.later(self._change(conversation, target, answer))
        return Deed(True, f"{answer.agent_name} goes on with the call.", over=True)

    async def _change(self, conversation: Mind, target: TransferTarget, answer: AgentAnswer) -> None:
        await asyncio.sleep(SETTLE_S)  # the function that asked for it has to be over
        await self._talk.said_all()
        self._taken_on(answer.agent)
        if not self._talk.exchange(conversation):
            return
        at_ms = self._talk.at()
        self._emit(
            HandedOver(
                agent=target.agent or "", agent_name=answer.agent_name, version=answer.version, at_ms=at_ms
            )
        )
        self._limit(max(0, answer.agent.max_duration_ms - at_ms) / 1000 + self._overtime_s)

    async def _refused(self, target: TransferTarget, words: str) -> Deed:
        if target.message:
            await self._talk.speak(self._filled(target.on_failure))
        return Deed(False, words)

    def _filled(self, text: str) -> str:
        own = self._plan.agent.variables if self._plan.agent else {}
        return fill(text, {**own, **self._plan.variables, **self._talk.slots})

    async def _drop(self, preparing: asyncio.Future[Mind]) -> None:
        """The caller has not waited for it."""
        await (await preparing).close()
