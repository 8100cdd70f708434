"""Model and voice: what is spoken, the end of a call by the agent, and vendors that fail."""

from __future__ import annotations

import pytest

from media_workers.contract.acts import ToolUsed
from media_workers.contract.events import EndReason, Trouble
from media_workers.conversation.replying import MOST_DRAFTS
from media_workers.providers.base import ProviderError, TextDelta, ToolCall, Usage
from tests.media_workers.conversation.phone import Phone, config
from tests.media_workers.conversation.vendors import Speaker, Thinker, frame_of

FALLBACK = "I am sorry, I have a technical problem. Please call again later. Goodbye."
END = ToolCall("c1", "end_call", '{"why": "done"}')
DOWN = ProviderError("llm", "thinker", "503")
GONE = ProviderError("llm", "thinker", "503", retryable=False)


def troubles(phone: Phone) -> list[tuple[str, str]]:
    return [(t.component, t.detail) for t in phone.of(Trouble)]


def test_sentences_are_spoken_while_the_model_goes_on() -> None:
    phone = Phone(mind=Thinker({"yes": [TextDelta("First one. "), 2.0, TextDelta("Second one.")]}))
    phone.says("yes", at=2000)
    phone.call(9000)
    first, second = phone.spoke()[1:]
    assert first == (3080, 3580)
    assert second[0] == 2820 + 150 + 2000 + 100 + 10
    assert phone.texts()[-1] == "agent: First one. Second one."
    assert phone.turns()[-1].latency is not None
    assert phone.turns()[-1].latency.total == 480


def test_the_agent_ends_the_call_after_its_last_word() -> None:
    phone = Phone(mind=Thinker({"bye": [TextDelta("Goodbye, "), TextDelta("Kim."), Usage(1, 2), END]}))
    phone.says("bye", at=2000)
    phone.call(20_000)
    assert phone.texts()[-1] == "agent: Goodbye, Kim."
    assert phone.hung_up == (EndReason.AGENT_HUNG_UP, "")
    assert 200 <= phone.ended_ms - phone.spoke()[-1][1] <= 260
    (tool,) = phone.of(ToolUsed)
    assert (tool.name, tool.arguments) == ("end_call", {"why": "done"})
    assert phone.mind.results == [("end_call", "ok")]


def test_an_end_without_words_ends_at_once() -> None:
    phone = Phone(mind=Thinker({"bye": [END]}))
    phone.says("bye", at=2000)
    phone.call(20_000)
    assert phone.hung_up == (EndReason.AGENT_HUNG_UP, "")
    assert phone.texts() == ["agent: Hello.", "caller: bye"]
    assert phone.ended_ms < 3200


def test_nothing_is_asked_for_after_the_end() -> None:
    mind = Thinker({"bye": [TextDelta("Bye."), END, TextDelta(" Are you still there?")]})
    phone = Phone(mind=mind)
    phone.says("bye", at=2000)
    phone.call(20_000)
    assert phone.texts()[-1] == "agent: Bye."
    assert mind.dropped == 1


@pytest.mark.parametrize("answer", ["Fine, have a NICE day!", "Fine. Have a nice. Day then."])
def test_an_end_call_phrase_ends_the_call(answer: str) -> None:
    phone = Phone(agent=config(end_call_phrases=["have a nice day"]))
    phone.mind.answers["thanks"] = answer
    phone.says("thanks", at=2000)
    phone.call(20_000)
    assert phone.texts()[-1] == f"agent: {answer}"
    assert phone.hung_up == (EndReason.AGENT_HUNG_UP, "")


def test_an_end_call_phrase_counts_only_as_whole_words() -> None:
    phone = Phone(agent=config(end_call_phrases=["bye"]))
    phone.mind.answers["thanks"] = "Take the bypass, not the byebyeway."
    phone.says("thanks", at=2000)
    phone.call(7000)
    assert phone.hung_up is None


def test_a_function_that_does_not_exist_is_told_so_and_the_reply_goes_on() -> None:
    call = ToolCall("c1", "book_table", "no json")
    phone = Phone(mind=Thinker({"yes": [call, TextDelta("I cannot book.")]}))
    phone.says("yes", at=2000)
    phone.call(6000)
    assert phone.mind.results == [("book_table", "There is no function called book_table.")]
    assert phone.texts()[-1] == "agent: I cannot book."
    assert [(t.what, t.detail) for t in phone.of(Trouble)] == [("bad_tool_arguments", "book_table: no json")]
    assert phone.of(ToolUsed)[0].arguments == {}


def test_functions_of_an_answer_that_was_dropped_are_not_reported() -> None:
    call = ToolCall("c1", "book_table", "{}")
    phone = Phone(mind=Thinker({"a table": [call, TextDelta("Booked.")]}, token_ms=10))
    phone.says("a table", at=2000)
    phone.says("for two", at=2900)
    phone.call(8000)
    assert phone.mind.asked == ["a table", "a table for two"]
    assert phone.of(ToolUsed) == []


def test_a_model_that_calls_functions_for_ever_is_stopped() -> None:
    call = ToolCall("c1", "again", "{}")
    phone = Phone(mind=Thinker({"yes": [call] * 1000}))
    phone.says("yes", at=2000)
    phone.says("no", at=5000)
    phone.call(8000)
    assert len(phone.mind.results) == 8
    assert phone.texts()[-1] == "agent: You said no."


def test_functions_with_huge_arguments_do_not_hold_the_audio_up() -> None:
    call = ToolCall("c1", "again", '{"text": "' + "x" * 5_000_000 + '"}')
    phone = Phone(mind=Thinker({"yes": [TextDelta("One moment please. "), call, TextDelta("Here it is.")]}))
    phone.says("yes", at=2000)
    phone.call(8000)
    assert phone.spoke()[-1][1] - phone.spoke()[-1][0] == 50 * len("One moment please.Here it is.") + 10


def test_a_model_that_fails_once_is_asked_again() -> None:
    phone = Phone(mind=Thinker({"yes": [[DOWN], "All right."]}))
    phone.says("yes", at=2000)
    phone.call(8000)
    assert phone.texts()[-1] == "agent: All right."
    assert troubles(phone) == [("llm", "thinker: 503")]
    assert phone.mind.kept == ["yes"]
    assert phone.turns()[-1].latency is not None
    # 150 ms until the failure and 150 ms again: the vendor's time, not ours.
    assert phone.turns()[-1].latency.first_token == 300


def test_a_model_that_fails_before_anything_was_heard_starts_over() -> None:
    half = [TextDelta("Half an ans. wer"), DOWN]
    phone = Phone(mind=Thinker({"yes": [half, "All right."]}))
    phone.says("yes", at=2000)
    phone.call(8000)
    assert phone.texts()[-1] == "agent: All right."


def test_who_pauses_again_and_again_is_paid_for_a_few_times_only() -> None:
    phone = Phone(agent=config(turn_taking={"endpointing": "adaptive"}), mind=Thinker(token_ms=50))
    pauses = 3 * MOST_DRAFTS
    for n in range(pauses):
        phone.says("a table", at=2000 + 960 * n)
    phone.call(2000 + 960 * pauses + 6000)
    assert len(phone.mind.asked) == MOST_DRAFTS + 1
    assert phone.mind.kept == [" ".join(["a table"] * pauses)]


def test_a_goodbye_that_nobody_heard_ends_no_call() -> None:
    half = [TextDelta("Goodbye then. And"), DOWN]
    phone = Phone(agent=config(end_call_phrases=["goodbye"]), mind=Thinker({"yes": [half, "For how many?"]}))
    phone.says("yes", at=2000)
    phone.says("two", at=6000)
    phone.call(12_000)
    assert phone.hung_up is None
    assert phone.texts()[2:] == ["agent: For how many?", "caller: two", "agent: You said two."]


def test_a_model_that_fails_while_the_caller_listens_is_left_at_that() -> None:
    half = [TextDelta("This you can hear. "), 1.0, TextDelta("This is not"), DOWN]
    phone = Phone(mind=Thinker({"yes": [half]}))
    phone.says("yes", at=2000)
    phone.says("no", at=7000)
    phone.call(12_000)
    assert phone.texts()[2:] == ["agent: This you can hear.", "caller: no", "agent: You said no."]
    assert troubles(phone) == [("llm", "thinker: 503")]


def test_a_model_that_fails_for_good_ends_the_call_with_an_apology() -> None:
    phone = Phone(mind=Thinker({"yes": [[DOWN], [GONE]]}))
    phone.says("yes", at=2000)
    phone.call(30_000)
    assert phone.texts() == ["agent: Hello.", "caller: yes", f"agent: {FALLBACK}"]
    assert phone.hung_up == (EndReason.PROVIDER_FAILED, "thinker (llm): 503")
    assert troubles(phone) == [("llm", "thinker: 503")] * 2
    assert phone.mind.kept == []


def test_a_failure_that_no_retry_can_mend_is_not_retried() -> None:
    wrong_key = ProviderError("llm", "thinker", "401", retryable=False)
    phone = Phone(mind=Thinker({"yes": [[wrong_key]]}))
    phone.says("yes", at=2000)
    phone.call(30_000)
    assert phone.mind.asked == ["yes"]
    assert phone.hung_up is not None


def test_a_model_that_hangs_is_a_model_that_fails() -> None:
    phone = Phone(mind=Thinker({"yes": [[1000.0]]}), agent=config(silence={"prompt_after_ms": 100_000}))
    phone.says("yes", at=2000)
    phone.call(60_000)
    assert phone.hung_up is not None
    assert phone.hung_up[0] is EndReason.PROVIDER_FAILED
    assert troubles(phone) == [("llm", "model: nothing came for 12 s")]


def test_a_mistake_in_a_vendors_adapter_ends_the_call_politely() -> None:
    phone = Phone(mind=Thinker({"yes": [[ZeroDivisionError("oops")]]}))  # type: ignore[dict-item, list-item]
    phone.says("yes", at=2000)
    phone.call(30_000)
    assert phone.texts()[-1] == f"agent: {FALLBACK}"
    assert phone.hung_up is not None


def test_a_voice_that_fails_once_goes_on_with_the_word_it_was_saying() -> None:
    phone = Phone(mouth=Speaker(errors=1, error_after_ms=300), agent=config(first_message="One two three."))
    phone.call(4000)
    assert phone.texts() == ["agent: One two three."]
    assert troubles(phone) == [("tts", "speaker: lost its voice")]
    assert phone.mouth.spoken == ["One two three.", "two three."]
    assert len(b"".join(f for _, f in phone.sent).rstrip(b"\0")) == (300 + 10 * 50) * 16 - 1


def test_a_voice_that_fails_twice_leaves_the_last_words_to_the_other_one() -> None:
    phone = Phone(mouth=Speaker(errors=99))
    phone.call(30_000)
    assert phone.texts() == [f"agent: {FALLBACK}"]
    assert phone.other_mouth.spoken == [
        "I am sorry, I have a technical problem.",
        "Please call again later.",
        "Goodbye.",
    ]
    assert {f[:2] for _, f in phone.sent} == {frame_of(9)[:2]}
    assert phone.hung_up == (EndReason.PROVIDER_FAILED, "speaker (tts): lost its voice")
    assert troubles(phone) == [("tts", "speaker: lost its voice")] * 2


def test_when_both_voices_fail_the_call_ends_all_the_same() -> None:
    phone = Phone(mouth=Speaker(errors=99), other_mouth=Speaker(name="other", errors=99))
    phone.call(30_000)
    assert phone.sent == []
    assert phone.hung_up is not None
    assert phone.hung_up[0] is EndReason.PROVIDER_FAILED
    assert [c for c, _ in troubles(phone)] == ["tts"] * 4


def test_a_voice_that_fails_in_the_apology_of_a_number_not_ready_is_replaced() -> None:
    phone = Phone(agent=None, mouth=Speaker(errors=99))
    phone.call(30_000)
    assert phone.hung_up is not None
    assert phone.hung_up[0] is EndReason.NOT_READY
    assert phone.turns()[0].text.startswith("Sorry, this number")


def test_a_voice_that_fails_in_mid_turn_keeps_what_was_heard() -> None:
    phone = Phone(agent=config(first_message="This is the first sentence. And the second one."))
    phone.mouth = _FailsAt("And the second one.")
    phone.call(30_000)
    assert phone.texts() == ["agent: This is the first sentence.", f"agent: {FALLBACK}"]


class _FailsAt(Speaker):
    def __init__(self, sentence: str) -> None:
        super().__init__()
        self._sentence = sentence

    async def speak(self, text, voice):  # type: ignore[no-untyped-def,override]
        if text == self._sentence:
            raise ProviderError("tts", self.name, "cannot say that")
        async for pcm in super().speak(text, voice):
            yield pcm


def test_a_voice_without_audio_is_a_voice_that_fails() -> None:
    phone = Phone(agent=config(first_message="Hello."), mouth=_Mute())
    phone.call(30_000)
    assert troubles(phone) == [("tts", "speaker: gave no audio")] * 2
    assert phone.hung_up is not None


class _Mute(Speaker):
    async def speak(self, text, voice):  # type: ignore[no-untyped-def,override]
        return
        yield b""


def test_text_that_cannot_be_spoken_is_not_given_to_the_voice() -> None:
    phone = Phone(agent=config(first_message="Hello. *** Bye."))
    phone.call(3000)
    assert all(any(c.isalnum() for c in text) for text in phone.mouth.spoken)
    assert phone.hung_up is None
