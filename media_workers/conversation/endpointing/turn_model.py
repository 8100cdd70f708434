"""A model that hears whether somebody has finished speaking, of the kind of smart-turn v3.

No such model is part of the program: whoever wants one puts an ONNX file on the media node
(TURN_MODEL_PATH). It takes `input_features`, the last 8 s at 16 kHz as Whisper sees them (float32, 1 x
80 x 800), and gives one probability that the turn is over. That takes 20 to 200 ms of a core, so there is one
thread for the calls of a process, asked once a pause.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from media_workers.audio.resample import resample
from media_workers.audio.silero import open_session
from media_workers.conversation.endpointing.whisper import SAMPLES, features
from media_workers.providers import local
from media_workers.providers.base import SAMPLE_RATE

logger = logging.getLogger(__name__)

MODEL_HZ = 16_000
MOST_WAITING = 3
"""Pauses that may wait for the thread; beyond, the answer would come too late to be of use."""

INPUT = "input_features"
TURN_MODEL = "turn_model"
"""What `providers.local` knows its file by."""

Answer = Callable[[float], None]


class TurnModel:
    """One of a process. Safe from any thread."""

    def __init__(self, path: Path) -> None:
        """Raises what onnxruntime raises for a file that is none, and `ValueError` for another kind of
        model."""
        self._session = open_session(path)
        inputs = [i.name for i in self._session.get_inputs()]
        if inputs != [INPUT]:
            raise ValueError(f"{path.name} is no turn model: its inputs are {inputs}, not {[INPUT]}")
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="turn-model")
        self._lock = threading.Lock()
        self._waiting = 0

    def ask(self, pcm: bytes, answer: Answer) -> bool:
        """Has `pcm` (8 kHz, what was said up to the pause) judged; `answer` is called in the model's thread
        with the probability that the turn is over, unless that fails. False: it is too busy."""
        with self._lock:
            if self._waiting >= MOST_WAITING:
                return False
            self._waiting += 1
        self._thread.submit(self._judge, pcm, answer)
        return True

    def _judge(self, pcm: bytes, answer: Answer) -> None:
        try:
            answer(self.probability(pcm))
        except Exception:
            logger.exception("the turn model failed")
        finally:
            with self._lock:
                self._waiting -= 1

    def probability(self, pcm: bytes) -> float:
        """That the turn is over, 0 to 1."""
        samples = np.frombuffer(resample(pcm, SAMPLE_RATE, MODEL_HZ), "<i2").astype(np.float32) / 32768
        heard: npt.NDArray[np.float32] = np.zeros(SAMPLES, np.float32)
        tail = samples[-SAMPLES:]
        if len(tail):
            heard[-len(tail) :] = tail
        (output, *_) = self._session.run(None, {INPUT: features(heard)[None]})
        return min(1.0, max(0.0, float(np.ravel(output)[0])))


def installed() -> TurnModel | None:
    """The media node's; None: it has none. The first call of a process loads it, which takes 0.1 s."""
    path = local.path_of(TURN_MODEL)
    return _load(path) if path is not None else None


@lru_cache(maxsize=1)
def _load(path: Path) -> TurnModel | None:
    """None, with a word in the log, when the file cannot be used."""
    try:
        return TurnModel(path)
    except Exception as error:
        logger.error("the turn model cannot be used: %s", error)
        return None
