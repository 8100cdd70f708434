"""A call that changes its language: when, and what changes with it."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from media_workers.contract.acts import LanguageChanged
from media_workers.conversation.languages import Languages, Tongue, known
from media_workers.conversation.tools import NoTools, Result
from media_workers.providers.base import ToolCall, Transcript, VoiceSettings
from media_workers.providers.fallback import FallbackTranscriber, FallbackVoice, Option, Watch
from media_workers.providers.fallback import Speaker as VoiceOf
from tests.media_workers.conversation.phone import Phone, config
from tests.media_workers.conversation.vendors import Listener, Speaker

LANGUAGES = ["en-US", "de-DE", "es-ES"]


def final(text: str, language: str, utterance: int, confidence: float = 0.7) -> Transcript:
    return Transcript(text, final=True, confidence=confidence, utterance=utterance, language=language)


def asked(*transcripts: Transcript) -> list[str]:
    languages = Languages({language: Tongue() for language in LANGUAGES})
    return [languages.heard(transcript) for transcript in transcripts]


def test_two_utterances_in_a_row_change_the_language() -> None:
    assert asked(final("Ja.", "de", 1), final("Guten Tag.", "de", 2)) == ["", "de-DE"]


def test_one_alone_or_in_between_does_not() -> None:
    said = [final("Ja.", "de", 1), final("Yes, please.", "en", 2), final("Gut.", "de", 3)]
    assert asked(*said) == ["", "", ""]
    assert asked(final("Ja.", "de", 1), final("Si.", "es", 2)) == ["", ""]


def test_a_plain_sentence_changes_it_at_once() -> None:
    assert asked(final("Ich möchte gerne einen Tisch bestellen.", "de", 1, 0.95)) == ["de-DE"]
    assert asked(final("Ich möchte gerne einen Tisch bestellen.", "de", 1, 0.5)) == [""]


def test_an_utterance_counts_once_and_partials_not_at_all() -> None:
    partial = Transcript("Guten Tag", final=False, utterance=1, language="de")
    assert asked(partial, final("Ja.", "de", 1), final("Ja.", "de", 1)) == ["", "", ""]


def test_languages_that_the_agent_does_not_have_change_nothing() -> None:
    assert asked(final("Ciao.", "it", 1), final("Buongiorno.", "it", 2)) == ["", ""]


@pytest.mark.parametrize(
    ("told", "meant"), [("de", "de-DE"), ("deu", "de-DE"), ("de-CH", "de-DE"), ("spa", "es-ES"), ("xx", "")]
)
def test_vendors_have_names_of_their_own(told: str, meant: str) -> None:
    assert known(told, LANGUAGES) == meant


@dataclass
class Switch(NoTools):
    """What the runtime does for `switch_language`."""

    phone: Phone
    results: list[str] = field(default_factory=list)

    def has(self, name: str) -> bool:
        return name == "switch_language"

    async def run(self, call: ToolCall) -> Result:
        assert self.phone.talk is not None
        deed = await self.phone.talk.switch_language("de-DE" if "de-DE" in call.arguments else "xx")
        self.results.append(deed.words)
        return Result(deed.words)


def caller() -> tuple[Phone, Speaker, Listener]:
    """An agent that has a voice and a transcriber of their own for German."""
    german, ears = Speaker(name="german", sample=5), Listener(name="german ears", final_ms=60)
    watch = Watch()
    phone = Phone(config())
    phone.tongues = {
        "en-US": Tongue(
            FallbackVoice([Option("speaker", VoiceOf(phone.mouth, VoiceSettings("")))], watch=watch),
            FallbackTranscriber([Option("listener", phone.ears)], watch=watch),
        ),
        "de-DE": Tongue(
            FallbackVoice([Option("german", VoiceOf(german, VoiceSettings("")))], watch=watch),
            FallbackTranscriber([Option("german ears", ears)], watch=watch),
        ),
    }
    return phone, german, ears


def test_voice_ears_model_and_transcript_change() -> None:
    phone, german, ears = caller()
    phone.ears.languages = {"Guten Tag.": "de", "Ja, bitte.": "de"}
    phone.says("Guten Tag.", at=2_000)
    phone.says("Ja, bitte.", at=5_000)
    ears.phrases = ["", "", "Danke."]
    phone.says("Danke.", at=9_000)
    phone.call(13_000)
    (changed,) = phone.of(LanguageChanged)
    assert (changed.language, changed.before) == ("de-DE", "en-US")
    assert german.spoken == ["You said Ja, bitte..", "You said Danke.."]
    assert phone.mind.notes == ["From here on the call is spoken in de-DE. Answer in that language."]
    assert ears.opened == 1
    assert [(t.speaker, t.language) for t in phone.turns()] == [
        ("agent", "en-US"),
        ("caller", "de"),
        ("agent", "en-US"),
        ("caller", "de"),
        ("agent", "de-DE"),
        ("caller", "de-DE"),
        ("agent", "de-DE"),
    ]


def test_the_model_may_change_it_with_any_vendor() -> None:
    phone, _, _ = caller()
    phone.tools = switch = Switch(phone)
    phone.mind.answers["Deutsch?"] = [ToolCall("1", "switch_language", '{"language": "de-DE"}')]
    phone.mind.answers["Klingon?"] = [ToolCall("2", "switch_language", '{"language": "tlh"}')]
    phone.says("Klingon?", at=2_000)
    phone.says("Deutsch?", at=5_000)
    phone.call(9_000)
    assert switch.results == [
        "xx is none of: en-US, de-DE.",
        "The call is spoken in de-DE now. Go on in that language.",
    ]
    assert [changed.language for changed in phone.of(LanguageChanged)] == ["de-DE"]


def test_a_call_of_one_language_tells_none() -> None:
    phone = Phone()
    phone.says("Hello.", at=2_000)
    phone.call(5_000)
    assert {t.language for t in phone.turns()} == {""}
