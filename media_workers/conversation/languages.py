"""Which language a call is spoken in, and when that changes. Plain state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from media_workers.contract.agent import AgentConfig
from media_workers.contract.vendors import Credential
from media_workers.providers import assembly
from media_workers.providers.base import Transcript
from media_workers.providers.fallback import FallbackTranscriber, FallbackVoice, Watch
from media_workers.providers.fallback.chain import Breaker

ENOUGH: Final = 2
"""Utterances in a row that are in another language: one alone may be a name, or a mistake."""

PLAIN_WORDS: Final = 5
PLAIN_AT: Final = 0.85
"""A sentence of so many words, heard so clearly, is no mistake."""

NOTE: Final = "From here on the call is spoken in {language}. Answer in that language."


@dataclass(frozen=True, slots=True)
class Tongue:
    """Who speaks and hears a language; None: as before."""

    voice: FallbackVoice | None = None
    ears: FallbackTranscriber | None = None


class Languages:
    """Those of one call. `current` is one of `tongues`, whose first is the agent's own."""

    def __init__(self, tongues: Mapping[str, Tongue]) -> None:
        self.tongues = tongues
        self.current = next(iter(tongues), "")
        self._other = ""
        self._times = 0
        self._utterance = -1

    def heard(self, transcript: Transcript) -> str:
        """The language to change to; empty: none. Only final transcripts count, each utterance once."""
        told = transcript.language
        if not (transcript.final and told and transcript.text) or transcript.utterance == self._utterance:
            return ""
        self._utterance = transcript.utterance
        language = known(told, list(self.tongues))
        if not language or _family(language) == _family(self.current):
            self._other, self._times = "", 0
            return ""
        self._times = self._times + 1 if language == self._other else 1
        self._other = language
        certain = len(transcript.text.split()) >= PLAIN_WORDS and (transcript.confidence or 0.0) >= PLAIN_AT
        return language if certain or self._times >= ENOUGH else ""

    def change(self, language: str) -> Tongue:
        """`language` is spoken from here on; what that takes. One that has nobody of its own is left to who
        speaks and hears already, which is the agent's own again after another."""
        self.current, self._other, self._times = language, "", 0
        own = next(iter(self.tongues.values()))
        tongue = self.tongues[language]
        return Tongue(tongue.voice or own.voice, tongue.ears or own.ears)


def tongues_of(
    agent: AgentConfig,
    credentials: Mapping[str, Credential],
    *,
    voice: FallbackVoice,
    ears: FallbackTranscriber,
    watch: Watch,
    breaker: Breaker | None,
) -> dict[str, Tongue]:
    """Everybody that a call of `agent` may take, its own first; empty where it has one language. A
    transcriber that tells languages apart hears them all; any other is one for each. Nothing is connected
    yet."""
    if not agent.languages:
        return {}
    others = [other.language for other in agent.languages]
    hears_all = ears.hear_too(others)
    found = {agent.language: Tongue(voice, ears)}
    for other in agent.languages:
        voices = (other.voice or agent.voice, *agent.fallbacks.voices)
        speaks = assembly.build_voice(voices, other.language, credentials, watch=watch, breaker=breaker)
        heard = ears
        if other.transcriber is not None or not hears_all:
            choice = {"transcriber": other.transcriber or agent.transcriber, "language": other.language}
            own = agent.model_copy(update=choice)
            heard = assembly.build_transcriber(own, credentials, watch=watch, breaker=breaker)
        found.setdefault(other.language, Tongue(speaks, heard))
    return found


def known(told: str, languages: Sequence[str]) -> str:
    """The one of `languages` that a vendor means by `told`: `de-DE` for `de`, `deu` and `de-CH`."""
    exactly = [each for each in languages if each.lower() == told.lower()]
    family = _family(told)
    near = [each for each in languages if _family(each) == family]
    return (exactly or near or [""])[0]


def _family(language: str) -> str:
    """ISO 639-1 where a vendor has its own three letters."""
    first = language.partition("-")[0].lower()
    return _THREE.get(first, first)


_THREE: Final = {
    "eng": "en",
    "deu": "de",
    "ger": "de",
    "spa": "es",
    "fra": "fr",
    "fre": "fr",
    "ita": "it",
    "por": "pt",
    "nld": "nl",
    "dut": "nl",
    "pol": "pl",
    "rus": "ru",
    "tur": "tr",
    "jpn": "ja",
    "kor": "ko",
    "zho": "zh",
    "cmn": "zh",
    "hin": "hi",
    "ara": "ar",
    "ukr": "uk",
    "swe": "sv",
    "dan": "da",
    "nor": "no",
    "fin": "fi",
    "ces": "cs",
    "ell": "el",
}
