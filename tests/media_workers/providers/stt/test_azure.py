"""What is Azure's own: requests with headers, and where a resource is reached."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import pytest

from media_workers.contract.agent import Transcriber
from media_workers.contract.vendors import Credential
from media_workers.providers import registry
from media_workers.providers.base import ProviderError
from media_workers.providers.stt import azure
from tests.fakes.hearing import saying
from tests.fakes.stt_azure import AzureServer, answer, audio_of, headers_of, phrase
from tests.fakes.websocket_server import PATIENCE_S
from tests.media_workers.providers.stt.listening import Call

REGION_ONLY = "wss://westeurope.stt.speech.microsoft.com"


@pytest.fixture
async def server() -> AsyncIterator[AzureServer]:
    async with AzureServer(saying(("book a visit", "tomorrow"))) as running:
        assert isinstance(running, AzureServer)
        yield running


async def open_call(server: AzureServer, **choice: str) -> Call:
    credential = Credential(vendor="azure", api_key=server.key, base_url=server.url)
    transcriber = Transcriber(provider="azure", hints=["Trunkline"], **choice)
    return await Call().open(registry.build_stt(transcriber, credential, "de-DE"), language="de-DE")


async def test_every_utterance_is_a_request_of_its_own(server: AzureServer) -> None:
    call = await open_call(server, model="custom-1")
    call.utter(1, 1)
    call.utter(2, 2)
    await call.until(finals=2)
    connection = await server.connection()
    assert connection.query["language"] == ["de-DE"]
    assert connection.query["cid"] == ["custom-1"]
    texts = [m for m in connection.received if isinstance(m, str)]
    paths = [headers_of(text.partition("\r\n\r\n")[0])["Path"] for text in texts]
    assert paths == ["speech.config", "speech.context", "speech.context"]
    assert json.loads(texts[1].partition("\r\n\r\n")[2])["dgi"]["Groups"][0]["Items"] == [
        {"Text": "Trunkline"}
    ]
    requests = [audio_of(m)[0]["X-RequestId"] for m in connection.received if isinstance(m, bytes)]
    assert len(dict.fromkeys(requests)) == 2
    await call.stt.close()


async def test_a_turn_that_ends_by_itself_is_followed_by_another(server: AzureServer) -> None:
    call = await open_call(server)
    call.stt.start_utterance(1)
    call.say(1)
    connection = await server.connection()
    await connection.until(lambda c: any(isinstance(m, bytes) for m in c.received))
    first = next(audio_of(m)[0] for m in connection.received if isinstance(m, bytes))["X-RequestId"]
    await connection.send(answer("speech.phrase", first, phrase("Book a visit.")))
    await connection.send(answer("turn.end", first, {}))
    assert isinstance(call.stt, azure.AzureTranscription)
    async with asyncio.timeout(PATIENCE_S):
        while call.stt._request:
            await asyncio.sleep(0.005)
    call.say(2)
    call.stt.finalize(1)
    await call.until(finals=1)
    assert call.finals[1].startswith("Book a visit.")
    assert call.finals[1].endswith("tomorrow")
    assert call.errors == []
    await call.stt.close()


@pytest.mark.parametrize(
    ("base_url", "region", "address"),
    [
        ("", "westeurope", REGION_ONLY),
        ("https://my.cognitiveservices.azure.com/", "", "https://my.cognitiveservices.azure.com/stt"),
        ("https://my.openai.azure.com", "westeurope", REGION_ONLY),
        ("https://gateway.example.com", "westeurope", "https://gateway.example.com"),
    ],
)
def test_a_resource_is_reached_at_its_domain_or_in_its_region(
    base_url: str, region: str, address: str
) -> None:
    credential = Credential(vendor="azure", api_key="k", base_url=base_url, region=region)
    assert azure._address_of(credential) == address


def test_without_a_region_it_is_not_built() -> None:
    with pytest.raises(ProviderError, match="needs the region"):
        registry.build_stt(Transcriber(provider="azure"), Credential(vendor="azure", api_key="k"), "en-US")
