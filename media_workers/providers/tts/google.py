"""Google Cloud's voices: Chirp 3 HD streamed by gRPC, the older families over REST.

Those are asked for in short pieces, the first of them the shortest, each while the one before it is spoken.
https://cloud.google.com/text-to-speech/docs/reference/rest/v1beta1/text/synthesize
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
from collections.abc import AsyncGenerator, AsyncIterator, Iterable
from contextlib import aclosing
from typing import Any
from xml.sax.saxutils import escape

from media_workers.audio import mulaw
from media_workers.contract.agent import Voice
from media_workers.contract.vendors import Credential
from media_workers.providers import outside, sharing
from media_workers.providers.base import SAMPLE_RATE, ProviderError, Speech, SpokenWord, VoiceSettings
from media_workers.providers.tts import line
from media_workers.providers.tts.account import clamped
from media_workers.providers.tts.google_stream import ENCODINGS, NAME, Access, Channel, loaded
from media_workers.providers.tts.http import HttpVoice, Request
from media_workers.providers.tts.line import audio_of
from media_workers.providers.tts.text import pieces, portions, tidy

BASE_URL = "https://texttospeech.googleapis.com"
PATH = "/v1beta1/text:synthesize"
SPEEDS = (0.25, 2.0)
_ENCODINGS = ("PCM", "MULAW")
_LOCALE = re.compile(r"^([a-z]{2,3}(?:-[A-Za-z0-9]{2,8})+?)-(?:Chirp|Neural2|Wavenet|Standard|Studio|News)")
_STREAMED = re.compile(r"-Chirp3-HD-", re.IGNORECASE)
_TAKES_MARKS = re.compile(r"-(Neural2|Wavenet|Standard)-")
"""Families that say when they reach a mark, and so when words begin."""


def build(choice: Voice, credential: Credential | None, language: str) -> GoogleTextToSpeech:
    """Raises `ProviderError` without a key."""
    return GoogleTextToSpeech(choice, credential, language)


class GoogleTextToSpeech(HttpVoice):
    """A voice is a name with its locale (`de-DE-Chirp3-HD-Kore`), or only the last part of a Chirp voice
    (`Kore`), which then speaks the agent's language. Settings of its own: `audio_encoding` (PCM, MULAW), and
    of the older families `pitch`, `volume_gain_db`. `region` of the account: `eu`, `us`. Voices of the
    families Neural2, Wavenet and Standard tell when words begin."""

    name = NAME
    default_voice = "Kore"
    default_model = "chirp3-hd"
    most_bytes = 5_000

    def __init__(self, choice: Voice, credential: Credential | None, language: str) -> None:
        super().__init__(choice, credential, language)
        self._access = Access(self.account.key)

    def request(self, text: str, voice: VoiceSettings) -> Request:
        name = self._name(voice)
        body: dict[str, Any] = {
            "input": {"ssml": _marked(text)} if _TAKES_MARKS.search(name) else {"text": text},
            "voice": {"name": name, "languageCode": self._locale(name)},
            "audioConfig": self._audio(voice),
        }
        if "ssml" in body["input"]:
            body["enableTimePointing"] = ["SSML_MARK"]
        return Request(f"{self._base()}{PATH}", dict([self._access.header()]), json=body)

    async def speak(self, text: str, voice: VoiceSettings) -> AsyncIterator[Speech]:
        """8000 Hz PCM. Raises `ProviderError`; closing stops the vendor."""
        streamed = _STREAMED.search(self._name(voice))
        async with aclosing(self._streamed(text, voice) if streamed else self._pieces(text, voice)) as speech:
            async for item in speech:
                yield item

    async def warm_up(self) -> None:
        if not _STREAMED.search(self._name(self._first)):
            await super().warm_up()
            return
        with contextlib.suppress(ProviderError):  # the first sentence tells it
            await (await self._channel()).ready()

    async def _streamed(self, text: str, voice: VoiceSettings) -> AsyncGenerator[Speech, None]:
        name = self._name(voice)
        audio: dict[str, Any] = {
            "audio_encoding": ENCODINGS["MULAW" if self.in_mulaw(voice) else "PCM"],
            "sample_rate_hertz": SAMPLE_RATE,
        }
        if voice.speed != 1.0:
            audio["speaking_rate"] = clamped(voice.speed, *SPEEDS)
        config = {
            "voice": {"name": name, "language_code": self._locale(name)},
            "streaming_audio_config": audio,
        }
        for part in portions(tidy(text), self.most_bytes):
            channel = await self._channel()
            speech = channel.speak(config, part, self._access.header(), self.account.key)
            async with aclosing(speech) as chunks:
                async for chunk in chunks:
                    yield mulaw.decode(chunk) if self.in_mulaw(voice) else chunk

    async def _channel(self) -> Channel:
        await loaded()
        base = self._base()
        address = await self._pinned(base) if self.account.public_only else ""
        return sharing.shared(("tts", NAME, "grpc", base, address), lambda: Channel(base, address))

    async def _pinned(self, base: str) -> str:
        try:
            return await outside.pinned(base)
        except OSError as error:
            raise ProviderError("tts", NAME, f"cannot be reached: {error.strerror or 'not found'}") from None

    def _base(self) -> str:
        region = f"{self.account.region}-" if self.account.region else ""
        return self.account.base_url or BASE_URL.replace("//", f"//{region}")

    async def _pieces(self, text: str, voice: VoiceSettings) -> AsyncGenerator[Speech, None]:
        todo = pieces(tidy(text))
        coming: asyncio.Task[_Piece] | None = None
        spoken_ms = 0.0
        try:
            for index in range(len(todo)):
                coming = coming or asyncio.ensure_future(self._piece(todo[index], voice))
                piece = await coming
                after = todo[index + 1 : index + 2]
                coming = asyncio.ensure_future(self._piece(after[0], voice)) if after else None
                for word in piece.words(spoken_ms):
                    yield word
                yield piece.pcm
                spoken_ms += len(piece.pcm) / line.BYTES_PER_MS
        finally:
            if coming is not None:
                coming.cancel()
                await asyncio.wait({coming})
                if not coming.cancelled():
                    coming.exception()

    async def _piece(self, text: str, voice: VoiceSettings) -> _Piece:
        received = b""
        async with self.answer(self.request(text, voice), ("application/json",)) as answer:
            async for chunk in answer.aiter_bytes():
                received += chunk
                if len(received) > 2 * line.MOST_AUDIO:
                    raise self.error("sent audio without end", retryable=False)
        try:
            content = json.loads(received)
            audio = _without_header(audio_of(content["audioContent"]))
            points = content.get("timepoints", ())
            times = {point["markName"]: round(point["timeSeconds"] * 1000) for point in points}
        except line.MALFORMED:
            raise self.error("sent what is not of its protocol") from None
        return _Piece(text, mulaw.decode(audio) if self.in_mulaw(voice) else audio, times)

    def in_mulaw(self, voice: VoiceSettings) -> bool:
        return self.account.choice(voice.extra, "audio_encoding", _ENCODINGS, "PCM") == "MULAW"

    def _audio(self, voice: VoiceSettings) -> dict[str, Any]:
        audio: dict[str, Any] = {
            "audioEncoding": "MULAW" if self.in_mulaw(voice) else "PCM",
            "sampleRateHertz": SAMPLE_RATE,
        }
        if voice.speed != 1.0:
            audio["speakingRate"] = clamped(voice.speed, *SPEEDS)
        if (pitch := self.account.number(voice.extra, "pitch")) is not None:
            audio["pitch"] = clamped(pitch, -20.0, 20.0)
        if (gain := self.account.number(voice.extra, "volume_gain_db")) is not None:
            audio["volumeGainDb"] = clamped(gain, -96.0, 16.0)
        return audio

    def _name(self, voice: VoiceSettings) -> str:
        name = self.voice_of(voice)
        if "-" in name:
            return name
        return f"{_LOCALES.get(self.language, self.language)}-Chirp3-HD-{name}"

    def _locale(self, name: str) -> str:
        """The voice's own."""
        found = _LOCALE.match(name)
        return found[1] if found else self.language


_LOCALES = {
    "ar": "ar-XA",
    "cs": "cs-CZ",
    "da": "da-DK",
    "de": "de-DE",
    "el": "el-GR",
    "en": "en-US",
    "es": "es-ES",
    "fi": "fi-FI",
    "fr": "fr-FR",
    "hi": "hi-IN",
    "it": "it-IT",
    "ja": "ja-JP",
    "ko": "ko-KR",
    "nb": "nb-NO",
    "nl": "nl-NL",
    "pl": "pl-PL",
    "pt": "pt-BR",
    "ro": "ro-RO",
    "ru": "ru-RU",
    "sv": "sv-SE",
    "tr": "tr-TR",
    "uk": "uk-UA",
    "vi": "vi-VN",
    "zh": "cmn-CN",
    "zh-CN": "cmn-CN",
    "zh-TW": "cmn-TW",
}
"""The locale of a language without a country, or with another name there."""


class _Piece:
    """What came of one request. `times`: ms of the marks, by their names."""

    def __init__(self, text: str, pcm: bytes, times: dict[str, int]) -> None:
        self.pcm = pcm
        self._text = text
        self._times = times

    def words(self, after_ms: float) -> Iterable[SpokenWord]:
        for number, word in enumerate(self._text.split()):
            if (begins := self._times.get(str(number))) is not None:
                yield SpokenWord(word, round(after_ms + begins))


def _marked(text: str) -> str:
    """SSML of `text` with a mark before every word, by its number."""
    words = [f'<mark name="{number}"/>{escape(word)}' for number, word in enumerate(text.split())]
    return f"<speak>{' '.join(words)}</speak>"


def _without_header(audio: bytes) -> bytes:
    """The samples of a WAV, or what is none as it is. Raises `ValueError` for a WAV without any."""
    if audio[:4] != b"RIFF":
        return audio
    return audio[audio.index(b"data", 12) + 8 :]
