"""A Piper voice that lies on the media node: an .onnx file with its .onnx.json beside it (TTS_VOICE_PATH).

The model is run by onnxruntime, on phonemes from espeak-ng; Piper's own package (GPL-3.0, like this program)
is not needed for it. A sentence is made whole, in the time of about a tenth of its length on one core, by one
thread of the process; the loop and the audio of calls go on meanwhile.
https://github.com/OHF-Voice/piper1-gpl
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import unicodedata
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

# See media_workers.audio.silero: to be set before the import.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

import onnxruntime

from media_workers.audio.resample import resample
from media_workers.contract.agent import Voice
from media_workers.contract.vendors import Credential
from media_workers.providers import local, sharing
from media_workers.providers.base import SAMPLE_RATE, ProviderError, Speech, VoiceSettings
from media_workers.providers.tts import espeak
from media_workers.providers.tts.account import NO_VOICE
from media_workers.providers.tts.text import clean, pieces

T = TypeVar("T")

NAME = "piper"
_BEGIN, _END, _PAD = "^", "$", "_"
_OTHER_LANGUAGE = re.compile(r"\([^)]{1,20}\)")
"""espeak-ng's mark around a word of another language."""

_CLAUSE_GOES_ON = ",:;"
_PEAK = 0.7
_QUIETEST = 0.02
"""Of full scale: what every piece is brought to, and what is taken for silence."""


def build(choice: Voice, credential: Credential | None, language: str) -> PiperTextToSpeech:
    """Raises `ProviderError` when there is no voice on this node."""
    path = local.path_of(NAME)
    if path is None:
        raise _error("no voice is installed on this media node: set TTS_VOICE_PATH", retryable=False)
    return PiperTextToSpeech(sharing.shared(("tts", NAME, path), lambda: Model(path)))


class PiperTextToSpeech:
    """The node's voice; of a voice with several speakers, `voice` names one or gives its number."""

    name = NAME
    model = ""

    def __init__(self, model: Model) -> None:
        self._model = model

    async def speak(self, text: str, voice: VoiceSettings) -> AsyncIterator[Speech]:
        """8000 Hz PCM, a piece of the text at a time. Raises `ProviderError`; closing stops before the next
        piece."""
        for piece in pieces(clean(text)):
            loaded = await self._model.loaded()
            clauses = await espeak.phonemes(piece, loaded.config.espeak_voice)
            yield await self._model.run(loaded.synthesise, clauses, voice)

    async def warm_up(self) -> None:
        """Loads the model, which the first sentence would wait for. Never raises."""
        try:
            await self._model.loaded()
        except ProviderError:
            return

    async def close(self) -> None:
        """The model is of all calls and stays."""


@dataclass(frozen=True)
class Config:
    """What the file beside the model says. `ids`: the numbers of each phoneme."""

    rate: int
    espeak_voice: str
    ids: Mapping[str, list[int]]
    speakers: Mapping[str, int]
    speaker_count: int
    noise: float
    length: float
    noise_width: float

    @classmethod
    def read(cls, path: Path) -> Config:
        """Raises `OSError`, `ValueError`, `KeyError` or `TypeError` when it is none."""
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if found.get("phoneme_type", "espeak") != "espeak":
            raise ValueError(f"its phonemes are {found['phoneme_type']}, not espeak")
        scales = found.get("inference", {})
        return cls(
            rate=int(found["audio"]["sample_rate"]),
            espeak_voice=str(found["espeak"]["voice"]),
            ids={str(phoneme): [int(n) for n in ids] for phoneme, ids in found["phoneme_id_map"].items()},
            speakers={str(name): int(n) for name, n in found.get("speaker_id_map", {}).items()},
            speaker_count=int(found.get("num_speakers", 1)),
            noise=float(scales.get("noise_scale", 0.667)),
            length=float(scales.get("length_scale", 1.0)),
            noise_width=float(scales.get("noise_w", 0.8)),
        )


class Model:
    """The file, loaded at its first use; of one event loop."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="piper")
        self._loaded: Loaded | None = None

    async def loaded(self) -> Loaded:
        """Raises `ProviderError`."""
        if self._loaded is not None:
            return self._loaded
        return await self.run(self._load)

    async def run(self, work: Callable[..., T], *arguments: Any) -> T:
        """`work` in the model's thread."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, work, *arguments)

    def _load(self) -> Loaded:
        """In the thread, so that calls that begin at once do not load it twice."""
        if self._loaded is None:
            self._loaded = Loaded(self._path)
        return self._loaded

    async def close(self) -> None:
        self._thread.shutdown(wait=False, cancel_futures=True)


class Loaded:
    """The session. Everything here blocks."""

    def __init__(self, path: Path) -> None:
        """Raises `ProviderError`."""
        options = onnxruntime.SessionOptions()
        # One core: the others carry calls.
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        try:
            self.config = Config.read(path.with_name(f"{path.name}.json"))
            self._session = onnxruntime.InferenceSession(
                str(path), sess_options=options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # onnxruntime's have no common class
            raise _error(f"the voice cannot be loaded: {_words(error)}", retryable=False) from error

    def synthesise(self, clauses: list[str], voice: VoiceSettings) -> bytes:
        """8000 Hz PCM. Raises `ProviderError`."""
        ids = self._ids(clauses)
        scales = [self.config.noise, self.config.length / voice.speed, self.config.noise_width]
        inputs: dict[str, Any] = {
            "input": np.array([ids], dtype=np.int64),
            "input_lengths": np.array([len(ids)], dtype=np.int64),
            "scales": np.array(scales, dtype=np.float32),
        }
        if self.config.speaker_count > 1:
            inputs["sid"] = np.array([self._speaker(voice.voice)], dtype=np.int64)
        try:
            samples = np.asarray(self._session.run(None, inputs)[0]).reshape(-1)
        except Exception as error:  # onnxruntime's have no common class
            raise _error(f"the voice failed: {_words(error)}") from error
        return resample(_pcm(samples), self.config.rate, SAMPLE_RATE)

    def _ids(self, clauses: list[str]) -> list[int]:
        """Numbers of the phonemes, each followed by a pause of no length, as the voice was taught."""
        ids = self.config.ids
        found = [*ids[_BEGIN], *ids.get(_PAD, ())]
        for clause in clauses:
            spoken = _OTHER_LANGUAGE.sub("", clause) + (" " if clause[-1:] in _CLAUSE_GOES_ON else "")
            for phoneme in unicodedata.normalize("NFD", spoken):
                if phoneme in ids:
                    found += [*ids[phoneme], *ids.get(_PAD, ())]
        return [*found, *ids[_END]]

    def _speaker(self, name: str) -> int:
        if name == NO_VOICE:
            return 0
        number = self.config.speakers.get(name, int(name) if name.isdecimal() else -1)
        if not 0 <= number < self.config.speaker_count:
            known = ", ".join(list(self.config.speakers)[:10]) or f"0 to {self.config.speaker_count - 1}"
            raise _error(f"the voice has no speaker {name!r}; it has {known}", retryable=False)
        return number


def _pcm(samples: np.typing.NDArray[np.float32]) -> bytes:
    """16-bit PCM of equal level: the voices differ, and their sentences too."""
    samples = np.nan_to_num(samples)
    peak = max(float(np.abs(samples).max(initial=0.0)), _QUIETEST)
    return bytes((samples * (_PEAK * 32_767 / peak)).astype("<i2").tobytes())


def _words(error: Exception) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__


def _error(detail: str, *, retryable: bool = True) -> ProviderError:
    return ProviderError("tts", NAME, detail, retryable=retryable)
