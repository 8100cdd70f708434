"""Whole calls in virtual time: who says what, when, and what is reported of it."""

from __future__ import annotations

import asyncio
import threading
import time
from itertools import pairwise

import pytest

from media_workers.contract.calls import CallPlan
from media_workers.contract.events import EndReason, EventBody, LatencyParts, Partial, Trouble, TurnSpoken
from media_workers.conversation import Conversation, Voice
from media_workers.providers.base import TextDelta, VoiceSettings
from tests.media_workers.conversation.phone import CALL, Phone, config
from tests.media_workers.conversation.vendors import SILENCE, Listener, Loudness, Speaker, Thinker, frame_of


def test_greeting_question_and_answer() -> None:
    phone = Phone()
    phone.says("two people", at=2000)
    phone.says("at eight", at=6000, ms=400)
    phone.call(10_000)
    assert phone.texts() == [
        "agent: Hello.",
        "caller: two people",
        "agent: You said two people.",
        "caller: at eight",
        "agent: You said at eight.",
    ]
    assert [t.index for t in phone.turns()] == [0, 1, 2, 3, 4]
    assert phone.mind.kept == ["two people", "at eight"]
    assert phone.mind.heard_texts == [
        ("Hello.", False),
        ("You said two people.", False),
        ("You said at eight.", False),
    ]
    assert phone.mind.closed
    assert phone.ears.closed == 1


def test_times_count_from_the_answer_and_latency_has_its_parts() -> None:
    phone = Phone()
    phone.says("two people", at=2000)
    phone.call(8000)
    greeting, caller, answer = phone.turns()
    assert (greeting.start_ms, greeting.end_ms, greeting.latency) == (200, 500, None)
    assert (caller.start_ms, caller.end_ms, caller.confidence) == (2000, 2600, 0.9)
    # Silence is noticed at 2720, the transcript is there at 2820, the first token at 2970, the first
    # audio at 3070 and the next frame goes out at 3080.
    assert (answer.start_ms, answer.end_ms) == (3080, 4080)
    assert answer.latency == LatencyParts(
        endpoint=400, transcript=100, first_token=150, sentence=0, first_audio=100, own=10, total=480
    )
    assert phone.spoke() == [(200, 500), (3080, 4080)]


def test_vendors_are_connected_ahead_of_the_first_word_and_let_go_after_the_last() -> None:
    phone = Phone()
    phone.call(1000)
    assert (phone.mind.warm, phone.mouth.warm, phone.other_mouth.warm, phone.ears.opened) == (1, 1, 1, 1)
    assert (phone.mind.closed, phone.mouth.closed, phone.other_mouth.closed) == (True, 1, 1)
    assert phone.ears.closed == 1


def test_fast_vendors_wait_for_the_end_of_the_turn() -> None:
    phone = Phone(mind=Thinker(token_ms=10), mouth=Speaker(first_ms=10))
    phone.says("yes", at=2000)
    phone.call(6000)
    answer = phone.turns("agent")[1]
    assert answer.start_ms == 2600 + 400
    assert answer.latency is not None
    assert answer.latency.own == 0


def test_a_caller_who_goes_on_leaves_no_trace_of_the_answer_begun() -> None:
    phone = Phone(mind=Thinker(token_ms=10), mouth=Speaker(first_ms=10))
    phone.says("a table", at=2000)
    # The answer to the first words is ready and held when the caller goes on, 340 ms later.
    phone.says("for two", at=2940)
    phone.call(8000)
    assert phone.mind.asked == ["a table", "a table for two"]
    assert phone.mind.kept == ["a table for two"]
    assert "You said a table." in phone.mouth.spoken
    assert phone.texts() == ["agent: Hello.", "caller: a table for two", "agent: You said a table for two."]
    assert (phone.turns()[1].start_ms, phone.turns()[1].end_ms) == (2000, 3540)
    assert phone.spoke()[1][0] == 3540 + 400


def test_a_caller_who_goes_on_while_the_model_still_thinks_cancels_it() -> None:
    phone = Phone(mind=Thinker(token_ms=3000))
    phone.says("a table", at=2000)
    phone.says("for two", at=4000)
    phone.call(12_000)
    assert phone.mind.dropped == 1
    assert phone.texts()[1:] == ["caller: a table for two", "agent: You said a table for two."]


def test_a_grammar_is_given_the_whole_turn_again() -> None:
    phone = Phone(ears=Listener(whole_turns=True))
    phone.says("a table", at=2000)
    phone.says("for two", at=2800)
    phone.call(8000)
    assert phone.ears.utterances == ["a table", "a table for two"]
    assert phone.texts()[1] == "caller: a table for two"


def test_dictation_is_given_each_utterance_once() -> None:
    phone = Phone()
    phone.says("a table", at=2000)
    phone.says("for two", at=2800)
    phone.call(8000)
    assert phone.ears.utterances == ["a table", "for two"]
    assert phone.texts()[1] == "caller: a table for two"


def test_the_transcriber_is_told_what_to_expect_next() -> None:
    phone = Phone(agent=config(transcriber={"hints": ["operator"]}))
    phone.says("yes", at=2000)
    phone.call(6000)
    assert phone.ears.expected[0] == ["at first", "operator"]
    assert phone.ears.expected[-1] == ["after yes", "operator"]


def test_a_late_transcript_is_not_waited_for_beyond_its_limit() -> None:
    phone = Phone(
        agent=config(turn_taking={"transcript_timeout_ms": 800}),
        ears=Listener(final_ms=None, partials=True),
    )
    phone.says("two people", at=2000)
    phone.call(8000)
    assert phone.texts()[1:] == ["caller: two people", "agent: You said two people."]
    # Asked for at 2720, given up at 3520.
    assert phone.mind.kept == ["two people"]
    assert phone.spoke()[1][0] == 3520 + 150 + 100 + 10
    assert phone.turns()[2].latency is not None
    assert phone.turns()[2].latency.transcript == 800


def test_a_transcript_that_never_comes_is_speech_that_was_not_understood() -> None:
    phone = Phone(ears=Listener(final_ms=None))
    phone.mind.answers["<unclear>"] = "Pardon?"
    phone.says("two people", at=2000)
    phone.call(8000)
    assert phone.texts()[1:] == ["caller: ", "agent: Pardon?"]


def test_a_transcript_that_comes_after_all_revives_the_turn() -> None:
    phone = Phone(ears=Listener(final_ms=2500))
    phone.says("yes", at=2000, ms=300)
    phone.call(8000)
    assert phone.texts()[1:] == ["caller: yes", "agent: You said yes."]


def test_a_transcript_that_comes_while_the_apology_is_made_replaces_it() -> None:
    phone = Phone(ears=Listener(final_ms=1600), agent=config(turn_taking={"transcript_timeout_ms": 1500}))
    phone.mind.answers["<unclear>"] = "Pardon?"
    phone.says("two people", at=2000)
    phone.call(8000)
    assert phone.mind.asked == ["<unclear>", "two people"]
    assert phone.texts()[1:] == ["caller: two people", "agent: You said two people."]


def test_noise_is_dropped_without_a_trace() -> None:
    phone = Phone()
    phone.says("", at=2000, ms=200)
    phone.call(6000)
    assert phone.texts() == ["agent: Hello."]
    assert phone.mind.asked == []


def test_noise_after_words_does_not_lose_them() -> None:
    phone = Phone()
    phone.says("two people", at=2000)
    phone.says("", at=2900, ms=100)
    phone.call(8000)
    assert phone.texts()[1:] == ["caller: two people", "agent: You said two people."]


def test_long_speech_that_nobody_understood_reaches_the_dialogue() -> None:
    phone = Phone()
    phone.mind.answers["<unclear>"] = "Sorry?"
    phone.says("", at=2000, ms=700)
    phone.call(6000)
    assert phone.texts()[1:] == ["caller: ", "agent: Sorry?"]
    assert phone.mind.kept == ["<unclear>"]


def test_without_a_first_message_the_dialogue_opens() -> None:
    phone = Phone(agent=config(first_message=""))
    phone.mind.answers["<opening>"] = "Good evening."
    phone.call(3000)
    assert phone.texts() == ["agent: Good evening."]
    assert phone.mind.kept == ["<opening>"]


def test_variables_are_filled_in_and_the_call_goes_before_the_agent() -> None:
    phone = Phone(
        agent=config(first_message="Hi {{name}} of {{town}}.", variables={"name": "you", "town": "Bonn"}),
        variables={"name": "Kim"},
    )
    phone.call(3000)
    assert phone.texts() == ["agent: Hi Kim of Bonn."]


def test_a_callee_who_speaks_first_hears_the_greeting_after_that() -> None:
    phone = Phone(agent=config(first_message=""), mind=Thinker(token_ms=600))
    phone.mind.answers["<opening>"] = "Good evening."
    phone.says("hello", at=40, ms=500)
    phone.call(4000)
    assert phone.texts() == ["caller: hello", "agent: Good evening."]
    assert phone.spoke()[0][0] >= 540 + 400


def test_the_first_sound_lets_the_greeting_begin_before_200_ms() -> None:
    phone = Phone(mouth=Speaker(first_ms=20))
    phone.says("", at=0, ms=20)
    phone.call(2000)
    # The click itself is over after the 80 ms in which it might have become a word.
    assert phone.spoke()[0][0] < 200


def test_an_answer_without_words_still_counts() -> None:
    phone = Phone()
    phone.mind.answers["hm"] = []
    phone.says("hm", at=2000)
    phone.says("yes", at=4000)
    phone.call(7000)
    assert phone.texts()[1:] == ["caller: hm", "caller: yes", "agent: You said yes."]
    assert phone.mind.kept == ["hm", "yes"]


def test_partial_texts_are_shown_but_not_too_often() -> None:
    phone = Phone(ears=Listener(partials=True))
    for n, word in enumerate(["one", "two", "three", "four"]):
        phone.says(word, at=2000 + n * 100, ms=100)
    phone.call(6000)
    partials = [p for p in phone.of(Partial) if p.speaker == "caller"]
    assert 1 <= len(partials) < 4
    assert all(b.at_ms - a.at_ms >= 250 for a, b in pairwise(partials))
    assert phone.texts()[1] == "caller: one two three four"


def test_the_caller_hangs_up_while_the_agent_speaks() -> None:
    phone = Phone(agent=config(first_message="one two three four five six seven eight nine ten"))
    phone.call(1200)
    (turn,) = phone.turns()
    assert turn.interrupted
    assert turn.text == "one two three four"
    assert turn.end_ms == 1200


def test_the_callers_last_words_are_waited_for() -> None:
    phone = Phone(ears=Listener(final_ms=300))
    phone.says("call me back", at=1500, ms=2000)
    phone.call(3000)
    assert phone.texts() == ["agent: Hello.", "caller: call me back"]


def test_last_words_that_nobody_transcribes_do_not_hold_the_end_up() -> None:
    phone = Phone(ears=Listener(final_ms=None))
    phone.says("call me back", at=1500, ms=2000)
    phone.call(3000)
    assert phone.texts() == ["agent: Hello."]


def test_an_agent_without_a_version_apologizes_and_hangs_up() -> None:
    phone = Phone(agent=None, problem="Agent Reception has no published version.")
    phone.call(20_000)
    assert phone.texts() == ["agent: Sorry, this number is not ready to take calls yet. Goodbye."]
    assert phone.hung_up == (EndReason.NOT_READY, "Agent Reception has no published version.")
    (trouble,) = phone.of(Trouble)
    assert (trouble.what, trouble.component) == ("agent_unpublished", "agent")
    assert trouble.detail == "Agent Reception has no published version."
    # All of it was heard, and what is still on its way has time to arrive.
    assert phone.ended_ms >= phone.spoke()[-1][1] + 200


def test_an_agent_without_a_version_cannot_be_interrupted() -> None:
    phone = Phone(agent=None)
    phone.says("hello", at=800)
    phone.presses("1", at=900)
    phone.call(20_000)
    assert not phone.turns("agent")[0].interrupted
    assert phone.hung_up is not None


def test_endless_answers_are_made_only_as_far_ahead_as_needed() -> None:
    phone = Phone(agent=config(first_message="", silence={"prompt_after_ms": 100_000}))
    phone.mind.answers["<opening>"] = [TextDelta("This is a sentence of some length. ")] * 200
    phone.call(3000)
    assert len(phone.mouth.spoken) < 10


def test_a_caller_who_holds_is_waited_for() -> None:
    phone = Phone(agent=config(silence={"prompt_after_ms": 1000, "prompts": ["There?"], "goodbye": "Bye."}))
    phone.holds(1000, 9000)
    phone.says("music on hold", at=3000, ms=2000)
    phone.call(9900)
    assert phone.texts() == ["agent: Hello."]
    assert phone.hung_up is None


def test_nothing_is_said_into_a_hold_and_nothing_is_lost_by_it() -> None:
    phone = Phone(agent=config(first_message="This takes one second."))
    phone.holds(600, 5000)
    phone.call(9900)
    assert phone.texts()[0] == "agent: This takes one second."
    (begin, held), (resumed, end) = phone.spoke()[:2]
    assert held == 600
    assert resumed == 5000
    assert (held - begin) + (end - resumed) == 22 * 50, "every frame of it was played, once"


def test_an_answer_waits_for_the_end_of_a_hold() -> None:
    phone = Phone()
    phone.says("what are your hours", at=1000)
    phone.holds(1800, 5000)
    phone.mind.answers["what are your hours"] = "Nine to five."
    phone.call(8000)
    assert phone.texts() == ["agent: Hello.", "caller: what are your hours", "agent: Nine to five."]
    assert phone.spoke()[-1][0] == 5000


def test_after_the_hold_silence_counts_again() -> None:
    phone = Phone(agent=config(silence={"prompt_after_ms": 1000, "prompts": [], "goodbye": "Bye."}))
    phone.holds(1000, 4000)
    phone.call(8000)
    assert phone.hung_up is not None
    assert phone.hung_up[0] is EndReason.SILENCE
    assert phone.spoke()[-1][0] >= 5000


@pytest.mark.parametrize("size", [1, 100_000])
def test_a_call_that_ends_before_it_was_answered_reports_nothing(size: int) -> None:
    async def call() -> list[EventBody]:
        loop = asyncio.get_running_loop()
        events: list[EventBody] = []
        plan = CallPlan(
            call_id=CALL,
            tenant_id=CALL,
            direction="outbound",
            from_number="1",
            to_number="2",
            agent=config(prompt="x" * size),
        )
        talk = Conversation(
            plan=plan,
            stt=Listener(),
            dialogue=Thinker(),
            tts=Speaker(),
            fallback=Voice(Speaker(), VoiceSettings("other")),
            voice_activity=Loudness(),
            emit=events.append,
            hang_up=lambda *_: None,
            loop=loop,
            clock=lambda: 0,
        )
        await talk.prepare()
        talk.on_frame(frame_of(1), 20)
        assert talk.next_frame(20) is None
        talk.on_dtmf("1", 20)
        talk.ended(40)
        talk.answered(60)
        await talk.close()
        return events

    assert asyncio.run(call()) == []


def test_frames_fed_by_a_thread_of_their_own() -> None:
    """The media clock is a real thread here: decisions and effects meet across it."""
    ears = Listener(["two people"], final_ms=10)
    mind = Thinker(token_ms=10)
    mind.answers["two people"] = "Very well."
    spoken = asyncio.run(_call_on_a_thread(ears, mind))
    assert [(t.speaker, t.text) for t in spoken] == [
        ("agent", "Hi."),
        ("caller", "two people"),
        ("agent", "Very well."),
    ]


async def _call_on_a_thread(ears: Listener, mind: Thinker) -> list[TurnSpoken]:
    loop = asyncio.get_running_loop()
    loop_thread = threading.get_ident()
    spoken: list[TurnSpoken] = []
    answered = asyncio.Event()

    def emit(event: EventBody) -> None:
        assert threading.get_ident() == loop_thread
        if isinstance(event, TurnSpoken):
            spoken.append(event)
            if len(spoken) == 3:
                answered.set()

    talk = Conversation(
        plan=CallPlan(
            call_id=CALL,
            tenant_id=CALL,
            direction="inbound",
            from_number="1",
            to_number="2",
            agent=config(first_message="Hi.", turn_taking={"endpointing_ms": 200}),
        ),
        stt=ears,
        dialogue=mind,
        tts=Speaker(first_ms=10),
        fallback=Voice(Speaker(), VoiceSettings("other")),
        voice_activity=Loudness(),
        emit=emit,
        hang_up=lambda *_: None,
        loop=loop,
        clock=lambda: time.monotonic_ns() // 1_000_000,
    )
    await talk.prepare()
    stop = threading.Event()
    clock = threading.Thread(target=_media_clock, args=(talk, stop, range(50, 80)))
    talk.answered(time.monotonic_ns() // 1_000_000)
    clock.start()
    try:
        async with asyncio.timeout(30):
            await answered.wait()
    finally:
        stop.set()
        await asyncio.to_thread(clock.join)
        await talk.close()
    return spoken


def _media_clock(talk: Conversation, stop: threading.Event, speech: range) -> None:
    """Ten times as fast as a telephone, and telling the conversation so."""
    begin = time.monotonic_ns() // 1_000_000
    for n in range(100_000):
        if stop.wait(0.002):
            return
        talk.on_frame(frame_of(1) if n in speech else SILENCE, begin + 20 * n)
        talk.next_frame(begin + 20 * n)
