"""sherpa-onnx in a process of its own: `python -m media_workers.providers.stt.sherpa_decoder FOLDER`.

Decoding takes cores for tens of milliseconds at a time, so it never runs beside a media clock. One process
serves all calls of a line, and decodes what waits of several in one batch. Requests come on standard input
and results go to standard output, each a 4-byte big-endian length and that many bytes:

- request: JSON header, a newline, then audio (16-bit mono, 8000 Hz) where there is some. Header: `id` of the
  utterance and `do`: `hear` the audio, `finish` (its final text is wanted), `drop`.
- result: JSON with `id`, `text`, `final`; first of all one with `id` 0 once the model is loaded, with `error`
  where it cannot be.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import IO, Any

import numpy as np

from media_workers.audio.pcm import SAMPLE_RATE
from media_workers.audio.resample import Resampler
from media_workers.providers.stt.decoder import LENGTH, PR_SET_PDEATHSIG

MODEL_RATE = 16_000
TAIL_S = 0.4
"""Silence after an utterance: the model says a word once it has heard what follows."""

_PARTS = ("encoder", "decoder", "joiner")


def model_files(folder: Path) -> dict[str, str]:
    """The files of a streaming transducer, the smaller (int8) where there are two. Raises `ValueError` that
    names what is missing."""
    found = {"tokens": str(folder / "tokens.txt")}
    if not (folder / "tokens.txt").is_file():
        raise ValueError("there is no tokens.txt")
    for part in _PARTS:
        files = sorted(folder.glob(f"*{part}*.onnx"), key=lambda f: (".int8." not in f.name, f.name))
        if not files:
            raise ValueError(f"there is no *{part}*.onnx")
        found[part] = str(files[0])
    return found


class Recogniser:
    """The utterances that are being heard."""

    def __init__(self, folder: Path) -> None:
        # See media_workers.audio.silero: to be set before the import.
        os.environ["ORT_DISABLE_TELEMETRY"] = "1"
        import sherpa_onnx

        self._model = sherpa_onnx.OnlineRecognizer.from_transducer(**model_files(folder), num_threads=1)
        self._streams: dict[int, Any] = {}
        self._resamplers: dict[int, Resampler] = {}
        self._told: dict[int, str] = {}
        self._finished: set[int] = set()

    def take(self, number: int, do: str, pcm: bytes) -> None:
        """A request."""
        if do == "drop":
            self._forget(number)
            return
        if number not in self._streams:
            self._streams[number] = self._model.create_stream()
            self._resamplers[number] = Resampler(SAMPLE_RATE, MODEL_RATE)
        resampler, stream = self._resamplers[number], self._streams[number]
        if do == "finish":
            tail = bytes(int(TAIL_S * SAMPLE_RATE) * 2)
            stream.accept_waveform(MODEL_RATE, _samples(resampler.feed(tail) + resampler.flush()))
            stream.input_finished()
            self._finished.add(number)
        elif samples := resampler.feed(pcm):
            stream.accept_waveform(MODEL_RATE, _samples(samples))

    def decode(self) -> Iterator[dict[str, Any]]:
        """One step of all that have audio waiting; the results that are new."""
        ready = {n: s for n, s in self._streams.items() if self._model.is_ready(s)}
        if ready:
            self._model.decode_streams(list(ready.values()))
        for number, stream in list(self._streams.items()):
            if number in self._finished:
                if self._model.is_ready(stream):
                    continue
                yield {"id": number, "text": self._text(stream), "final": True}
                self._forget(number)
            elif number in ready and (text := self._text(stream)) != self._told.get(number, ""):
                self._told[number] = text
                yield {"id": number, "text": text, "final": False}

    @property
    def busy(self) -> bool:
        """Whether there is something to decode."""
        return bool(self._finished) or any(self._model.is_ready(s) for s in self._streams.values())

    def _forget(self, number: int) -> None:
        self._streams.pop(number, None)
        self._resamplers.pop(number, None)
        self._told.pop(number, None)
        self._finished.discard(number)

    def _text(self, stream: Any) -> str:
        text = str(self._model.get_result(stream)).strip()
        # Many models know capitals only.
        return text.lower() if text.isupper() else text


def _samples(pcm: bytes) -> Any:
    return np.frombuffer(pcm, "<i2").astype(np.float32) / 32768


def serve(folder: Path, requests: IO[bytes], results: IO[bytes]) -> int:
    """Answers requests until their end; returns the exit code."""
    try:
        recogniser = Recogniser(folder)
    except ImportError:
        return _refuse(results, "the package sherpa-onnx is not installed")
    except Exception as error:
        return _refuse(results, f"the model cannot be loaded: {error}")
    _write(results, {"id": 0})
    waiting: SimpleQueue[bytes | None] = SimpleQueue()
    Thread(target=_read_all, args=(requests, waiting), daemon=True).start()
    while True:
        for message in _taken(waiting, block=not recogniser.busy):
            if message is None:
                return 0
            head, _, pcm = message.partition(b"\n")
            request = json.loads(head)
            recogniser.take(request["id"], request["do"], pcm)
        for result in recogniser.decode():
            _write(results, result)


def _taken(waiting: SimpleQueue[bytes | None], *, block: bool) -> Iterator[bytes | None]:
    """What has come; at least one message when `block`."""
    try:
        while True:
            yield waiting.get(block=block)
            block = False
    except Empty:
        return


def _read_all(stream: IO[bytes], waiting: SimpleQueue[bytes | None]) -> None:
    while True:
        head = stream.read(LENGTH.size)
        body = stream.read(LENGTH.unpack(head)[0]) if len(head) == LENGTH.size else b""
        if not body:
            waiting.put(None)
            return
        waiting.put(body)


def _refuse(results: IO[bytes], problem: str) -> int:
    _write(results, {"id": 0, "error": problem})
    return 1


def _write(stream: IO[bytes], result: dict[str, Any]) -> None:
    body = json.dumps(result).encode()
    stream.write(LENGTH.pack(len(body)) + body)
    stream.flush()


if __name__ == "__main__":
    # The parent's death ends us even in the middle of decoding; the terminal's Ctrl-C is its business.
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.exit(serve(Path(sys.argv[1]), sys.stdin.buffer, sys.stdout.buffer))
