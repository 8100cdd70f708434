"""What holds for every call, whoever says what and when."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from media_workers.contract.events import BargeIn, EndReason
from media_workers.providers.base import Delta, ProviderError, TextDelta, ToolCall
from tests.media_workers.conversation.phone import Phone, config
from tests.media_workers.conversation.vendors import Listener, Speaker, Thinker

DOWN = ProviderError("llm", "thinker", "down")
CALL_MS = 25_000
JOINED_MS = 400
# Without the phase that explains: it takes minutes.
PHASES = (Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink)


@dataclass
class Speech:
    after_ms: int
    ms: int
    noise: bool


speeches = st.lists(
    st.builds(
        Speech,
        st.integers(0, 250).map(lambda n: n * 20),
        st.integers(5, 100).map(lambda n: n * 20),
        st.sampled_from([False, False, False, True]),
    ),
    max_size=8,
)
acts = st.lists(
    st.tuples(st.integers(0, CALL_MS // 20).map(lambda n: n * 20), st.sampled_from(["1", "2", "#", "say"])),
    max_size=4,
)
answers = st.sampled_from(
    [
        "Fine.",
        "A long answer that goes on and on, for as long as anybody may want to interrupt it. And more.",
        [TextDelta("In two. "), 0.7, TextDelta("Pieces.")],
        [],
    ]
)
rules = st.fixed_dictionaries(
    {
        "barge_in": st.booleans(),
        "endpointing_ms": st.sampled_from([100, 250, 400, 900]),
        "transcript_after_ms": st.sampled_from([60, 120, 300]),
        "barge_in_min_speech_ms": st.sampled_from([40, 200, 600]),
        "endpointing": st.sampled_from(["fixed", "adaptive", "vendor"]),
        "eager": st.booleans(),
        "ignore_backchannels": st.booleans(),
        "resume_after_ms": st.sampled_from([None, 200, 900]),
        "protected_phrases": st.sampled_from([[], ["for as long as anybody may want to"]]),
    }
)


def phone_of(
    speeches: list[Speech],
    acts: list[tuple[int, str]],
    answer: Any,
    rules: dict[str, Any],
    delays: tuple[int, int, int],
    whole_turns: bool,
) -> Phone:
    final_ms, token_ms, first_ms = delays
    phone = Phone(
        agent=config(turn_taking=rules, silence={"prompt_after_ms": 6000, "prompts": ["Hello?", "Still?"]}),
        ears=Listener(final_ms=final_ms, whole_turns=whole_turns),
        mind=_Always(answer, token_ms),
        mouth=Speaker(first_ms=first_ms),
    )
    at = 300
    for n, speech in enumerate(speeches):
        at += speech.after_ms
        phone.says("" if speech.noise else f"word{n}", at=at, ms=speech.ms)
        at += speech.ms
    for when, act in acts:
        if act == "say":
            phone.is_told_to_say(f"Command {when}.", at=when)
        else:
            phone.presses(act, at=when)
    return phone


class _Always(Thinker):
    """Gives everything the same answer."""

    def __init__(self, answer: Any, token_ms: int) -> None:
        super().__init__(token_ms=token_ms)
        self._answer = answer

    def _steps(self, key: str) -> list[Delta | float | Exception]:
        return [TextDelta(self._answer)] if isinstance(self._answer, str) else list(self._answer)


delays = st.tuples(
    st.sampled_from([0, 100, 700, 1400]), st.sampled_from([0, 150, 1500]), st.sampled_from([0, 100, 900])
)


def ends_of(speeches: list[Speech]) -> list[int]:
    """When what was said with each is over: with hardly a pause the next one belongs to it."""
    at, ends = 300, []
    for speech in speeches:
        at += speech.after_ms + speech.ms
        ends.append(at)
    for n in range(len(speeches) - 1, 0, -1):
        if speeches[n].after_ms < JOINED_MS:
            ends[n - 1] = ends[n]
    return ends


@settings(max_examples=150, deadline=None, phases=PHASES)
@given(speeches, acts, answers, rules, delays, st.booleans())
def test_nothing_is_lost_and_nothing_is_said_twice(
    speeches: list[Speech],
    acts: list[tuple[int, str]],
    answer: Any,
    rules: dict[str, Any],
    delays: tuple[int, int, int],
    whole_turns: bool,
) -> None:
    phone = phone_of(speeches, acts, answer, rules, delays, whole_turns)
    phone.call(CALL_MS)
    check_the_report(phone)
    spoken = " ".join(t.text for t in phone.turns("caller") if not t.dtmf).split()
    assert max(Counter(spoken).values(), default=0) <= 1, "a word was transcribed twice"
    assert spoken == sorted(spoken), "the words are out of order"
    for n, (speech, over) in enumerate(zip(speeches, ends_of(speeches), strict=True)):
        if not speech.noise and over < phone.ended_ms - 500 - delays[0]:
            assert f"word{n}" in spoken, "a word was lost"
    # What the dialogue kept is what was asked of it, each once and in order.
    asked = iter(phone.mind.asked)
    assert all(kept in asked for kept in phone.mind.kept)
    assert len([d for d in acts if d[1] != "say" and d[0] < phone.ended_ms]) == len(
        [t for t in phone.turns("caller") if t.dtmf]
    )


@settings(max_examples=100, deadline=None, phases=PHASES)
@given(
    speeches,
    acts,
    st.lists(st.sampled_from([DOWN, TextDelta("Yes. "), 0.5, ToolCall("c", "end_call", "{}")]), max_size=4),
    rules,
    delays,
    st.integers(0, 4),
    st.lists(st.booleans(), max_size=4),
    st.integers(0, 2),
)
def test_whatever_fails_the_call_goes_on_or_ends_with_its_reason(
    speeches: list[Speech],
    acts: list[tuple[int, str]],
    answer: list[Any],
    rules: dict[str, Any],
    delays: tuple[int, int, int],
    voice_errors: int,
    breaks: list[bool],
    open_errors: int,
) -> None:
    phone = phone_of(speeches, acts, answer, rules, delays, False)
    phone.mouth.errors = voice_errors
    phone.ears.breaks = breaks
    phone.ears.open_errors = open_errors
    phone.call(CALL_MS + 60_000)
    check_the_report(phone)
    # With the silence policy no call that nobody speaks on stays up for ever.
    assert phone.hung_up is not None
    assert phone.hung_up[0] in (EndReason.AGENT_HUNG_UP, EndReason.PROVIDER_FAILED, EndReason.SILENCE)


def check_the_report(phone: Phone) -> None:
    turns = phone.turns()
    assert [t.index for t in turns] == list(range(len(turns)))
    for turn in turns:
        assert 0 <= turn.start_ms <= turn.end_ms <= phone.ended_ms + 20
        if turn.latency is not None and turn.latency.total is not None and turn.latency.own is not None:
            assert 0 <= turn.latency.own <= turn.latency.total
    agent = [(t.start_ms, t.end_ms) for t in turns if t.speaker == "agent"]
    assert agent == sorted(agent)
    assert all(a[1] <= b[0] for a, b in pairwise(agent)), "the agent spoke twice at once"
    assert all(any(start <= at < end for start, end in agent) for at, _ in phone.sent)
    for barge_in in phone.of(BargeIn):
        assert turns[barge_in.turn_index].interrupted or barge_in.resumed
        assert turns[barge_in.turn_index].speaker == "agent"
    assert phone.mind.closed
