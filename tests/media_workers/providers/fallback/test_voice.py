"""Voices that take over from each other, in the middle of a sentence too."""

from __future__ import annotations

import pytest

from media_workers.providers.base import ProviderError, Served, Speech, SpokenWord, VoiceSettings
from media_workers.providers.fallback import FallbackVoice
from tests.media_workers.conversation.virtual_time import run
from tests.media_workers.providers.fallback.vendors import Counter, Mouth, Seen, Step, down, voices

TEXT = "one two three four five six seven eight nine ten"
UNUSED = VoiceSettings("unused")


def ms(count: int) -> bytes:
    return b"\x01\x00" * 8 * count


async def said(voice: FallbackVoice, text: str = TEXT) -> list[Speech]:
    return [item async for item in voice.speak(text, UNUSED)]


def test_each_voice_has_settings_of_its_own() -> None:
    first, second = Mouth("one", [[ms(100)]]), Mouth("two", [[ms(100)]])
    assert run(said(FallbackVoice(voices(first, second), watch=Seen()))) == [
        Served("one", "mouth-1"),
        ms(100),
    ]
    assert first.texts == [(TEXT, "voice of one")]
    assert second.texts == []


@pytest.mark.parametrize(
    ("failure", "reason", "after_ms"),
    [
        ([down("tts", "one")], "is down", 0),
        ([10.0, ms(20)], "gave nothing for 500 ms", 500),
        ([SpokenWord("one", 0), 10.0], "gave nothing for 500 ms", 500),
        ([], "gave no audio", 0),
        ([b"", SpokenWord("one", 0)], "gave no audio", 0),
        ([KeyError("data")], "could not be understood (KeyError)", 0),
    ],
)
def test_another_says_it_all_when_nothing_was_heard(
    failure: list[Step[Speech]], reason: str, after_ms: int
) -> None:
    first, second = Mouth("one", [failure]), Mouth("two", [[ms(100)]])
    seen, breaker = Seen(), Counter()
    voice = FallbackVoice(voices(first, second), watch=seen, breaker=breaker)
    assert run(said(voice)) == [Served("two", "mouth-1"), ms(100)]
    assert second.texts == [(TEXT, "voice of two")]
    assert seen.gone == [("one", reason, after_ms)]
    assert breaker.told == [("failed", "one"), ("succeeded", "two")]


def test_another_goes_on_from_the_word_that_was_being_said() -> None:
    words = [SpokenWord(word, 300 * n) for n, word in enumerate(TEXT.split()[:4])]
    first = Mouth("one", [[*words, ms(800), down("tts", "one")]])
    again = [SpokenWord(word, 200 * n) for n, word in enumerate(TEXT.split()[2:])]
    second = Mouth("two", [[*again, ms(1600)]])
    got = run(said(FallbackVoice(voices(first, second), watch=Seen())))
    assert second.texts == [("three four five six seven eight nine ten", "voice of two")]
    assert [item for item in got if isinstance(item, Served)] == [
        Served("one", "mouth-1"),
        Served("two", "mouth-1"),
    ]
    # `four` was announced, and not yet heard.
    assert [(w.text, w.start_ms) for w in got if isinstance(w, SpokenWord)] == [
        *((w.text, w.start_ms) for w in words),
        ("three", 800),
        *((w.text, 800 + w.start_ms) for w in again[1:]),
    ]


def test_a_voice_that_tells_no_words_is_followed_by_its_length() -> None:
    first, second = Mouth("one", [[ms(700), down("tts", "one")]]), Mouth("two", [[ms(100)]])
    got = run(said(FallbackVoice(voices(first, second), watch=Seen())))
    # 700 ms are ten characters: `one two th`.
    assert second.texts == [("three four five six seven eight nine ten", "voice of two")]
    words = [(w.text, w.start_ms) for w in got if isinstance(w, SpokenWord)]
    assert [word for word, _ in words] == TEXT.split()
    assert words[:4] == [("one", 0), ("two", 400), ("three", 700), ("four", 700 + 100 * 6 // 40)]


def test_words_of_one_voice_are_not_taken_for_all_of_a_sentence_that_two_say() -> None:
    first = Mouth("one", [[SpokenWord("one", 0), SpokenWord("two", 300), ms(400), down("tts", "one")]])
    got = run(said(FallbackVoice(voices(first, Mouth("two", [[ms(450)]])), watch=Seen())))
    words = [(w.text, w.start_ms) for w in got if isinstance(w, SpokenWord)]
    assert words[:4] == [("one", 0), ("two", 300), ("three", 440), ("four", 502)]
    assert words[-1][0] == "ten"


def test_nothing_is_said_again_when_all_of_it_has_been() -> None:
    first, second = Mouth("one", [[ms(60_000), down("tts", "one")]]), Mouth("two", [[ms(100)]])
    seen = Seen()
    got = run(said(FallbackVoice(voices(first, second), watch=seen), "One."))
    assert got == [Served("one", "mouth-1"), ms(60_000)]
    assert seen.gone == [("one", "is down", 0)]


def test_half_a_sample_does_not_shift_the_next_voice() -> None:
    first, second = Mouth("one", [[b"\x01", down("tts", "one")]]), Mouth("two", [[ms(10)]])
    got = run(said(FallbackVoice(voices(first, second), watch=Seen())))
    assert len(b"".join(i for i in got if isinstance(i, bytes))) == 2 + 160


def test_who_took_over_speaks_for_the_rest_of_the_call() -> None:
    first, second = Mouth("one", [[down("tts", "one")], [ms(10)]]), Mouth("two", [[ms(10)]])
    voice = FallbackVoice(voices(first, second), watch=Seen())

    async def sentences() -> list[Speech]:
        return [(await said(voice))[0] for _ in range(3)]

    assert run(sentences()) == [Served("two", "mouth-1")] * 3


def test_a_single_voice_is_tried_once_more_and_then_the_error_is_raised() -> None:
    seen = Seen()
    only = Mouth("one", [[down("tts", "one")], [ms(10)]])
    assert run(said(FallbackVoice(voices(only), watch=seen)))[1] == ms(10)
    with pytest.raises(ProviderError) as raised:
        run(said(FallbackVoice(voices(Mouth("one", [[down("tts", "one")]])), watch=seen)))
    assert not raised.value.retryable
    assert seen.gone == [("one", "is down", 0)] * 2


def test_a_voice_that_falls_silent_is_not_waited_for() -> None:
    only = Mouth("one", [[ms(10), 60.0]])
    with pytest.raises(ProviderError, match="gave nothing for 2000 ms"):
        run(said(FallbackVoice(voices(only), watch=Seen())))
    assert only.stopped == 1


def test_lists_can_be_in_lists() -> None:
    mine = FallbackVoice(voices(Mouth("one", [[down("tts", "one")]])), watch=Seen())
    local = Mouth("local", [[ms(10)]])
    outer = FallbackVoice([*voices(mine), *voices(local)], watch=(seen := Seen()))  # type: ignore[arg-type]
    assert run(said(outer)) == [Served("local", "mouth-1"), ms(10)]
    assert [name for name, _, _ in seen.gone] == ["one"]


def test_closing_stops_the_voice() -> None:
    only = Mouth("one", [[ms(10), 1.0, ms(10)]])

    async def stopped() -> None:
        speech = FallbackVoice(voices(only), watch=Seen()).speak(TEXT, UNUSED)
        assert await anext(speech) == Served("one", "mouth-1")
        assert await anext(speech) == ms(10)
        await speech.aclose()  # type: ignore[attr-defined]

    run(stopped())
    assert only.stopped == 1
