import asyncio
from pathlib import Path

import numpy as np
import pytest

from media_workers.providers.base import ProviderError, VoiceSettings
from media_workers.providers.tts.flite import AudioCache, FliteTextToSpeech

SLT = VoiceSettings("slt")


async def spoken(tts: FliteTextToSpeech, text: str, voice: VoiceSettings = SLT) -> list[bytes]:
    return [chunk async for chunk in tts.speak(text, voice)]


def seconds(pcm: bytes) -> float:
    return len(pcm) / 16_000


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def children() -> list[str]:
    tasks = Path("/proc/self/task").iterdir()
    pids = [pid for task in tasks for pid in (task / "children").read_text().split()]
    return [pid for pid in pids if Path(f"/proc/{pid}/comm").read_text().strip() == "flite"]


@pytest.mark.parametrize("voice", ["slt", "rms", "awb", "kal16", "kal"])
async def test_every_voice_speaks_at_8000_hz(voice: str) -> None:
    [pcm] = await spoken(FliteTextToSpeech(), "Good morning, how can I help you?", VoiceSettings(voice))
    assert 1.2 < seconds(pcm) < 4
    assert np.abs(np.frombuffer(pcm, "<i2")).max() > 3000


async def test_a_sentence_begins_without_the_silence_flite_puts_before_it() -> None:
    [pcm] = await spoken(FliteTextToSpeech(), "Yes.")
    samples = np.abs(np.frombuffer(pcm, "<i2")[: 8 * 60])
    assert samples.max() > 150


async def test_sentences_come_one_by_one() -> None:
    assert len(await spoken(FliteTextToSpeech(), "One. Two. Three.")) == 3


async def test_speed_changes_the_length() -> None:
    text = "This sentence is long enough to be measured."
    [normal] = await spoken(FliteTextToSpeech(), text, VoiceSettings("rms"))
    [fast] = await spoken(FliteTextToSpeech(), text, VoiceSettings("rms", 2.0))
    assert seconds(fast) == pytest.approx(seconds(normal) / 2, rel=0.25)


@pytest.mark.parametrize(
    "text", ["-voice kal16", "--help", "/etc/hostname", "\x00\x1b[2J hello", "“naïve” 5 € ж", "a" * 3000]
)
async def test_any_text_is_spoken_as_text(text: str) -> None:
    assert seconds(b"".join(await spoken(FliteTextToSpeech(), text))) > 0.3


@pytest.mark.parametrize("text", ["", "  \n", "...", "жжж"])
async def test_nothing_to_speak_is_no_audio(text: str) -> None:
    assert await spoken(FliteTextToSpeech(), text) == []


async def test_a_repeated_sentence_is_not_synthesised_again(tmp_path: Path) -> None:
    counter = tmp_path / "count"
    binary = tmp_path / "flite"
    binary.write_text(f'#!/bin/sh\necho x >> {counter}\nexec flite "$@"\n')
    binary.chmod(0o700)
    tts = FliteTextToSpeech(binary=str(binary))
    first = await spoken(tts, "Hello. Hello. Again.")
    assert first[0][-8000:] == first[1][-8000:]
    assert await spoken(tts, "Hello. Again.")
    assert counter.read_text().count("x") == 2


async def test_the_cache_is_bounded_by_bytes() -> None:
    cache = AudioCache(100_000)
    tts = FliteTextToSpeech(cache=cache)
    for number in range(12):
        await spoken(tts, f"Sentence {number}.")
    assert 0 < cache.size <= 100_000


async def test_closing_kills_the_synthesis(tmp_path: Path) -> None:
    binary = tmp_path / "flite"
    binary.write_text(
        '#!/bin/sh\nread line\ncase "$line" in Wait*) exec sleep 60;; esac\necho "$line" | exec flite "$@"\n'
    )
    binary.chmod(0o700)
    before = descriptors()
    speech = FliteTextToSpeech(binary=str(binary)).speak("Now. Wait for ever.", SLT)
    assert await anext(speech)
    await asyncio.wait_for(speech.aclose(), 10)  # type: ignore[attr-defined]
    assert children() == []
    assert descriptors() <= before


async def test_cancelling_the_listener_kills_the_synthesis(tmp_path: Path) -> None:
    binary = tmp_path / "flite"
    binary.write_text("#!/bin/sh\nexec sleep 60\n")
    binary.chmod(0o700)
    task = asyncio.create_task(spoken(FliteTextToSpeech(binary=str(binary)), "Hello."))
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(task, 10)


async def test_an_unknown_voice_names_the_known_ones() -> None:
    with pytest.raises(ProviderError, match="no voice 'bob'; choose one of awb, kal") as caught:
        await spoken(FliteTextToSpeech(), "Hello.", VoiceSettings("bob"))
    assert not caught.value.retryable


async def test_a_missing_program_names_the_remedy() -> None:
    with pytest.raises(ProviderError, match="apt-get install flite") as caught:
        await spoken(FliteTextToSpeech(binary="/nowhere/flite"), "Hello.")
    assert (caught.value.component, caught.value.provider, caught.value.retryable) == ("tts", "flite", False)


async def test_a_failing_program_is_an_error_with_its_words(tmp_path: Path) -> None:
    binary = tmp_path / "flite"
    binary.write_text("#!/bin/sh\necho no sound card >&2\nexit 3\n")
    binary.chmod(0o700)
    with pytest.raises(ProviderError, match="exit code 3 no sound card"):
        await spoken(FliteTextToSpeech(binary=str(binary)), "Hello.")


async def test_a_program_that_writes_nothing_is_an_error(tmp_path: Path) -> None:
    binary = tmp_path / "flite"
    binary.write_text("#!/bin/sh\ncat > /dev/null\n")
    binary.chmod(0o700)
    with pytest.raises(ProviderError, match="gave no audio"):
        await spoken(FliteTextToSpeech(binary=str(binary)), "Hello.")


async def test_a_program_that_hangs_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("media_workers.providers.tts.flite.TIMEOUT_S", 0.1)
    binary = tmp_path / "flite"
    binary.write_text("#!/bin/sh\nexec sleep 60\n")
    binary.chmod(0o700)
    with pytest.raises(ProviderError, match="no audio within"):
        await spoken(FliteTextToSpeech(binary=str(binary)), "Hello.")
