"""One transcriber breaks in the middle of an utterance, on real sockets: the next hears all of it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from media_workers.providers.base import ProviderError
from media_workers.providers.fallback import FallbackTranscriber
from media_workers.providers.fallback.chain import Option, Watch
from tests.fakes.hearing import saying, speech
from tests.fakes.listener import ListeningServer
from tests.fakes.websocket_server import Connection
from tests.media_workers.providers.stt.listening import Call
from tests.media_workers.providers.stt.vendors import VENDORS, Vendor

PHRASES = ("book a visit", "tomorrow please")
BY_NAME = {vendor.name: vendor for vendor in VENDORS}


@pytest.fixture
async def servers(request: pytest.FixtureRequest) -> AsyncIterator[list[tuple[Vendor, ListeningServer]]]:
    first, second = (BY_NAME[name] for name in request.param)
    async with first.server() as one, second.server() as two:
        for server in (one, two):
            assert isinstance(server, ListeningServer)
            server.hear = saying(PHRASES)
        yield [(first, one), (second, two)]  # type: ignore[list-item]


@pytest.mark.parametrize(
    "servers",
    [
        ("deepgram", "elevenlabs"),
        ("assemblyai", "openai"),
        ("speechmatics", "azure"),
        ("azure", "assemblyai"),
    ],
    indirect=True,
    ids="-".join,
)
async def test_the_next_hears_the_utterance_from_its_beginning(
    servers: list[tuple[Vendor, ListeningServer]],
) -> None:
    passed_over: list[ProviderError] = []
    watch = Watch()
    watch.passed_over = lambda error, after_ms: passed_over.append(error)
    options = [Option(vendor.name, vendor.build(server)) for vendor, server in servers]
    call = await Call().open(FallbackTranscriber(options, watch=watch))
    first, second = await servers[0][1].connection(), servers[1][1]
    call.stt.start_utterance(1)
    for _ in range(15):
        call.stt.feed(speech(1))
    await first.until(_audio_came)
    first.cut()
    await second.connection()
    call.say(2)
    call.stt.finalize(1)
    await call.until(finals=1)
    assert call.finals == {1: "book a visit tomorrow please"}
    assert [t.vendor for t in call.transcripts if t.final] == [servers[1][0].name]
    assert [error.provider for error in passed_over] == [servers[0][0].name]
    assert call.errors == []
    await call.stt.close()


def _audio_came(connection: Connection) -> bool:
    return any(len(message) > 300 for message in connection.received)
