"""Pipecat's services, hosted: against Soniox's protocol on a real socket, and the contract with the pinned
release."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator
from importlib import import_module

import pytest

from media_workers.contract.agent import Transcriber, Voice
from media_workers.contract.vendors import HOSTED_STT, HOSTED_TTS, Credential, key_of
from media_workers.providers.base import FRAME_BYTES, ProviderError, Transcript, VoiceSettings
from media_workers.providers.pipecat import stt, tts
from tests.fakes.soniox import SonioxServer

FRAME = b"\1\0" * (FRAME_BYTES // 2)
VOICE = VoiceSettings("anything")


@pytest.fixture
async def server() -> AsyncIterator[SonioxServer]:
    async with SonioxServer() as found:
        yield found


def credential(server: SonioxServer, path: str, key: str = "secret-key") -> Credential:
    return Credential(
        vendor="soniox", api_key=key, base_url=f"{server.url.replace('http', 'ws')}/{path}", digest="x"
    )


class Heard:
    """What a transcription tells."""

    def __init__(self) -> None:
        self.transcripts: list[Transcript] = []
        self.errors: list[ProviderError] = []
        self.told = asyncio.Event()

    def transcript(self, transcript: Transcript) -> None:
        self.transcripts.append(transcript)
        if transcript.final:
            self.told.set()

    def error(self, error: ProviderError) -> None:
        self.errors.append(error)
        self.told.set()

    async def wait(self) -> None:
        async with asyncio.timeout(30):
            await self.told.wait()


async def listen(server: SonioxServer, heard: Heard, key: str = "secret-key") -> stt.HostedTranscription:
    choice = Transcriber(provider="pipecat", model="soniox")
    ears = stt.build(choice, credential(server, "transcribe-websocket", key), "en-US")
    assert (ears.name, ears.whole_turns, ears.continuous) == ("soniox", False, True)
    opened = await ears.open(
        language="en-US", phrases=(), on_transcript=heard.transcript, on_error=heard.error
    )
    assert isinstance(opened, stt.HostedTranscription)
    return opened


async def test_an_utterance_is_sent_and_comes_back_as_text(server: SonioxServer) -> None:
    heard = Heard()
    ears = await listen(server, heard)
    ears.start_utterance(7)
    for _ in range(10):
        ears.feed(FRAME)
    ears.finalize(7)
    await heard.wait()
    await ears.close()
    assert heard.transcripts[-1] == Transcript("Table for two.", final=True, utterance=7)
    assert not heard.transcripts[0].final
    connection = await server.connection()
    assert connection.messages[0]["sample_rate"] == 8000
    assert connection.audio == FRAME * 10


async def test_a_refused_key_is_told_without_it(server: SonioxServer) -> None:
    with pytest.raises(ProviderError) as error:
        await listen(server, Heard(), key="wrong-key")
    assert error.value.provider == "soniox"
    assert "401" in str(error.value)
    assert "wrong-key" not in str(error.value)


async def test_an_error_in_mid_call_is_told_once(server: SonioxServer) -> None:
    heard = Heard()
    ears = await listen(server, heard)
    ears.start_utterance(1)
    server.fail = (402, "no balance for secret-key")
    ears.finalize(1)
    await heard.wait()
    await ears.close()
    assert len(heard.errors) == 1
    assert "no balance" in heard.errors[0].detail
    assert "secret-key" not in heard.errors[0].detail


async def test_a_vendor_that_takes_no_more_is_left(
    server: SonioxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long the call: what waits for a vendor that reads nothing does not grow."""
    heard = Heard()
    ears = await listen(server, heard)

    async def stalled(frame: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(ears._host, "put", stalled)
    ears.start_utterance(1)
    for _ in range(2 * stt.MOST_WAITING):
        ears.feed(FRAME * 3)
    await heard.wait()
    ears.feed(FRAME * 3)
    await asyncio.sleep(0)
    assert ears._work.qsize() <= stt.MOST_WAITING + 1
    assert [error.detail for error in heard.errors] == ["takes no more audio"]
    monkeypatch.undo()
    await ears.close()


async def test_a_sentence_is_spoken(server: SonioxServer) -> None:
    voice = tts.build(
        Voice(provider="pipecat", model="soniox/tts-rt-v2", voice="Nina"),
        credential(server, "tts-websocket"),
        "de-DE",
    )
    pcm = b"".join([c async for c in voice.speak("Guten Tag.", VOICE) if isinstance(c, bytes)])
    again = b"".join([c async for c in voice.speak("Bitte.", VOICE) if isinstance(c, bytes)])
    await voice.close()
    assert pcm == again == b"\1\0" * 2400
    asked = (await server.connection()).messages[0]
    assert (asked["voice"], asked["model"], asked["language"]) == ("Nina", "tts-rt-v2", "de")
    assert (asked["sample_rate"], len(server.connections)) == (8000, 1)


async def test_a_sentence_that_is_cut_is_cancelled_there(server: SonioxServer) -> None:
    voice = tts.build(Voice(provider="pipecat", model="soniox"), credential(server, "tts-websocket"), "en-US")
    server.chunks = 1
    speech = voice.speak("One two three.", VOICE)
    async with asyncio.timeout(30):
        assert await anext(speech)
    await speech.aclose()
    connection = await server.connection()
    await connection.until(lambda c: any(m.get("cancel") or m.get("text_end") for m in c.messages))
    assert [c async for c in voice.speak("Four.", VOICE) if isinstance(c, bytes)]
    await voice.close()


async def test_a_voice_that_fails_says_why_and_speaks_again(server: SonioxServer) -> None:
    voice = tts.build(Voice(provider="pipecat", model="soniox"), credential(server, "tts-websocket"), "en-US")
    server.fail = (429, "too many streams")
    with pytest.raises(ProviderError, match="too many streams"):
        [chunk async for chunk in voice.speak("One.", VOICE)]
    server.fail = None
    assert [c async for c in voice.speak("Two.", VOICE) if isinstance(c, bytes)]
    await voice.close()


@pytest.mark.parametrize("model", ["os", "soniox.stt", "", "deepgram"])
async def test_only_known_vendors_are_loaded(model: str) -> None:
    with pytest.raises(ProviderError, match="has no vendor") as error:
        stt.build(Transcriber(provider="pipecat", model=model), Credential(vendor="x", api_key="k"), "en-US")
    assert not error.value.retryable


async def test_a_vendor_without_a_key_is_refused() -> None:
    with pytest.raises(ProviderError, match="has no key"):
        tts.build(Voice(provider="pipecat", model="soniox"), None, "en-US")


@pytest.mark.parametrize(
    ("kind", "names", "known"), [("stt", HOSTED_STT, stt.CLASSES), ("tts", HOSTED_TTS, tts.CLASSES)]
)
def test_the_pinned_release_has_every_service_as_it_is_used(
    kind: str, names: tuple[str, ...], known: dict[str, tuple[str, str]]
) -> None:
    assert set(names) == set(known)
    for vendor, (name, address) in known.items():
        service = getattr(import_module(f"pipecat.services.{vendor}.{kind}"), name)
        arguments = inspect.signature(service.__init__).parameters
        assert {"api_key", "sample_rate", "settings", address} <= set(arguments), vendor
        assert {"model", "language"} <= set(service.Settings.__dataclass_fields__), vendor


def test_a_hosted_vendor_has_a_key_of_its_own() -> None:
    assert key_of("pipecat", "soniox/stt-rt") == "soniox"
    assert key_of("gemini_live") == "google"
