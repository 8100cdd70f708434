"""The real sherpa-onnx in its process, with a model that hears tones (tests/fakes/sherpa_model)."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest

from media_workers.contract.agent import Transcriber
from media_workers.providers import local, registry
from media_workers.providers.base import ProviderError, SpeechToText
from media_workers.providers.stt import sherpa
from media_workers.providers.stt.sherpa import SherpaProcess, SherpaSpeechToText
from media_workers.providers.stt.sherpa_decoder import model_files
from tests.fakes.hearing import silence
from tests.media_workers.providers.stt.listening import Call

MODEL = Path(__file__).parents[3] / "fakes" / "sherpa_model"
TONES = {"yes": 500, "no": 1_000, "maybe": 2_500}


@pytest.fixture
async def decoder() -> AsyncIterator[SherpaProcess]:
    process = SherpaProcess(MODEL)
    yield process
    await process.close()


@pytest.fixture
def stt(decoder: SherpaProcess) -> SpeechToText:
    return SherpaSpeechToText(decoder, MODEL.name)


def tones(*words: str) -> bytes:
    """300 ms of each word's tone, with 200 ms of silence after it."""
    samples = np.arange(8 * 300)
    said = (10_000 * np.sin(2 * np.pi * TONES[word] * samples / 8_000) for word in words)
    return b"".join(tone.astype("<i2").tobytes() + silence(200) for tone in said)


def utter(call: Call, number: int, *words: str) -> None:
    call.stt.start_utterance(number)
    pcm = tones(*words)
    for start in range(0, len(pcm), 320):
        call.stt.feed(pcm[start : start + 320])
    call.stt.finalize(number)


async def test_each_utterance_gets_its_own_final_text(stt: SpeechToText) -> None:
    call = await Call().open(stt)
    utter(call, 1, "yes", "maybe")
    utter(call, 2, "no")
    await call.until(finals=2)
    assert call.finals == {1: "yes maybe", 2: "no"}
    assert stt.model == "sherpa_model"
    await call.stt.close()


async def test_partial_texts_come_while_it_is_spoken(stt: SpeechToText) -> None:
    call = await Call().open(stt)
    call.stt.start_utterance(1)
    call.stt.feed(tones("maybe", "no"))
    await call.until(partials=1)
    assert call.finals == {}
    assert "maybe no".startswith(call.partials[0][1])
    call.stt.finalize(1)
    await call.until(finals=1)
    assert call.finals == {1: "maybe no"}
    await call.stt.close()


async def test_silence_and_nothing_are_answered(stt: SpeechToText) -> None:
    call = await Call().open(stt)
    call.stt.start_utterance(1)
    call.quiet(400)
    call.stt.finalize(1)
    call.stt.start_utterance(2)
    call.stt.finalize(2)
    await call.until(finals=2)
    assert call.finals == {1: "", 2: ""}
    await call.stt.close()


async def test_calls_at_once_hear_each_its_own(stt: SpeechToText) -> None:
    calls = [await Call().open(stt) for _ in range(4)]
    said = [("yes",), ("no",), ("maybe", "yes"), ("no", "maybe")]
    for call, words in zip(calls, said, strict=True):
        utter(call, 1, *words)
    for call in calls:
        await call.until(finals=1)
    assert [call.finals[1] for call in calls] == [" ".join(words) for words in said]
    await asyncio.gather(*(call.stt.close() for call in calls))


async def test_what_is_closed_is_told_nothing_and_the_others_go_on(stt: SpeechToText) -> None:
    gone, other = await Call().open(stt), await Call().open(stt)
    utter(gone, 1, "yes")
    await gone.stt.close()
    utter(gone, 2, "no")
    utter(other, 1, "maybe")
    await other.until(finals=1)
    assert gone.told == gone.errors == []
    await other.stt.close()


async def test_a_decoder_that_dies_is_told_once_and_started_again(
    stt: SpeechToText, decoder: SherpaProcess
) -> None:
    call = await Call().open(stt)
    os.kill(decoder.pid, signal.SIGKILL)
    await call.until(errors=1)
    utter(call, 1, "yes")
    await asyncio.sleep(0.02)
    assert [error.retryable for error in call.errors] == [True]
    await call.stt.close()
    again = await Call().open(stt)
    utter(again, 1, "yes")
    await again.until(finals=1)
    assert again.finals == {1: "yes"}
    await again.stt.close()


async def test_a_decoder_that_does_not_keep_up_is_an_error(
    stt: SpeechToText, decoder: SherpaProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sherpa, "WAITING_BYTES", 100_000)
    call = await Call().open(stt)
    os.kill(decoder.pid, signal.SIGSTOP)
    call.stt.start_utterance(1)
    for _ in range(20):
        call.stt.feed(silence(1_000))
    await call.until(errors=1)
    assert "too slow" in call.errors[0].detail
    await call.stt.close()


async def test_a_model_that_is_not_whole_is_refused_for_good(tmp_path: Path) -> None:
    shutil.copy(MODEL / "tokens.txt", tmp_path)
    process = SherpaProcess(tmp_path)
    with pytest.raises(ProviderError, match=r"there is no \*encoder\*\.onnx") as refusal:
        await process.started()
    assert not refusal.value.retryable
    assert process.pid == 0


async def test_a_decoder_that_never_gets_ready_is_waited_for_a_while_only(
    decoder: SherpaProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sherpa, "READY_LIMIT_S", 0.01)
    with pytest.raises(ProviderError, match="not ready"):
        await decoder.started()
    assert decoder.pid == 0


def test_of_two_files_the_smaller_is_taken(tmp_path: Path) -> None:
    for name in (
        "tokens.txt",
        "decoder-1.onnx",
        "encoder-1.onnx",
        "encoder-1.int8.onnx",
        "joiner-1.int8.onnx",
    ):
        (tmp_path / name).touch()
    names = {part: Path(file).name for part, file in model_files(tmp_path).items()}
    assert names == {
        "tokens": "tokens.txt",
        "decoder": "decoder-1.onnx",
        "encoder": "encoder-1.int8.onnx",
        "joiner": "joiner-1.int8.onnx",
    }


async def test_the_node_says_where_its_model_is() -> None:
    choice = Transcriber(provider="sherpa")
    with pytest.raises(ProviderError, match="STT_MODEL_PATH") as refusal:
        registry.build_stt(choice, None, "en-US")
    assert not refusal.value.retryable
    local.put("sherpa", MODEL)
    try:
        call = await Call().open(registry.build_stt(choice, None, "en-US"))
        utter(call, 1, "yes")
        await call.until(finals=1)
        await call.stt.close()
    finally:
        local.put("sherpa", None)
        await registry.close()
    assert call.finals == {1: "yes"}
