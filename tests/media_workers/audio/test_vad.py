"""Voice activity of the calls of a process: what a conversation is told, and when."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from media_workers.audio.silero import Samples as Window
from media_workers.audio.silero import SileroModel, Stream
from media_workers.audio.vad import VadEngine
from tests.media_workers.audio.samples import frames, noise, silence, spoken


class CountingModel(SileroModel):
    """The real model, remembering how many windows each of its runs judged."""

    def __init__(self) -> None:
        super().__init__()
        self.batches: list[int] = []

    def infer(self, streams: list[Stream], windows: list[Window]) -> list[float]:
        self.batches.append(len(windows))
        return super().infer(streams, windows)


@pytest.fixture
def model() -> CountingModel:
    return CountingModel()


def first_over(probabilities: Sequence[float], threshold: float = 0.5) -> int:
    return next(i for i, p in enumerate(probabilities) if p > threshold)


def test_speech_is_noticed_soon_and_its_end_too(model: CountingModel) -> None:
    call = VadEngine(model).open()
    sentence = spoken("I would like to book a table for four people.")
    heard = [call.feed(pcm) for pcm in frames(silence(1_000), sentence, silence(1_000))]
    begin, end = 50, 50 + len(sentence) // 160
    assert max(heard[:begin]) == 0.0
    assert first_over(heard) - begin <= 15
    assert np.mean([p > 0.5 for p in heard[begin + 10 : end - 3]]) > 0.85
    assert max(heard[end + 10 :]) < 0.5
    assert heard[-1] == 0.0


def test_the_model_rests_while_nobody_speaks(model: CountingModel) -> None:
    call = VadEngine(model).open()
    for pcm in frames(silence(3_000)):
        call.feed(pcm)
    assert model.batches == []
    for pcm in frames(spoken("Hello."), silence(2_000)):
        call.feed(pcm)
    spoken_windows = len(model.batches)
    for pcm in frames(silence(3_000)):
        call.feed(pcm)
    assert 0 < spoken_windows == len(model.batches)


def test_the_gate_changes_little_of_what_the_model_would_have_said(model: CountingModel) -> None:
    samples = np.concatenate([noise(2_000, 40), spoken("Four people on Friday, please."), noise(2_000, 40)])
    call, alone = VadEngine(model).open(), Stream()
    gated = [call.feed(pcm) > 0.5 for pcm in frames(samples)]
    whole = samples[: len(samples) // 256 * 256].reshape(-1, 256).astype(np.float32)
    always = [model.infer([alone], [window])[0] > 0.5 for window in whole]
    at_20_ms = [always[min(i * 160 // 256, len(always) - 1)] for i in range(len(gated))]
    assert np.mean([a != b for a, b in zip(gated, at_20_ms, strict=True)]) < 0.06


def test_calls_that_speak_together_are_judged_together(model: CountingModel) -> None:
    engine = VadEngine(model)
    calls = [engine.open() for _ in range(4)]
    for pcm in frames(spoken("We are all talking at the same time.")):
        for call in calls:
            call.feed(pcm)
    assert np.mean(model.batches) > 3.5


def test_each_call_hears_itself_within_one_frame_of_hearing_alone(model: CountingModel) -> None:
    texts = ["Stop, wait a moment.", "Yes please.", "No, thank you very much."]
    streams = [frames(silence(300 * (i + 1)), spoken(t), silence(2_500))[:150] for i, t in enumerate(texts)]
    alone = []
    for stream in streams:
        call = VadEngine(model).open()
        alone.append(first_over([call.feed(pcm) for pcm in stream]))
    engine = VadEngine(model)
    calls = [engine.open() for _ in streams]
    rounds = [
        [call.feed(pcm) for call, pcm in zip(calls, row, strict=True)] for row in zip(*streams, strict=True)
    ]
    for i, expected in enumerate(alone):
        assert expected <= first_over([row[i] for row in rounds]) <= expected + 1


def test_a_call_that_stops_feeding_does_not_hold_the_others_up(model: CountingModel) -> None:
    engine = VadEngine(model)
    talking, gone = engine.open(), engine.open()
    pieces = frames(spoken("I am still here and I keep talking to you."))
    for pcm in pieces[:10]:
        talking.feed(pcm)
        gone.feed(pcm)
    gone.close()
    gone.close()
    heard = [talking.feed(pcm) for pcm in pieces[10:]]
    assert np.mean([p > 0.5 for p in heard[10:-5]]) > 0.8


def test_an_idle_call_beside_a_talking_one_costs_it_no_more_than_a_frame(model: CountingModel) -> None:
    engine = VadEngine(model)
    engine.open()  # ringing: opened, never fed
    call = engine.open()
    alone = VadEngine(model).open()
    pieces = frames(silence(500), spoken("Hello there."))
    beside = [call.feed(pcm) for pcm in pieces]
    assert first_over(beside) == first_over([alone.feed(pcm) for pcm in pieces])
