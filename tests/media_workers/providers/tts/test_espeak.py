import asyncio

import numpy as np
import pytest

from media_workers.providers.base import ProviderError, SpokenWord, VoiceSettings
from media_workers.providers.tts.espeak import EspeakTextToSpeech, phonemes

ENGLISH = VoiceSettings("en-us")
LONG = "This is a rather long sentence, which goes on and on. " * 140


async def spoken(text: str, voice: VoiceSettings = ENGLISH) -> list[bytes]:
    return [item async for item in EspeakTextToSpeech().speak(text, voice) if isinstance(item, bytes)]


def seconds(chunks: list[bytes]) -> float:
    return sum(map(len, chunks)) / 16_000


@pytest.mark.parametrize("voice", ["en-us", "en-gb", "de", "fr-fr"])
async def test_speaks_at_8000_hz_in_short_chunks(voice: str) -> None:
    chunks = await spoken("Good morning, how can I help you?", VoiceSettings(voice))
    assert 1.0 < seconds(chunks) < 4
    assert max(map(len, chunks)) <= 16 * 80
    assert np.abs(np.frombuffer(b"".join(chunks), "<i2")).max() > 3000


async def test_speed_changes_the_length() -> None:
    text = "This sentence is long enough to be measured."
    fast, slow = (
        await spoken(text, VoiceSettings("en-us", 2.0)),
        await spoken(text, VoiceSettings("en-us", 0.7)),
    )
    assert seconds(slow) > 2 * seconds(fast)


async def test_sound_is_telephone_speech_and_not_slowed() -> None:
    """The strongest frequencies of a vowel lie where a voice has them: resampled, not reinterpreted."""
    samples = np.frombuffer(b"".join(await spoken("aaah")), "<i2").astype(float)
    spectrum = np.abs(np.fft.rfft(samples))
    strongest = np.fft.rfftfreq(len(samples), 1 / 8000)[spectrum.argmax()]
    assert 80 < strongest < 1200


@pytest.mark.parametrize("text", ["", " \n", "..."])
async def test_nothing_to_speak_is_no_audio(text: str) -> None:
    assert await spoken(text) == []


@pytest.mark.parametrize(
    "text", ["-v de", "<speak>x</speak>", "[[hello]]", "\x00\x1b hello", "日本 ж 5 €", "a" * 9000]
)
async def test_any_text_is_spoken_as_text(text: str) -> None:
    assert seconds(await spoken(text)) > 0.3


async def test_calls_that_speak_at_once_do_not_mix() -> None:
    texts = ["One two three four five.", "Six.", "Seven eight nine ten eleven twelve.", "Yes."] * 3
    alone = [round(seconds(await spoken(text)), 1) for text in texts]
    together = await asyncio.gather(*map(spoken, texts))
    assert [seconds(chunks) for chunks in together] == pytest.approx(alone, abs=0.2)


async def test_closing_stops_the_synthesis() -> None:
    """The thread is free at once: the next sentence is not queued behind minutes of speech."""
    speech = EspeakTextToSpeech().speak(LONG, ENGLISH)
    await anext(speech)
    await speech.aclose()  # type: ignore[attr-defined]
    assert seconds(await spoken("Yes.")) < 2


async def test_an_unknown_voice_is_an_error_and_the_next_one_speaks() -> None:
    with pytest.raises(ProviderError, match="no voice 'xx-none'; try en-us") as caught:
        await spoken("Hello.", VoiceSettings("xx-none"))
    assert (caught.value.component, caught.value.retryable) == ("tts", False)
    assert await spoken("Hello.")


async def test_words_are_told_as_they_are_written_before_they_sound() -> None:
    text = "Hello Dr. Smith, it costs $3.50, “really”."
    heard, words = 0, []
    async for item in EspeakTextToSpeech().speak(text, ENGLISH):
        if isinstance(item, SpokenWord):
            words.append(item)
            assert item.start_ms >= heard / 16 - 80
        elif isinstance(item, bytes):
            heard += len(item)
    assert [word.text for word in words] == text.split()
    assert [word.start_ms for word in words] == sorted(word.start_ms for word in words)
    assert words[0].start_ms < 50
    assert words[-1].start_ms < heard / 16


@pytest.mark.parametrize(
    ("text", "voice", "clauses"),
    [
        ("Hello Dr. Smith, fine; good?", "en-us", ["həlˈoʊ dˈɑːktɚ.", "smˈɪθ,", "fˈaɪn;", "ɡˈʊd?"]),
        ("I pay 3.50 now", "en-us", ["aɪ pˈeɪ θɹˈiː pɔɪnt fˈaɪv zˈiəɹoʊ nˈaʊ"]),
        ("Grüße!", "de", ["ɡɾˈyːsə!"]),
        ("", "en-us", [""]),
    ],
)
async def test_phonemes_come_by_clauses_with_their_punctuation(
    text: str, voice: str, clauses: list[str]
) -> None:
    assert await phonemes(text, voice) == clauses
