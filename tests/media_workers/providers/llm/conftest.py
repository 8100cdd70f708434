from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from media_workers.providers import registry
from tests.fakes.openai_server import OpenAIServer


@pytest.fixture
async def server() -> AsyncIterator[OpenAIServer]:
    async with OpenAIServer() as running:
        yield running
        await registry.close()
