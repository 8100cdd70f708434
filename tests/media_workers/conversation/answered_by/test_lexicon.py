"""Phrases that tell, in four languages, and those that only look like them."""

from __future__ import annotations

import pytest

from media_workers.conversation.answered_by.lexicon import CERTAIN, LANGUAGES, signs_in


@pytest.mark.parametrize(
    ("language", "text", "kind"),
    [
        ("en-US", "You've reached Tom. Please leave a message after the beep.", "machine"),
        ("en-GB", "The mailbox is full.", "machine"),
        ("en-US", "Please state your name and the reason for calling.", "screening"),
        ("en-US", "For sales, press 1.", "menu"),
        ("en-US", "She is not in. Would you like to leave a message?", "human"),
        ("de-DE", "Hinterlassen Sie bitte eine Nachricht nach dem Signalton.", "machine"),
        ("de-DE", "Für Fragen zu Ihrer Rechnung drücken Sie die 2.", "menu"),
        ("de-AT", "Nennen Sie bitte Ihren Namen.", "screening"),
        ("de-DE", "Wer ist denn da?", "human"),
        ("es-ES", "Deje su mensaje después de la señal.", "machine"),
        ("es-MX", "Para español, marque 2.", "menu"),
        ("es-ES", "¿De parte de quién?", "human"),
        ("fr-FR", "Laissez un message après le bip sonore.", "machine"),
        ("fr-FR", "Pour le service commercial, tapez 1.", "menu"),
        ("fr-FR", "Allô, qui est à l'appareil ?", "human"),
        ("it-IT", "The person you are trying to reach is not available.", "machine"),
    ],
)
def test_a_certain_phrase_tells_who_it_is(language: str, text: str, kind: str) -> None:
    assert {sign.kind for sign in signs_in(text, language) if sign.weight >= CERTAIN} == {kind}


@pytest.mark.parametrize(
    "text", ["", "Hello?", "I'm pressing on.", "That is not available in blue.", "Mail me the box, please."]
)
def test_other_words_are_certain_of_nothing(text: str) -> None:
    assert not [s for s in signs_in(text, "en-US") if s.weight >= CERTAIN]


def test_a_phrase_inside_another_counts_once() -> None:
    (sign,) = [s for s in signs_in("leave your message", "en-US") if s.kind == "machine"]
    assert sign.phrase == "leave your message"


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_every_phrase_of_a_language_is_found_as_it_stands(language: str) -> None:
    for phrases in LANGUAGES[language].values():
        for phrase in (p for p in phrases if not set(p) & set("[.N")):
            assert any(phrase in s.phrase or s.phrase in phrase for s in signs_in(phrase, language)), phrase
