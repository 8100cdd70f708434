"""Texts of any size and in any encoding: the audio does not wait for them."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from media_workers.contract.acts import ToolUsed
from media_workers.contract.events import EventBody, Partial, Trouble, TurnSpoken
from media_workers.conversation import answering
from media_workers.conversation.answering import LONGEST_REPLY, SLICE
from media_workers.conversation.sentences import SentenceSplitter
from media_workers.providers.base import TextDelta, ToolCall, Transcript
from tests.media_workers.conversation.phone import Phone, config
from tests.media_workers.conversation.vendors import Thinker
from tests.media_workers.conversation.virtual_time import VirtualTimeLoop

HALF = "\ud83d"
HOSTILE = f"Zero\x00 bell\x07 half{HALF} esc\x1b[2J 😀 mañana \u202e end."


class Watched(SentenceSplitter):
    """Notes how much text is looked at in each step of the loop."""

    seen: dict[int, int]

    def feed(self, delta: str) -> list[str]:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualTimeLoop)
        Watched.seen[loop.steps] = Watched.seen.get(loop.steps, 0) + len(delta)
        return super().feed(delta)


@pytest.mark.parametrize(
    "text",
    [
        "x" * 3_000_000,
        "x " * 1_500_000,
        "Yes. " * 600_000,
        ". " * 1_500_000,
        "\n" * 3_000_000,
        HOSTILE * 60_000,
    ],
    ids=["word", "words", "sentences", "stops", "lines", "hostile"],
)
def test_an_answer_of_megabytes_is_looked_at_piece_by_piece_and_cut(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    Watched.seen = {}
    monkeypatch.setattr(answering, "SentenceSplitter", Watched)
    phone = Phone(mind=Thinker({"yes": [TextDelta(text), TextDelta(text)]}))
    phone.says("yes", at=2000)
    phone.call(6000)
    assert [(t.what, t.component) for t in phone.of(Trouble)] == [("answer_cut", "llm")]
    assert max(Watched.seen.values()) <= SLICE
    assert sum(Watched.seen.values()) <= len("Hello.") + LONGEST_REPLY


def test_an_answer_in_many_pieces_is_cut_too() -> None:
    phone = Phone(mind=Thinker({"yes": [TextDelta("Word. ")] * 10_000}))
    phone.says("yes", at=2000)
    phone.call(8000)
    assert phone.mind.dropped == 1
    assert sum(len(text) for text in phone.mouth.spoken) <= LONGEST_REPLY
    assert [t.what for t in phone.of(Trouble)] == ["answer_cut"]


def test_whatever_is_said_every_event_can_be_stored_and_sent() -> None:
    call = ToolCall("c", HOSTILE, json.dumps({"text": "x" * 5_000_000}))
    phone = Phone(
        mind=Thinker({"hello": [TextDelta(HOSTILE), call, TextDelta(HOSTILE)]}),
        agent=config(first_message=f"Hello {HOSTILE.replace(HALF, '')}"),
    )
    phone.says("hello", at=9000)
    phone.call(20_000)
    assert len(phone.of(TurnSpoken)) == 3
    assert len(phone.of(ToolUsed)) == 1
    for event in phone.events:
        _check(event)
    assert not any(_unfit(text) for text in phone.mouth.spoken)
    assert any("😀 mañana" in text for text in phone.mouth.spoken)


def _check(event: EventBody) -> None:
    text = event.model_dump_json()
    assert len(text) < 20_000
    for value in event.model_dump().values():
        assert not (isinstance(value, str) and _unfit(value))


def _unfit(text: str) -> bool:
    return any(ord(c) < 32 and c not in "\t\n\r" for c in text) or any(
        0xD800 <= ord(c) < 0xE000 for c in text
    )


def test_transcripts_of_any_size_and_encoding() -> None:
    phone = Phone(ears=_Babbler())
    phone.says("", at=2000)
    phone.call(6000)
    (caller,) = phone.turns("caller")
    assert len(caller.text) <= 10_000
    assert caller.text.startswith("Zero  bell")
    for event in phone.of(Partial):
        _check(event)


class _Babbler(type(Phone().ears)):  # type: ignore[misc]
    """Hears a megabyte in everything."""

    async def open(self, **given: Any) -> Any:
        tell = given["on_transcript"]

        def louder(transcript: Transcript) -> None:
            tell(Transcript(HOSTILE * 20_000, final=transcript.final, utterance=transcript.utterance))

        return await super().open(**{**given, "on_transcript": louder})


def test_a_prompt_of_100_kilobytes_is_a_prompt() -> None:
    assert len(config(prompt="x" * 100_000).prompt) == 100_000
