"""Several language models, asked one after the other."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from media_workers.providers.base import (
    ChatMessage,
    Delta,
    LanguageModel,
    ProviderError,
    Served,
    TextDelta,
    Tool,
    ToolCall,
    ToolChoice,
    Usage,
)
from media_workers.providers.fallback.chain import Breaker, Chain, Option, Watch, broken, copied, slow
from media_workers.providers.streams import Timely, closing

CHARACTERS_PER_TOKEN = 4

STAYS_S = 60.0
"""After a failure of the first model, until it is asked again in the same call."""


class FallbackModel:
    """Before the first item of an answer the next model takes over unnoticed. After it the error is raised:
    with `retryable` True when asking anew would reach another model, False at the end of the list."""

    def __init__(
        self, options: Sequence[Option[LanguageModel]], *, watch: Watch, breaker: Breaker | None = None
    ) -> None:
        self._chain = Chain("llm", options, breaker, stays_s=STAYS_S)
        self._watch = watch
        self._models = [o.subject for o in options if not isinstance(o.subject, ProviderError)]
        self.name = options[0].vendor
        self.model = self._models[0].model if self._models else ""

    async def stream(
        self, messages: Sequence[ChatMessage], tools: Sequence[Tool], *, tool_choice: ToolChoice = "auto"
    ) -> AsyncIterator[Delta]:
        while True:
            option = await self._chain.current()
            begun, asked = False, asyncio.get_running_loop().time()
            try:
                async with closing(self._ask(option, messages, tools, tool_choice)) as deltas:
                    async for delta in deltas:
                        begun = True
                        yield delta
                self._chain.served(option)
                return
            except ProviderError as error:
                more = self._chain.failed(option, error)
                if begun or not more:
                    raise copied(error, retryable=more) from None
                self._watch.passed_over(error, round((asyncio.get_running_loop().time() - asked) * 1000))

    async def warm_up(self) -> None:
        """Of the first; the others are not asked on most calls."""
        if self._models:
            await self._models[0].warm_up()

    async def close(self) -> None:
        for model in self._models:
            await model.close()

    async def _ask(
        self,
        option: Option[LanguageModel],
        messages: Sequence[ChatMessage],
        tools: Sequence[Tool],
        tool_choice: ToolChoice,
    ) -> AsyncIterator[Delta]:
        """`Served`, then the answer of one model, with its usage told or estimated."""
        model, first_ms = option.served(), self._chain.first_limit_ms
        bill = _Bill(messages, tools)
        begun = False
        try:
            async with closing(model.stream(messages, tools, tool_choice=tool_choice)) as stream:
                async for delta in Timely(stream, first_s=first_ms / 1000, next_s=option.limit_ms / 1000):
                    if isinstance(delta, Served):
                        continue
                    if not begun:
                        begun = True
                        yield Served(option.vendor, model.model)
                    bill.add(delta)
                    yield delta
            if not begun:
                yield Served(option.vendor, model.model)
            if (estimate := bill.settle()) is not None:
                yield estimate
        except TimeoutError:
            raise slow("llm", option.vendor, option.limit_ms if begun else first_ms) from None
        except Exception as error:
            bill.settled = bill.settled or not begun  # who refuses bills nothing
            raise error if isinstance(error, ProviderError) else broken("llm", option.vendor, error) from None
        finally:
            if (estimate := bill.settle()) is not None:
                self._watch.spent(estimate)


@dataclass(slots=True)
class _Bill:
    """What an answer costs if its vendor does not say."""

    messages: Sequence[ChatMessage]
    tools: Sequence[Tool]
    given: int = 0
    settled: bool = False

    def add(self, delta: Delta) -> None:
        if isinstance(delta, TextDelta):
            self.given += len(delta.text)
        elif isinstance(delta, ToolCall):
            self.given += len(delta.name) + len(delta.arguments)
        elif isinstance(delta, Usage):
            self.settled = True

    def settle(self) -> Usage | None:
        """Once; None when the vendor has told it, or nothing was asked of it yet."""
        if self.settled:
            return None
        self.settled = True
        asked = sum(len(m.text) + sum(len(c.arguments) for c in m.tool_calls) for m in self.messages)
        asked += sum(len(t.name) + len(t.description) for t in self.tools)
        return Usage(-(-asked // CHARACTERS_PER_TOKEN), -(-self.given // CHARACTERS_PER_TOKEN))
