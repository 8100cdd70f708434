"""Looking up what the caller asks, before the model is asked."""

from __future__ import annotations

import asyncio

from media_workers.contract.acts import Retrieval
from media_workers.contract.agent import AgentConfig
from media_workers.conversation.backoffice import Backoffice, BackofficeError
from media_workers.conversation.endpointing.completeness import tokens_of
from media_workers.conversation.endpointing.phrases import phrases_of

SHORT_QUESTION = 5
"""Words. A question with fewer goes on with the one before: `And on Sundays?`"""

LONGEST_QUERY = 2_000


class Knowledge:
    """Of one conversation. Asks the control plane for each thing once: the words of a draft that turn out to
    be the turn's, and a reply that is begun anew, take what is there."""

    def __init__(self, config: AgentConfig, backoffice: Backoffice) -> None:
        phrases = phrases_of(config.language)
        self._use = config.knowledge
        self._said_often = phrases.backchannels | phrases.closing | phrases.hesitations
        self._backoffice = backoffice
        self._last: Retrieval | None = None

    async def look_up(self, text: str, before: str) -> Retrieval | None:
        """What the documents hold on `text`; None when that is nothing to look up. `before`: what the caller
        said last. Takes `timeout_ms` at most; raises nothing."""
        tokens = tokens_of(text)
        if " ".join(tokens) in self._said_often or sum(map(len, tokens)) < 3:
            return None
        query = f"{text} {before}".strip() if 1 < len(tokens) < SHORT_QUESTION else text
        query = query[:LONGEST_QUERY]
        if self._last is not None and self._last.query == query:
            return self._last.model_copy(update={"took_ms": 0})
        found = await self._ask(query)
        if not found.trouble:
            self._last = found
        return found

    async def _ask(self, query: str) -> Retrieval:
        loop = asyncio.get_running_loop()
        began, limit_s = loop.time(), self._use.timeout_ms / 1000

        def result(**told: object) -> Retrieval:
            took_ms = round((loop.time() - began) * 1000)
            return Retrieval.model_validate({"query": query, "took_ms": took_ms, **told})

        try:
            async with asyncio.timeout(limit_s):
                answer = await self._backoffice.knowledge(
                    query, self._use.results, bases=self._use.bases, timeout_s=limit_s
                )
        except TimeoutError:
            return result(trouble=f"The documents were not searched within {self._use.timeout_ms} ms.")
        except BackofficeError as error:
            return result(trouble=str(error))
        return result(sources=answer.sources, trouble=answer.trouble)
