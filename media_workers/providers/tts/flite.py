"""flite (Debian package `flite`): a local voice, one process per sentence, spoken while the next is made.

Text goes in by standard input and audio comes back in an anonymous memory file: the text is never an
argument, which other users of the machine could read, and `flite -o` cannot write longer texts to a
pipe (it reads its own header back and waits for ever).
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import os
import unicodedata
import wave
from collections import OrderedDict
from collections.abc import AsyncIterator

import numpy as np
import soxr

from media_workers.contract.agent import FLITE_VOICES, Voice
from media_workers.contract.vendors import Credential
from media_workers.providers import sharing
from media_workers.providers.base import SAMPLE_RATE, ProviderError, VoiceSettings
from media_workers.providers.tts.text import clean, pieces

TIMEOUT_S = 15.0
CACHE_BYTES = 8_000_000
# flite begins every utterance with about 200 ms of silence, which a caller would wait through.
FIRST_LEAD_MS = 20
NEXT_LEAD_MS = 120
_QUIET = 150


class FliteTextToSpeech:
    """Speaks with flite's voices `slt`, `rms`, `awb`, `kal16` and `kal`.

    Sentences already spoken are kept in `cache`, because first messages and prompts repeat from call
    to call.
    """

    name = "flite"
    model = ""

    def __init__(self, *, binary: str = "flite", cache: AudioCache | None = None) -> None:
        self._binary = binary
        self._cache = AudioCache(CACHE_BYTES) if cache is None else cache

    async def speak(self, text: str, voice: VoiceSettings) -> AsyncIterator[bytes]:
        """8000 Hz PCM, one chunk per sentence. Raises `ProviderError`; closing kills the process."""
        if voice.voice not in FLITE_VOICES:
            known = ", ".join(sorted(FLITE_VOICES))
            raise self._error(f"there is no voice {voice.voice!r}; choose one of {known}", retryable=False)
        todo = pieces(_ascii(clean(text)))
        coming: asyncio.Task[bytes] | None = None
        try:
            for index in range(len(todo)):
                coming = coming or asyncio.create_task(self._piece(todo[index], voice))
                pcm = await coming
                after = todo[index + 1 : index + 2]
                coming = asyncio.create_task(self._piece(after[0], voice)) if after else None
                yield _trim_lead(pcm, NEXT_LEAD_MS if index else FIRST_LEAD_MS)
        finally:
            if coming is not None:
                coming.cancel()
                with contextlib.suppress(asyncio.CancelledError, ProviderError):
                    await coming

    async def warm_up(self) -> None:
        """There is nothing to connect."""

    async def close(self) -> None:
        """The cache is of all calls and stays."""

    async def _piece(self, text: str, voice: VoiceSettings) -> bytes:
        key = (voice.voice, voice.speed, text)
        pcm = self._cache.get(key)
        if pcm is None:
            pcm = _to_pcm(await self._synthesise(text, voice))
            self._cache.put(key, pcm)
        return pcm

    async def _synthesise(self, text: str, voice: VoiceSettings) -> bytes:
        """A WAV of `text`."""
        file = os.memfd_create("flite")
        try:
            process = await self._start(file, voice)
            try:
                async with asyncio.timeout(TIMEOUT_S):
                    _, said = await process.communicate(text.encode("ascii") + b"\n")
            except TimeoutError:
                raise self._error(f"no audio within {TIMEOUT_S:.0f} s") from None
            finally:
                if process.returncode is None:
                    process.kill()
                    await process.wait()
            if process.returncode != 0:
                detail = said.decode(errors="replace").strip()[-200:]
                raise self._error(f"exit code {process.returncode} {detail}".strip())
            return os.pread(file, os.fstat(file).st_size, 0)
        finally:
            os.close(file)

    async def _start(self, file: int, voice: VoiceSettings) -> asyncio.subprocess.Process:
        command = [self._binary, "-voice", voice.voice, "-o", f"/proc/self/fd/{file}"]
        if voice.speed != 1.0:
            command += ["--setf", f"duration_stretch={1 / voice.speed:.3f}"]
        try:
            return await asyncio.create_subprocess_exec(
                *command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.PIPE,
                pass_fds=[file],
            )
        except FileNotFoundError:
            raise self._error(
                "the program `flite` is not installed; install it with `apt-get install flite`",
                retryable=False,
            ) from None
        except OSError as error:
            raise self._error(f"could not be started: {error}") from error

    def _error(self, detail: str, *, retryable: bool = True) -> ProviderError:
        return ProviderError("tts", self.name, detail, retryable=retryable)


class AudioCache:
    """Least recently used audio, at most `limit` bytes of it."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self.size = 0
        self._items: OrderedDict[tuple[str, float, str], bytes] = OrderedDict()

    def get(self, key: tuple[str, float, str]) -> bytes | None:
        pcm = self._items.get(key)
        if pcm is not None:
            self._items.move_to_end(key)
        return pcm

    def put(self, key: tuple[str, float, str], pcm: bytes) -> None:
        if len(pcm) > self._limit // 4:
            return
        self.size += len(pcm) - len(self._items.pop(key, b""))
        self._items[key] = pcm
        while self.size > self._limit:
            self.size -= len(self._items.popitem(last=False)[1])


def _ascii(text: str) -> str:
    """flite reads ASCII: accents are dropped, other alphabets left out."""
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()


def _to_pcm(wav: bytes) -> bytes:
    """8000 Hz PCM of a WAV file. Raises `ProviderError` when it is none."""
    try:
        with wave.open(io.BytesIO(wav)) as audio:
            rate = audio.getframerate()
            samples = np.frombuffer(audio.readframes(audio.getnframes()), dtype="<i2")
    except (wave.Error, EOFError) as error:
        raise ProviderError("tts", "flite", f"gave no audio: {error}") from error
    if rate != SAMPLE_RATE:
        samples = soxr.resample(samples, rate, SAMPLE_RATE)
    return samples.astype("<i2").tobytes()


def _trim_lead(pcm: bytes, keep_ms: int) -> bytes:
    """`pcm` with at most `keep_ms` of silence before its first sound."""
    loud = np.abs(np.frombuffer(pcm, dtype="<i2")) > _QUIET
    first = int(loud.argmax()) if loud.any() else 0
    return pcm[2 * max(0, first - keep_ms * SAMPLE_RATE // 1000) :]


def build(choice: Voice, credential: Credential | None, language: str) -> FliteTextToSpeech:
    """The synthesizer of one call; the calls of an event loop share their cache. English only, no key."""
    cache = sharing.shared((FliteTextToSpeech.name, "cache"), lambda: AudioCache(CACHE_BYTES))
    return FliteTextToSpeech(cache=cache)
