"""What an agent does about who answered, in whole calls of virtual time."""

from __future__ import annotations

from typing import Any

from media_workers.contract.acts import AnsweredBy
from media_workers.contract.events import EndReason
from media_workers.conversation.tools import NoTools, Result
from media_workers.providers.base import ToolCall
from tests.media_workers.conversation.phone import Phone, config
from tests.media_workers.conversation.vendors import Listener

GREETING = "Hi, you have reached Tom. Please leave a message after the beep."
SCREEN = "Please say your name, and why you are calling, before I try to connect you."
MENU = "For sales press 1. For support press 2."


def callee(**voicemail: Any) -> Phone:
    """Somebody whom the agent calls. Numbered from 100, so that what they say is loud."""
    changes = {"voicemail": voicemail, "silence": {"prompt_after_ms": 60_000}}
    ears = Listener(partials=True, phrases=[""] * 100)
    return Phone(config(**changes), ears=ears, direction="outbound")


def verdicts(phone: Phone) -> list[str]:
    return [event.verdict for event in phone.of(AnsweredBy) if not event.beep]


def test_a_person_is_talked_to() -> None:
    phone = callee()
    phone.says("Hello?", at=600, ms=500)
    phone.says("Yes, please.", at=3_500, ms=600)
    phone.call(8_000)
    assert verdicts(phone) == ["human"]
    assert phone.hung_up is None
    assert "agent: You said Yes, please.." in phone.texts()


def test_a_machine_is_hung_up_on_with_the_reason() -> None:
    phone = callee(action="hang_up")
    phone.says(GREETING, at=500, ms=5_000)
    phone.call(10_000)
    assert verdicts(phone)[-1] == "machine"
    assert phone.hung_up is not None
    reason, detail = phone.hung_up
    assert reason is EndReason.VOICEMAIL
    assert "message" in detail
    assert phone.ended_ms < 5_000


def test_a_message_is_left_after_the_beep_and_the_call_ends() -> None:
    phone = callee(action="leave_message", message="This is Trunkline. Call us back.")
    phone.says(GREETING, at=500, ms=4_000)
    phone.beeps(5_200)
    phone.call(20_000)
    assert phone.hung_up == (EndReason.VOICEMAIL, "A message was left after the beep.")
    assert phone.turns("agent")[-1].text == "This is Trunkline. Call us back."
    begin = phone.turns("agent")[-1].start_ms
    assert 5_600 <= begin <= 6_300
    assert [event.beep for event in phone.of(AnsweredBy)] == [False, True]
    assert [t.text for t in phone.turns("caller")][-1] == GREETING


def test_without_a_beep_the_message_is_left_into_the_silence() -> None:
    phone = callee(action="leave_message", message="Call us back.")
    phone.says(GREETING, at=500, ms=4_000)
    phone.call(20_000)
    assert phone.hung_up == (EndReason.VOICEMAIL, "A message was left without a beep.")
    assert 7_000 <= phone.turns("agent")[-1].start_ms <= 7_400


def test_a_beep_during_the_message_begins_it_again_once() -> None:
    phone = callee(action="leave_message", message="This is Trunkline. Please call us back tomorrow.")
    phone.says(GREETING, at=500, ms=3_000)
    phone.beeps(7_000)
    phone.beeps(9_000)
    phone.call(20_000)
    left = [t for t in phone.turns("agent") if "Trunkline" in t.text or t.interrupted]
    assert [t.interrupted for t in left][-2:] == [True, False]
    assert left[-1].text == "This is Trunkline. Please call us back tomorrow."
    assert sum("Trunkline" in t.text for t in phone.turns("agent")) == 2
    assert phone.hung_up == (EndReason.VOICEMAIL, "A message was left after the beep.")


def test_a_mailbox_that_is_full_is_left_no_message() -> None:
    phone = callee(action="leave_message", message="Call us back.")
    phone.says("The mailbox is full and cannot accept any messages.", at=500, ms=3_000)
    phone.call(10_000)
    assert phone.hung_up is not None
    assert phone.hung_up[0] is EndReason.VOICEMAIL
    assert "Call us back." not in [t.text for t in phone.turns("agent")]


def test_a_machine_without_an_end_is_left() -> None:
    phone = callee(action="leave_message", message="Call us back.", beep_within_ms=5_000)
    phone.says(GREETING, at=500, ms=30_000)
    phone.call(40_000)
    assert phone.hung_up == (EndReason.VOICEMAIL, "The answering machine came to no end.")


def test_with_continue_the_conversation_goes_on_and_knows() -> None:
    phone = callee(action="continue")
    phone.says(GREETING, at=500, ms=4_000)
    phone.call(9_000)
    assert verdicts(phone)[-1] == "machine"
    assert phone.hung_up is None
    assert phone.mind.notes == ["An answering machine has taken the call."]
    assert phone.mind.slots["answered_by"] == "machine"


def test_a_screening_service_is_answered_and_then_the_person() -> None:
    phone = callee(screening_reply="It is Trunkline.")
    phone.says(SCREEN, at=500, ms=4_000)
    phone.says("Hello?", at=10_000, ms=500)
    phone.says("Yes.", at=13_500, ms=500)
    phone.call(16_000)
    assert verdicts(phone) == ["screening", "human"]
    said = [t.text for t in phone.turns("agent")]
    assert said.index("It is Trunkline.") < said.index("Hello.", 1 if said[0] == "Hello." else 0)
    assert said[-1] == "You said Yes.."
    assert [t.text for t in phone.turns("caller")] == [SCREEN, "Hello?", "Yes."]


def test_a_screening_service_that_ends_in_a_mailbox() -> None:
    phone = callee(action="hang_up", screening_reply="It is Trunkline.")
    phone.says(SCREEN, at=500, ms=4_000)
    phone.says("Thank you. Please stay on the line.", at=7_500, ms=1_500)
    phone.says(GREETING, at=13_000, ms=4_000)
    phone.call(30_000)
    assert verdicts(phone) == ["screening", "machine"]
    assert phone.hung_up is not None
    assert phone.hung_up[0] is EndReason.VOICEMAIL


def test_nothing_is_said_to_a_menu() -> None:
    phone = callee(navigate=True, goal="support")
    phone.says(MENU, at=500, ms=4_000)
    phone.says("Press 2 again.", at=8_000, ms=1_500)
    phone.call(12_000)
    assert verdicts(phone) == ["menu"]
    (note,) = phone.mind.notes
    assert "to reach this: support" in note
    assert MENU in phone.mind.asked
    assert not [t for t in phone.turns("agent") if t.text.startswith("You said")]
    assert phone.mind.slots["answered_by"] == "menu"


def test_after_a_key_a_person_may_answer_the_menu() -> None:
    phone = callee(navigate=True, goal="support")
    phone.says(MENU, at=500, ms=4_000)
    phone.says("Support, this is Anna.", at=9_000, ms=1_200)
    phone.mind.answers[MENU] = [ToolCall("1", "send_digits", '{"digits": "2"}')]
    phone.tools = Keys(phone)
    phone.call(16_000)
    assert verdicts(phone) == ["menu", "human"]
    assert phone.mind.notes[-1].startswith("A person is on the line")


def test_a_verdict_is_corrected_when_the_evidence_changes() -> None:
    phone = callee(action="leave_message", message="Call us back.")
    phone.says("Hello.", at=500, ms=400)
    phone.says("I am not here, leave me a message.", at=2_300, ms=2_000)
    phone.beeps(5_000)
    phone.call(15_000)
    assert verdicts(phone) == ["human", "machine"]
    assert phone.hung_up == (EndReason.VOICEMAIL, "A message was left after the beep.")


def test_inbound_calls_are_not_listened_to() -> None:
    phone = callee(action="hang_up")
    phone.direction = "inbound"
    phone.says(GREETING, at=500, ms=3_000)
    phone.call(8_000)
    assert verdicts(phone) == []
    assert phone.hung_up is None


def test_the_model_can_leave_the_message_itself() -> None:
    phone = callee(action="continue", message="Call us back.")
    phone.says("Tom here, not.", at=500, ms=1_000)
    phone.mind.answers["Tom here, not."] = [ToolCall("1", "leave_voicemail", "{}")]
    phone.tools = Keys(phone)
    phone.beeps(4_000)
    phone.call(15_000)
    assert phone.hung_up == (EndReason.VOICEMAIL, "A message was left after the beep.")
    assert phone.turns("agent")[-1].text == "Call us back."


class Keys(NoTools):
    """The functions of a call, as the runtime carries them out."""

    def __init__(self, phone: Phone) -> None:
        self._phone = phone

    def has(self, name: str) -> bool:
        return name in ("send_digits", "leave_voicemail")

    async def run(self, call: ToolCall) -> Result:
        talk = self._phone.talk
        assert talk is not None
        if call.name == "send_digits":
            talk.pressed()
            return Result("The keys were pressed.")
        deed = await talk.leave_voicemail()
        return Result(deed.words, over=deed.over)
