"""The voice-activity model: where it comes from, what it hears, and that a batch changes nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from media_workers.audio import silero
from media_workers.audio.silero import WINDOW_SAMPLES, ModelMissing, SileroModel, Stream, model_path
from tests.media_workers.audio.samples import Samples, noise, silence, spoken


@pytest.fixture(scope="module")
def model() -> SileroModel:
    return SileroModel()


def windows(samples: Samples) -> list[silero.Samples]:
    whole = samples[: len(samples) // WINDOW_SAMPLES * WINDOW_SAMPLES]
    return list(whole.reshape(-1, WINDOW_SAMPLES).astype(np.float32))


def judged(model: SileroModel, samples: Samples) -> list[float]:
    stream = Stream()
    return [model.infer([stream], [window])[0] for window in windows(samples)]


def test_the_model_file_is_found_without_importing_torch() -> None:
    assert model_path().name == "silero_vad.onnx"
    assert "silero_vad" not in sys.modules
    assert "torch" not in sys.modules


def test_a_missing_wheel_is_said_with_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(silero, "find_spec", lambda name: None)
    with pytest.raises(ModelMissing, match=r"requirements/nodeps\.txt"):
        model_path()


@pytest.mark.parametrize("voice", ["rms", "slt", "awb"])
def test_it_hears_speech_and_not_silence(model: SileroModel, voice: str) -> None:
    probabilities = judged(model, np.concatenate([silence(1_000), spoken("Yes, four people please.", voice)]))
    before, during = probabilities[:31], probabilities[33:]
    assert max(before) < 0.2
    assert np.mean([p > 0.5 for p in during]) > 0.7
    assert max(during) > 0.95


def test_hiss_is_not_speech(model: SileroModel) -> None:
    assert max(judged(model, noise(2_000, rms=300))) < 0.5


def test_a_batch_hears_what_each_call_would_hear_alone(model: SileroModel) -> None:
    calls = [spoken("Stop, wait.")[:8_000], noise(1_000, 200), spoken("No.", "slt")[:8_000]]
    calls = [np.concatenate([c, silence(1_000)])[:8_000] for c in calls]
    alone = [judged(model, call) for call in calls]
    streams = [Stream() for _ in calls]
    together = [
        model.infer(streams, list(row)) for row in zip(*(windows(call) for call in calls), strict=True)
    ]
    np.testing.assert_allclose(np.array(together).T, np.array(alone), atol=1e-4)
    assert max(alone[0]) > 0.9


def test_the_model_tells_nobody_that_it_is_used(tmp_path: Path) -> None:
    program = "from media_workers.audio.silero import SileroModel; SileroModel()"
    home = {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    environment = {k: v for k, v in os.environ.items() if k not in {"ORT_DISABLE_TELEMETRY", "CI"}}
    subprocess.run([sys.executable, "-c", program], env=environment | home, check=True, timeout=60)
    assert list(tmp_path.rglob("*onnxruntime*")) == []
