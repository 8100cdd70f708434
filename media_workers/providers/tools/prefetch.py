"""What is asked before a call begins, for the variables of its texts."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import uuid4

from media_workers.contract.agent import AgentConfig
from media_workers.contract.tools import Prefetch
from media_workers.providers.tools.answers import taken, told
from media_workers.providers.tools.http import Around, filled_headers, filled_url
from media_workers.providers.tools.web import NoAnswer, web


@dataclass(frozen=True, slots=True)
class Fetched:
    """`troubles`: what was not to be had, in words for people."""

    values: dict[str, str] = field(default_factory=dict)
    troubles: list[str] = field(default_factory=list)


async def prefetch(config: AgentConfig, variables: Mapping[str, str], *, public_only: bool) -> Fetched:
    """All at once, each within its own time. Raises nothing."""
    around = Around(variables, {}, config.secrets)
    found = await asyncio.gather(*(_one(fetch, around, public_only) for fetch in config.prefetch))
    together = Fetched()
    for number, one in enumerate(found):
        together.values.update(one.values)
        together.troubles.extend(f"prefetch {number + 1}: {words}" for words in one.troubles)
    return together


async def _one(fetch: Prefetch, around: Around, public_only: bool) -> Fetched:
    try:
        headers = {"Accept": "application/json", "Idempotency-Key": uuid4().hex}
        headers |= filled_headers(fetch.headers, around)
        url, _ = filled_url(fetch.url, {}, around)
        answer = await web(public_only=public_only).ask(
            "GET", url, headers=headers, content=None, timeout_s=fetch.timeout_ms / 1000
        )
    except NoAnswer as error:
        return Fetched(troubles=[around.hide(str(error))])
    _, trouble, found = told(answer)
    if trouble:
        return Fetched(troubles=[around.hide(trouble)])
    values = {name: around.hide(value) for name, value in taken(found, fetch.take).items()}
    missing = [f"the answer has nothing at {path}" for name, path in fetch.take.items() if name not in values]
    return Fetched(values, missing)
