"""Offline recognition of synthetic callers, and the process that does it."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator

import pytest

from media_workers.providers.base import ProviderError, Transcript
from media_workers.providers.llm.phrases import ANY_DIGITS
from media_workers.providers.stt.pocketsphinx import DecoderProcess, PocketsphinxSpeechToText
from tests.speech import say

MENU = [
    "[I would like to] book a visit",
    "[what are your] opening hours",
    "[I want to] speak to a person",
    "no thank you [goodbye]",
    "that is all",
]
ANSWERS = ["yes [please]", "no [thank you]", "start again"]
SAID = [
    (MENU, "book a visit"),
    (MENU, "I would like to book a visit"),
    (MENU, "what are your opening hours"),
    (MENU, "speak to a person"),
    (MENU, "that is all"),
    (ANSWERS, "yes please"),
    (ANSWERS, "no thank you"),
    (ANSWERS, "start again"),
]
FOREIGN = [
    "the weather is lovely in the mountains today",
    "my brother bought a green bicycle",
    "could you tell me about the football results",
    "I lost my umbrella on the train yesterday",
]


@pytest.fixture
async def decoder() -> AsyncIterator[DecoderProcess]:
    process = DecoderProcess()
    await process.started()
    yield process
    await process.close()


async def test_what_was_expected_is_understood(decoder: DecoderProcess) -> None:
    cases = [(phrases, said, voice) for voice in ("rms", "slt") for phrases, said in SAID]
    audio = [await asyncio.to_thread(say, said, voice) for _, said, voice in cases]
    heard = [await decoder.recognise(phrases, pcm) for (phrases, _, _), pcm in zip(cases, audio, strict=True)]
    wrong = [(said, text) for (_, said, _), text in zip(cases, heard, strict=True) if text != said.lower()]
    assert len(wrong) <= 1, wrong


async def test_foreign_speech_is_not_forced_into_a_phrase(decoder: DecoderProcess) -> None:
    audio = [await asyncio.to_thread(say, text, voice) for text in FOREIGN for voice in ("rms", "slt")]
    heard = [await decoder.recognise(MENU, pcm) for pcm in audio]
    assert sum(bool(text) for text in heard) <= 1, heard


async def test_digits_are_heard_however_many_there_are(decoder: DecoderProcess) -> None:
    expected = [ANY_DIGITS, "help please"]
    for said in ("seven", "one two", "nine eight seven six five four", "help please"):
        assert await decoder.recognise(expected, await asyncio.to_thread(say, said, "rms")) == said
    foreign = await asyncio.to_thread(say, "what are your opening hours", "rms")
    assert await decoder.recognise(expected, foreign) == ""


async def test_silence_and_phrases_that_nobody_can_pronounce_give_nothing(decoder: DecoderProcess) -> None:
    assert await decoder.recognise(MENU, bytes(16_000)) == ""
    assert await decoder.recognise(MENU, b"") == ""
    assert await decoder.recognise(["xqzt vvrk"], await asyncio.to_thread(say, "that is all")) == ""
    assert await decoder.recognise([], await asyncio.to_thread(say, "that is all")) == ""


async def test_requests_at_once_are_answered_each_with_its_own(decoder: DecoderProcess) -> None:
    texts = ["book a visit", "that is all", "speak to a person"]
    audio = [await asyncio.to_thread(say, text) for text in texts]
    assert await asyncio.gather(*(decoder.recognise(MENU, pcm) for pcm in audio)) == texts


async def test_a_killed_decoder_fails_its_request_and_the_next_one_gets_a_new_one() -> None:
    process = DecoderProcess()
    await process.started()
    pcm = await asyncio.to_thread(say, "that is all")
    request = asyncio.create_task(process.recognise(MENU, pcm * 20))
    await asyncio.sleep(0)
    os.kill(process.pid, signal.SIGKILL)
    with pytest.raises(ProviderError, match="decoder"):
        await request
    assert await process.recognise(MENU, pcm) == "that is all"
    await process.close()


class Heard:
    """Collects what a transcription tells."""

    def __init__(self) -> None:
        self.transcripts: asyncio.Queue[Transcript] = asyncio.Queue()
        self.errors: list[ProviderError] = []


@pytest.fixture
async def stt() -> AsyncIterator[PocketsphinxSpeechToText]:
    decoder = DecoderProcess()
    yield PocketsphinxSpeechToText(decoder)
    await decoder.close()


async def test_an_utterance_is_fed_in_frames_and_heard_again_whole_when_the_caller_goes_on(
    stt: PocketsphinxSpeechToText,
) -> None:
    heard = Heard()
    call = await stt.open(
        language="en-US",
        phrases=MENU,
        on_transcript=heard.transcripts.put_nowait,
        on_error=heard.errors.append,
    )
    pcm = await asyncio.to_thread(say, "that is all")
    call.start_utterance(1)
    for start in range(0, len(pcm), 320):
        call.feed(pcm[start : start + 320])
    call.finalize(1)
    assert await heard.transcripts.get() == Transcript("that is all", final=True, utterance=1)

    call.expect(ANSWERS)
    call.start_utterance(2)
    call.feed(await asyncio.to_thread(say, "no thank you"))
    call.finalize(2)
    assert await heard.transcripts.get() == Transcript("no thank you", final=True, utterance=2)
    assert heard.errors == []
    await call.close()


async def test_another_language_is_refused_in_words(stt: PocketsphinxSpeechToText) -> None:
    heard = Heard()
    with pytest.raises(ProviderError, match="English only") as caught:
        await stt.open(
            language="de-DE",
            phrases=[],
            on_transcript=heard.transcripts.put_nowait,
            on_error=heard.errors.append,
        )
    assert not caught.value.retryable
