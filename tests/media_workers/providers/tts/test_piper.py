"""Against a model that onnxruntime really runs, with Piper's inputs and output."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import numpy as np
import pytest

from media_workers.contract.agent import Voice
from media_workers.providers import local, registry
from media_workers.providers.base import ProviderError, TextToSpeech, VoiceSettings
from tests.fakes import piper_voice
from tests.media_workers.providers.tts.vendors import hear

CHOICE = Voice(provider="piper", voice="slt")
HEARD = VoiceSettings("slt")


@pytest.fixture(autouse=True)
def _forget() -> Iterator[None]:
    yield
    local.put("piper", None)


@pytest.fixture
async def tts(tmp_path: Path) -> AsyncIterator[TextToSpeech]:
    local.put("piper", piper_voice.write(tmp_path))
    yield registry.build_tts(CHOICE, None, "en-US")
    await registry.close()


def _phonemes_in(pcm: bytes) -> float:
    """How many phonemes that much audio is."""
    return len(pcm) / 2 / 8000 * piper_voice.RATE / piper_voice.SAMPLES


async def test_each_phoneme_is_in_the_audio_once_with_its_pauses(tts: TextToSpeech) -> None:
    heard = await hear(tts, "Hello.", HEARD)
    # həlˈoʊ. is seven characters: with the beginning, a pause after each of both, and the end.
    assert _phonemes_in(heard.pcm) == pytest.approx(2 * 8 + 1, abs=0.1)
    assert np.abs(np.frombuffer(heard.pcm, "<i2")).max() == pytest.approx(0.7 * 32_767, rel=0.1)


async def test_speed_shortens_it(tts: TextToSpeech) -> None:
    usual, fast = [await hear(tts, "Hello.", VoiceSettings("slt", speed)) for speed in (1.0, 2.0)]
    assert len(fast.pcm) == pytest.approx(len(usual.pcm) / 2, rel=0.01)


async def test_a_text_comes_in_pieces_and_what_is_not_asked_for_is_not_made(tts: TextToSpeech) -> None:
    speech = tts.speak("Hello there. How are you? Fine.", HEARD)
    first = await anext(speech)
    await speech.aclose()  # type: ignore[attr-defined]
    assert isinstance(first, bytes)
    assert len(first) < len((await hear(tts, "Hello there. How are you?", HEARD)).pcm)


async def test_the_loop_goes_on_while_it_is_made(tts: TextToSpeech, monkeypatch: pytest.MonkeyPatch) -> None:
    from media_workers.providers.tts.piper import Loaded

    threads = []
    synthesise = Loaded.synthesise

    def noted(self: Loaded, clauses: list[str], voice: VoiceSettings) -> bytes:
        threads.append(threading.current_thread())
        return synthesise(self, clauses, voice)

    monkeypatch.setattr(Loaded, "synthesise", noted)
    await asyncio.gather(hear(tts, "One.", HEARD), hear(tts, "Two.", HEARD))
    assert len(threads) == 2
    assert len({thread.name for thread in threads}) == 1
    assert threading.main_thread() not in threads


@pytest.mark.parametrize("text", ["", "...", "\x00"])
async def test_nothing_to_speak_is_no_audio(tts: TextToSpeech, text: str) -> None:
    assert (await hear(tts, text, HEARD)).pcm == b""


@pytest.mark.parametrize(("name", "first"), [("speaker2", 2), ("1", 1), ("slt", 0)])
async def test_a_speaker_is_chosen_by_name_or_number(tmp_path: Path, name: str, first: int) -> None:
    local.put("piper", piper_voice.write(tmp_path, speakers=3))
    tts = registry.build_tts(CHOICE, None, "en-US")
    heard = await hear(tts, "Hello.", VoiceSettings(name))
    assert heard.pcm
    from media_workers.providers.tts.piper import Loaded

    assert Loaded(local.path_of("piper") or tmp_path)._speaker(name) == first
    with pytest.raises(ProviderError, match="no speaker 'nobody'") as caught:
        await hear(tts, "Hello.", VoiceSettings("nobody"))
    assert not caught.value.retryable
    await registry.close()


async def test_without_a_voice_on_the_node_nothing_is_built() -> None:
    with pytest.raises(ProviderError, match="TTS_VOICE_PATH") as caught:
        registry.build_tts(CHOICE, None, "en-US")
    assert not caught.value.retryable


@pytest.mark.parametrize(
    "changes",
    [{"phoneme_id_map": []}, {"audio": {}}, {"phoneme_type": "text"}, {"espeak": None}],
)
async def test_a_configuration_that_is_none_is_told(tmp_path: Path, changes: dict[str, object]) -> None:
    local.put("piper", piper_voice.write(tmp_path, **changes))
    tts = registry.build_tts(CHOICE, None, "en-US")
    await tts.warm_up()
    with pytest.raises(ProviderError, match="the voice cannot be loaded") as caught:
        await hear(tts, "Hello.", HEARD)
    assert not caught.value.retryable
    await registry.close()


@pytest.mark.parametrize("content", [b"", b"no model"])
async def test_a_model_that_is_none_is_told(tmp_path: Path, content: bytes) -> None:
    path = piper_voice.write(tmp_path)
    path.write_bytes(content)
    local.put("piper", path)
    with pytest.raises(ProviderError, match="the voice cannot be loaded"):
        await hear(registry.build_tts(CHOICE, None, "en-US"), "Hello.", HEARD)
    await registry.close()
