"""Transcribers that take over from each other."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from media_workers.providers.base import FRAME_BYTES, ProviderError, Transcript, TurnSign
from media_workers.providers.fallback import FallbackTranscriber, FallbackTranscription, Option
from media_workers.providers.fallback.transcriber import KEPT_BYTES
from tests.media_workers.conversation.virtual_time import run
from tests.media_workers.providers.fallback.vendors import Counter, Ear, Seen, down

FRAME = b"\x01\x00" * (FRAME_BYTES // 2)


class Call:
    def __init__(self, *ears: Ear | ProviderError, breaker: Counter | None = None) -> None:
        self.seen = Seen()
        options = [
            Option(e.provider if isinstance(e, ProviderError) else e.name, e, 1_000, 5_000) for e in ears
        ]
        self.stt = FallbackTranscriber(options, watch=self.seen, breaker=breaker)
        self.transcripts: list[Transcript] = []
        self.errors: list[ProviderError] = []
        self.signs: list[TurnSign] = []

    def connect(self, **more: Any) -> FallbackTranscription:
        return self.stt.connect(
            language="en-US",
            phrases=["yes"],
            on_transcript=self.transcripts.append,
            on_error=self.errors.append,
            **more,
        )

    def run(self, what: Callable[[FallbackTranscription], Awaitable[None]], **more: Any) -> None:
        async def life() -> None:
            transcription = self.connect(**more)
            await what(transcription)
            await transcription.close()

        run(life())


async def ready(line: FallbackTranscription) -> None:
    await line.settled()


def test_transcripts_say_who_heard_them() -> None:
    ear = Ear("one")

    async def heard(line: FallbackTranscription) -> None:
        await line.settled()
        ear.on_transcript(Transcript("yes", final=True, utterance=1))

    (call := Call(ear)).run(heard)
    assert call.transcripts == [Transcript("yes", final=True, utterance=1, vendor="one", model="ear-1")]
    assert ear.heard == [["yes"], "closed"]


def test_a_vendor_that_cannot_be_opened_is_passed_over() -> None:
    slow, wanting, refusing = Ear("slow", open_s=30), down("stt", "wanting"), Ear("refusing")
    refusing.refuses = [down("stt", "refusing")]
    last = Ear("last", whole_turns=True)
    breaker = Counter()
    call = Call(slow, wanting, refusing, last, breaker=breaker)
    call.run(ready)
    assert call.seen.gone == [
        ("slow", "gave nothing for 1000 ms", 1000),
        ("wanting", "is down", 0),
        ("refusing", "is down", 0),
    ]
    assert (call.errors, call.stt.whole_turns) == ([], True)
    assert [vendor for what, vendor in breaker.told if what == "failed"] == ["slow", "wanting", "refusing"]


def test_what_was_said_meanwhile_is_heard_by_who_takes_over() -> None:
    first, second = Ear("one"), Ear("two", open_s=0.5)

    async def broken(line: FallbackTranscription) -> None:
        await line.settled()
        line.start_utterance(3)
        line.lead_in(FRAME * 2)
        line.feed(FRAME)
        first.on_error(down("stt", "one"))
        await asyncio.sleep(0.1)
        line.feed(FRAME)
        line.finalize(3)
        await line.settled()
        first.on_transcript(Transcript("a ghost", final=True, utterance=3))
        second.on_transcript(Transcript("yes", final=True, utterance=3))

    (call := Call(first, second)).run(broken)
    assert first.heard == [["yes"], "start 3", FRAME * 2, FRAME, "closed"]
    assert second.heard == [["yes"], "start 3", FRAME * 4, "final 3", "closed"]
    assert [t.text for t in call.transcripts] == ["yes"]
    assert call.seen.gone == [("one", "is down", 0)]


def test_the_beginning_is_kept_for_who_is_late() -> None:
    late = Ear("one", open_s=2)

    async def speaks(line: FallbackTranscription) -> None:
        line.start_utterance(1)
        line.lead_in(FRAME)
        for _ in range(KEPT_BYTES // FRAME_BYTES):
            line.feed(FRAME)
        line.expect(["no"])
        await line.settled()
        assert line.sent_bytes == KEPT_BYTES

    Call(late).run(speaks)
    assert late.heard[:2] == [["no"], "start 1"]
    assert len(late.heard[2]) == KEPT_BYTES  # type: ignore[arg-type]


def test_a_single_one_is_opened_again_and_its_second_failure_stands() -> None:
    only = Ear("one")

    async def breaks(line: FallbackTranscription) -> None:
        await line.settled()
        for _ in range(2):
            only.on_error(down("stt", "one"))
            await line.settled()

    (call := Call(only)).run(breaks)
    assert only.opened == 2
    assert call.seen.gone == [("one", "is down", 0)]
    assert [(e.provider, e.retryable) for e in call.errors] == [("one", False)]


def test_a_transcript_between_two_failures_makes_them_two() -> None:
    only = Ear("one")

    async def breaks(line: FallbackTranscription) -> None:
        await line.settled()
        for n in range(4):
            only.on_error(down("stt", "one"))
            await line.settled()
            only.on_transcript(Transcript("yes", final=True, utterance=n))

    (call := Call(only)).run(breaks)
    assert (only.opened, call.errors) == (5, [])


def test_one_that_breaks_after_it_has_served_is_followed_by_another() -> None:
    first, second = Ear("one"), Ear("two")

    async def breaks(line: FallbackTranscription) -> None:
        await line.settled()
        first.on_transcript(Transcript("yes", final=True, utterance=1))
        first.on_error(down("stt", "one"))
        await line.settled()

    Call(first, second).run(breaks)
    assert (first.opened, second.opened) == (1, 1)


def test_one_that_breaks_while_it_opens_is_followed_by_another() -> None:
    class Hasty(Ear):
        async def open(self, **given: Any) -> Ear:
            opened = await super().open(**given)
            self.on_error(down("stt", "one"))
            return opened

    first, second = Hasty("one"), Ear("two")
    (call := Call(first, second)).run(ready)
    assert (first.opened, second.opened, call.errors) == (1, 1, [])
    assert first.heard[-1] == "closed"


async def utterance(line: FallbackTranscription, number: int, ms: int = 800) -> None:
    line.start_utterance(number)
    for _ in range(ms // 20):
        line.feed(FRAME)
    line.finalize(number)
    await asyncio.sleep(4)


def test_one_that_tells_nothing_is_passed_over_at_the_next_utterance() -> None:
    silent, second = Ear("one"), Ear("two")

    async def speaks(line: FallbackTranscription) -> None:
        await line.settled()
        for number in (1, 2):
            await utterance(line, number)

    (call := Call(silent, second)).run(speaks)
    assert call.seen.gone == [("one", "tells nothing of what was said", 0)]
    assert second.heard == [["yes"], "start 2", FRAME * 40, "final 2", "closed"]


@pytest.mark.parametrize("why", ["alone", "short", "partial"])
def test_one_that_may_have_heard_nothing_is_kept(why: str) -> None:
    first, second = Ear("one"), Ear("two")

    async def speaks(line: FallbackTranscription) -> None:
        await line.settled()
        for number in (1, 2, 3):
            if why == "partial":
                first.on_transcript(Transcript("ye", final=False, utterance=number))
            await utterance(line, number, 100 if why == "short" else 800)
            if why == "partial":
                first.on_transcript(Transcript("ye", final=False, utterance=number))

    (call := Call(*([first] if why == "alone" else [first, second]))).run(speaks)
    assert (call.seen.gone, call.errors, first.opened) == ([], [], 1)


def test_a_mistake_in_an_adapter_is_a_failure() -> None:
    class Wrong(Ear):
        async def open(self, **given: Any) -> Ear:
            raise KeyError("session")

    (call := Call(Wrong("one"), second := Ear("two"))).run(ready)
    assert call.seen.gone == [("one", "could not be understood (KeyError)", 0)]
    assert second.opened == 1


def test_who_hears_everything_is_sent_silence_and_no_frame_twice() -> None:
    everything, utterances = Ear("one", continuous=True), Ear("two")
    for ear in (everything, utterances):

        async def speaks(line: FallbackTranscription) -> None:
            await line.settled()
            line.silence(b"a" * FRAME_BYTES)
            line.start_utterance(1)
            line.lead_in(b"a" * FRAME_BYTES + b"b" * FRAME_BYTES)
            line.feed(b"c" * FRAME_BYTES)
            line.silence(b"d" * FRAME_BYTES)

        Call(ear).run(speaks)
    fed = [
        b"".join(item for item in ear.heard if isinstance(item, bytes)) for ear in (everything, utterances)
    ]
    assert fed[0][::FRAME_BYTES] == b"abcd"
    assert fed[1][::FRAME_BYTES] == b"abc"


def test_signs_are_passed_on_to_who_wants_them() -> None:
    ear = Ear("one")
    (call := Call(ear)).run(ready)
    assert not ear.signs_wanted

    async def signs(line: FallbackTranscription) -> None:
        await line.settled()
        ear.on_sign(TurnSign.OVER)

    call.run(signs, on_sign=call.signs.append)
    assert call.signs == [TurnSign.OVER]


def test_closing_while_it_opens_leaves_nothing_behind() -> None:
    async def at_once(line: FallbackTranscription) -> None:
        await asyncio.sleep(0.1)

    (call := Call(Ear("one", open_s=60))).run(at_once)
    assert call.errors == []
