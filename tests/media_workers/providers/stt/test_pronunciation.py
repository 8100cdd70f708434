"""How unknown words sound: flite says it in the recogniser's phones."""

from __future__ import annotations

import pytest
from pocketsphinx import Decoder, get_model_path

from media_workers.providers.stt.pronunciation import guess


@pytest.fixture(scope="module")
def decoder() -> Decoder:
    model = get_model_path()
    return Decoder(hmm=f"{model}/en-us/en-us", dict=None, lm=None, loglevel="FATAL")


@pytest.mark.parametrize("word", ["trunkline", "okonkwo", "siobhan", "o'malley", "zyxtr"])
def test_the_recogniser_takes_the_guess(decoder: Decoder, word: str) -> None:
    phones = guess(word)
    assert len(phones.split()) >= 3
    decoder.add_word(word, phones, True)
    assert decoder.lookup_word(word) == phones


@pytest.mark.parametrize("word", ["", "two words", "-t", "a;b", "x" * 41, "Ünal"])
def test_what_is_no_word_is_not_said(word: str) -> None:
    assert guess(word) == ""


def test_without_flite_the_word_stays_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert guess("trunkline") == ""
