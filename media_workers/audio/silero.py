"""The Silero voice-activity model at 8000 Hz: one ONNX session for all calls of a process.

The model file comes from the `silero_vad` wheel, whose Python code is never imported because it
needs torch. A window is 256 samples (32 ms) preceded by the last 32 samples of the window before,
as in `silero_vad/utils_vad.py` (`OnnxWrapper`). About 90 us a window alone, 45 us in a batch of 4.
"""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from media_workers.audio.pcm import SAMPLE_RATE

# Since 1.29 onnxruntime reports every session to its maker, from a thread of its own and with an
# identifier that it keeps in the home directory (onnxruntime #27379). To be set before the import.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

import onnxruntime

WINDOW_SAMPLES = 256
CONTEXT_SAMPLES = 32
STATE_SIZE = 128
FULL_SCALE = 32768.0

Samples = npt.NDArray[np.float32]


class ModelMissing(RuntimeError):
    """The wheel with the model file is not installed."""


def model_path() -> Path:
    """The ONNX file inside the installed `silero_vad` wheel. Raises `ModelMissing`."""
    spec = find_spec("silero_vad")
    for folder in (spec.submodule_search_locations if spec else None) or ():
        path = Path(folder) / "data" / "silero_vad.onnx"
        if path.is_file():
            return path
    raise ModelMissing(
        "the voice-activity model is missing: install silero-vad without its dependencies"
        " (pip install --no-deps -r requirements/nodeps.txt)"
    )


def open_session(path: Path) -> Any:
    """The ONNX model at `path` in one thread. Raises what onnxruntime raises."""
    options = onnxruntime.SessionOptions()
    options.inter_op_num_threads = 1
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(path), sess_options=options, providers=["CPUExecutionProvider"])


class Stream:
    """What the model remembers of one call between windows."""

    __slots__ = ("context", "state")

    def __init__(self) -> None:
        self.state: Samples = np.zeros((2, STATE_SIZE), np.float32)
        self.context: Samples = np.zeros(CONTEXT_SAMPLES, np.float32)


class SileroModel:
    """The session. `infer` is safe from one thread at a time."""

    def __init__(self, path: Path | None = None) -> None:
        self._session = open_session(path or model_path())
        self._rate = np.array(SAMPLE_RATE, np.int64)

    def infer(self, streams: list[Stream], windows: list[Samples]) -> list[float]:
        """Speech probability (0..1) of one window per stream; windows are float32 in 16-bit units.

        A stream may appear once in a call; its state moves on.
        """
        count = len(streams)
        inputs = np.empty((count, CONTEXT_SAMPLES + WINDOW_SAMPLES), np.float32)
        state = np.empty((2, count, STATE_SIZE), np.float32)
        for i, (stream, window) in enumerate(zip(streams, windows, strict=True)):
            inputs[i, :CONTEXT_SAMPLES] = stream.context
            np.divide(window, FULL_SCALE, out=inputs[i, CONTEXT_SAMPLES:])
            state[:, i] = stream.state
        output, state = self._session.run(None, {"input": inputs, "state": state, "sr": self._rate})
        for i, stream in enumerate(streams):
            stream.context = inputs[i, -CONTEXT_SAMPLES:]
            stream.state = state[:, i]
        return [float(p) for p in output[:, 0]]
