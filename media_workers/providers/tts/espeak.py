"""espeak-ng from the wheel `espeakng_loader`: a local voice without any system package, in 100 languages.

The library keeps global state and blocks while it speaks, so one thread of the process owns it; a
sentence of one call waits at most for the sentence of another (about 1 ms per second of speech).
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import itertools
import re
import threading
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor

import espeakng_loader
import numpy as np
import soxr

from media_workers.contract.agent import Voice
from media_workers.contract.vendors import Credential
from media_workers.providers.base import SAMPLE_RATE, ProviderError, Speech, VoiceSettings
from media_workers.providers.tts.alignment import Alignment
from media_workers.providers.tts.line import BYTES_PER_MS
from media_workers.providers.tts.text import clean, pieces, tidy

# speak_lib.h
_SYNCHRONOUS = 2
_DONT_EXIT = 0x8000
_CHARS_UTF8 = 1
_RATE = 1
_OK = 0
_PHONEMES_IPA = 2
_EVENTS_END = 0
_EVENT_WORD = 1
_NORMAL_WORDS_PER_MINUTE = 165
_CHUNK_MS = 60

_CLAUSE_END = re.compile(r"([.,:;!?])[\"')\]]*\s*\S?$")

_SYNTH_CALLBACK = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p
)


class _Voice(ctypes.Structure):
    """espeak_VOICE, as far as it is read here."""

    _fields_ = [
        ("name", ctypes.c_char_p),
        ("languages", ctypes.c_void_p),
        ("identifier", ctypes.c_char_p),
        ("gender", ctypes.c_ubyte),
        ("age", ctypes.c_ubyte),
        ("variant", ctypes.c_ubyte),
        ("xx1", ctypes.c_ubyte),
        ("score", ctypes.c_int),
        ("spare", ctypes.c_void_p),
    ]


class _Event(ctypes.Structure):
    """espeak_EVENT. `text_position`: the first character, counted from 1; `audio_position` in ms."""

    _fields_ = [
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", ctypes.c_char * 8),
    ]


def _tags(address: int) -> Iterator[tuple[int, str]]:
    """Pairs of a priority byte (the lowest is preferred) and a language tag; a zero byte ends the list."""
    while priority := ctypes.string_at(address, 1)[0]:
        tag = ctypes.string_at(address + 1)
        yield priority, tag.decode().lower()
        address += len(tag) + 2


class EspeakTextToSpeech:
    """Speaks with espeak-ng's voices (`en-us`, `en-gb`, `de`, ...); streams, stops within a chunk."""

    name = "espeak"
    model = ""

    async def speak(self, text: str, voice: VoiceSettings) -> AsyncIterator[Speech]:
        """8000 Hz PCM in chunks of at most 60 ms, and the words. Raises `ProviderError`; closing aborts at
        once."""
        speech = _Speech(asyncio.get_running_loop(), voice, Alignment(tidy(text)))
        engine = _engine()
        try:
            for piece in pieces(clean(text)):
                work = speech.loop.run_in_executor(engine.thread, engine.synthesise, piece, speech)
                work.add_done_callback(speech.finished)
                while (chunk := await speech.chunks.get()) is not None:
                    yield chunk
                await work
        finally:
            speech.stopped.set()

    async def warm_up(self) -> None:
        """Loads the library, which the first sentence would wait for. Never raises."""
        with contextlib.suppress(ProviderError):
            engine = _engine()
            await asyncio.get_running_loop().run_in_executor(engine.thread, engine.load)

    async def close(self) -> None:
        """The library is of all calls and stays."""


class _Speech:
    """What passes between the loop that listens and the thread that synthesises."""

    def __init__(self, loop: asyncio.AbstractEventLoop, voice: VoiceSettings, alignment: Alignment) -> None:
        self.loop = loop
        self.voice = voice
        self.chunks: asyncio.Queue[Speech | None] = asyncio.Queue()
        self.stopped = threading.Event()
        self._alignment = alignment
        self._bytes = 0
        self._piece = ""
        self._piece_from_ms = 0.0

    def begin(self, piece: str) -> None:
        """What is put from now on is of that part of the text. Called in the thread, like the others."""
        self._piece, self._piece_from_ms = piece, self._bytes / BYTES_PER_MS

    def spoken(self, position: int, length: int, at_ms: int) -> None:
        """Characters of the piece (counted from 1) are spoken so long after its beginning."""
        word = self._piece[position - 1 : position - 1 + length]
        for begun in self._alignment.place(word, self._piece_from_ms + at_ms):
            self.put(begun)

    def put(self, item: Speech) -> None:
        self._bytes += len(item) if isinstance(item, bytes) else 0
        with contextlib.suppress(RuntimeError):  # the loop was closed under us: nobody listens
            self.loop.call_soon_threadsafe(self.chunks.put_nowait, item)

    def finished(self, work: asyncio.Future[None]) -> None:
        """Called on the loop, after every chunk; looks at the error in case nobody awaits it any more."""
        if not work.cancelled():
            work.exception()
        self.chunks.put_nowait(None)


class _Engine:
    """The library, initialised once per process; its methods run only in `thread`."""

    def __init__(self) -> None:
        self.thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="espeak")
        self._rate = 0
        self._voice = ""
        self._resampler: soxr.ResampleStream | None = None
        self._speech: _Speech | None = None
        # Kept for the life of the library: it calls this address.
        self._callback = _SYNTH_CALLBACK(self._heard)

    def synthesise(self, text: str, speech: _Speech) -> None:
        """Hand the audio of `text` to `speech` until it is stopped. Blocks. Raises `ProviderError`."""
        if speech.stopped.is_set():
            return
        self.load()
        self._configure(speech.voice)
        self._resampler = soxr.ResampleStream(self._rate, SAMPLE_RATE, 1, dtype="int16")
        self._speech = speech
        speech.begin(text)
        encoded = text.encode()
        status = self._lib.espeak_Synth(encoded, len(encoded) + 1, 0, 0, 0, _CHARS_UTF8, None, None)
        if status != _OK:
            raise _error(f"synthesis failed with status {status}")

    def phonemes(self, text: str, voice: str) -> list[str]:
        """Blocks. See the function of the same name."""
        self.load()
        self._configure(VoiceSettings(voice))
        buffer = ctypes.create_string_buffer(text.encode())
        first = ctypes.addressof(buffer)
        place = ctypes.c_void_p(first)
        found = []
        while (begins := place.value) is not None:
            spoken = self._lib.espeak_TextToPhonemes(ctypes.byref(place), _CHARS_UTF8, _PHONEMES_IPA) or b""
            clause = buffer.raw[begins - first : (place.value or first + len(buffer)) - first]
            # It has read one character of what follows.
            end = _CLAUSE_END.search(clause.decode(errors="ignore").rstrip("\0"))
            found.append(spoken.decode(errors="ignore").strip() + (end[1] if end else ""))
        return found

    def load(self) -> None:
        """Initialises the library, once. Raises `ProviderError`."""
        if self._rate:
            return
        try:
            self._lib = ctypes.CDLL(espeakng_loader.get_library_path())
            data = espeakng_loader.get_data_path().encode()
        except (OSError, RuntimeError) as error:
            raise _error(f"the library cannot be loaded: {error}", retryable=False) from error
        self._lib.espeak_Synth.argtypes = [
            ctypes.c_char_p, ctypes.c_size_t, ctypes.c_uint, ctypes.c_int, ctypes.c_uint, ctypes.c_uint,
            ctypes.c_void_p, ctypes.c_void_p,
        ]  # fmt: skip
        self._lib.espeak_TextToPhonemes.argtypes = [
            ctypes.POINTER(ctypes.c_void_p), ctypes.c_int, ctypes.c_int,
        ]  # fmt: skip
        self._lib.espeak_TextToPhonemes.restype = ctypes.c_char_p
        rate = self._lib.espeak_Initialize(_SYNCHRONOUS, _CHUNK_MS, data, _DONT_EXIT)
        if rate <= 0:
            raise _error(f"the data in {espeakng_loader.get_data_path()} cannot be read", retryable=False)
        self._lib.espeak_SetSynthCallback(self._callback)
        self._languages = self._list_languages()
        self._rate = rate

    def _configure(self, voice: VoiceSettings) -> None:
        if voice.voice != self._voice:
            language, plus, variant = voice.voice.partition("+")
            name = self._languages.get(language.lower(), language) + plus + variant
            if self._lib.espeak_SetVoiceByName(name.encode()) != _OK:
                self._voice = ""
                raise _error(f"there is no voice {voice.voice!r}; try en-us, en-gb or de", retryable=False)
            self._voice = voice.voice
        words_per_minute = max(80, min(450, round(_NORMAL_WORDS_PER_MINUTE * voice.speed)))
        self._lib.espeak_SetParameter(_RATE, words_per_minute, 0)

    def _list_languages(self) -> dict[str, str]:
        """Voice file of every language tag: the library finds some of them only by their file."""
        self._lib.espeak_ListVoices.restype = ctypes.POINTER(ctypes.POINTER(_Voice))
        found: dict[str, tuple[int, str]] = {}
        for pointer in itertools.takewhile(bool, self._lib.espeak_ListVoices(None)):
            for priority, tag in _tags(pointer.contents.languages):
                known = found.get(tag)
                if known is None or priority < known[0]:
                    found[tag] = priority, pointer.contents.identifier.decode()
        return {tag: name for tag, (_, name) in found.items()}

    def _heard(self, wav: ctypes._Pointer[ctypes.c_short], samples: int, events: int | None) -> int:
        """Called by the library with `samples` of audio, with NULL at the end; 1 aborts."""
        if self._speech is None or self._resampler is None or self._speech.stopped.is_set():
            return 1
        for event in _events(events):
            if event.type == _EVENT_WORD:
                self._speech.spoken(event.text_position, event.length, event.audio_position)
        audio = np.ctypeslib.as_array(wav, (samples,)) if wav and samples else np.empty(0, np.int16)
        pcm = self._resampler.resample_chunk(audio, last=not wav).tobytes()
        if pcm:
            self._speech.put(pcm)
        return 0


def _events(address: int | None) -> Iterator[_Event]:
    """The list that ends with the event of type 0."""
    size = ctypes.sizeof(_Event)
    while address and (event := _Event.from_address(address)).type != _EVENTS_END:
        yield event
        address += size


async def phonemes(text: str, voice: str) -> list[str]:
    """How `voice` says `text`, clause by clause: IPA, with the punctuation that ends the clause. Raises
    `ProviderError`."""
    engine = _engine()
    return await asyncio.get_running_loop().run_in_executor(engine.thread, engine.phonemes, text, voice)


_engine_lock = threading.Lock()
_engines: list[_Engine] = []


def _engine() -> _Engine:
    with _engine_lock:
        if not _engines:
            _engines.append(_Engine())
        return _engines[0]


def _error(detail: str, *, retryable: bool = True) -> ProviderError:
    return ProviderError("tts", EspeakTextToSpeech.name, detail, retryable=retryable)


def build(choice: Voice, credential: Credential | None, language: str) -> EspeakTextToSpeech:
    """The synthesizer of one call. It needs no key, and the voice says the language."""
    return EspeakTextToSpeech()
