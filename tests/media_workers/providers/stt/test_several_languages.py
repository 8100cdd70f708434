"""Transcribers that hear several languages at once say which it was, where their vendor does."""

from __future__ import annotations

from typing import Any

import pytest

from media_workers.contract.agent import Transcriber
from media_workers.contract.vendors import Credential
from media_workers.providers import registry
from media_workers.providers.base import Polyglot, ProviderError, SpeechToText
from media_workers.providers.fallback import FallbackTranscriber, Option, Watch
from media_workers.providers.stt.google_messages import Response
from media_workers.providers.stt.utterances import Utterances
from tests.fakes.stt_deepgram import DeepgramServer
from tests.media_workers.providers.stt.listening import Call
from tests.media_workers.providers.stt.vendors import VENDORS


def built(vendor: str, model: str = "", **choice: object) -> Any:
    credential = Credential(vendor=vendor, api_key="k", region="westeurope")
    choice = Transcriber.model_validate({"provider": vendor, "model": model, **choice})
    return registry.build_stt(choice, credential, "en-US")


def transcriber(*subjects: SpeechToText | ProviderError) -> FallbackTranscriber:
    return FallbackTranscriber([Option("vendor", subject) for subject in subjects], watch=Watch())


def test_who_can_is_told_of_the_other_languages() -> None:
    deepgram = built("deepgram")
    assert transcriber(deepgram).hear_too(["de-DE", "es-ES"])
    assert deepgram.others == ("de-DE", "es-ES")


def test_who_cannot_hears_one_at_a_time() -> None:
    assert not transcriber(built("azure")).hear_too(["de-DE"])
    # The first decides: the others are asked only when it has failed.
    assert not transcriber(built("azure"), built("deepgram")).hear_too(["de-DE"])


@pytest.mark.parametrize(
    ("vendor", "model", "alone", "several"),
    [
        ("deepgram", "", {"language": "en-US"}, {"language": "multi"}),
        ("deepgram", "base", {"language": "en-US"}, {"language": "en-US"}),
        ("deepgram", "flux-general-multi", {"language_hint": ["en"]}, {"language_hint": ["en", "de"]}),
        ("elevenlabs", "", {"language_code": "en"}, {"include_language_detection": "true"}),
    ],
)
def test_what_a_vendor_is_asked_for(
    vendor: str, model: str, alone: dict[str, object], several: dict[str, object]
) -> None:
    subject, more = built(vendor, model), built(vendor, model)
    more.others = ("de-DE",)
    forced = {"forced": True} if model.startswith("flux") else {}
    assert alone.items() <= subject._query("en-US", [], **forced).items()
    query = more._query("en-US", [], **forced)
    assert several.items() <= query.items()
    assert not (set(alone) - set(several)) & set(query)


def test_google_and_openai_are_asked_for_several() -> None:
    google = built("google", extra={"project": "p-1"})
    google.others = ("de-DE",)
    assert google._config("en-US", [])["config"]["language_codes"] == ["en-US", "de-DE"]
    openai = built("openai")
    openai.others = ("de-DE",)
    assert "language" not in openai._session("en-US", [])["audio"]["input"]["transcription"]


def test_google_names_the_language_of_a_result() -> None:
    result = {"alternatives": [{"transcript": "Ja."}], "is_final": True, "language_code": "de-DE"}
    assert Response(results=[result]).results[0].language_code == "de-DE"


def test_the_language_of_an_utterance_is_told_with_its_text() -> None:
    told: list[tuple[str, str]] = []
    utterances = Utterances(lambda t: told.append((t.text, t.language)) if t.final else None)
    utterances.begin(1, 0)
    utterance = utterances.at(10)
    assert utterance is not None
    utterance.language = "de"
    utterances.add(utterance, "Guten Tag.")
    utterances.ask(1, 100)
    utterances.heard(200)
    assert told == [("Guten Tag.", "de")]


async def test_deepgram_tells_the_language_of_what_it_heard() -> None:
    (vendor,) = [v for v in VENDORS if v.name == "deepgram"]
    async with DeepgramServer() as server:
        server.spoken = "de"
        subject = vendor.build(server)
        assert isinstance(subject, Polyglot)
        subject.others = ("de-DE",)
        call = await Call().open(subject)
        call.utter(1, 1)
        await call.until(finals=1)
        assert call.languages == {1: "de"}
        await call.stt.close()
