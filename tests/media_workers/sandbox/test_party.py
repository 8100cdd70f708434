"""A party plays its script in virtual time."""

from __future__ import annotations

import pytest

from media_workers.sandbox.ear import Ear
from media_workers.sandbox.party import EndCall, Party, PressKeys, answer_gaps
from media_workers.sandbox.script import Script


def test_listens_until_the_far_side_stops_then_says_its_line_and_hangs_up(play) -> None:
    call = play(
        [{"do": "listen", "quiet_ms": 900}, {"do": "say", "text": "Hello"}, {"do": "hang_up"}],
        far=[(200, 3_000)],
    )
    said = call.party.account.said[0]
    assert said.text == "Hello"
    assert 3_900 <= said.start_ms <= 3_940
    assert said.end_ms - said.start_ms == pytest.approx(1_000, abs=40)
    assert call.hung_up_at == pytest.approx(4_900, abs=60)
    assert call.sent_ms() == 1_000
    assert call.party.account.completed
    assert call.party.account.problem == ""


def test_a_pause_inside_the_far_sides_sentence_does_not_end_the_listening(play) -> None:
    call = play(
        [{"do": "listen", "quiet_ms": 900}, {"do": "say", "text": "Hello"}],
        far=[(200, 1_000), (1_800, 3_000)],
    )
    assert call.party.account.said[0].start_ms >= 3_900


def test_listening_in_vain_fails_the_script_and_names_the_step(play) -> None:
    call = play([{"do": "wait", "ms": 100}, {"do": "listen", "limit_ms": 5_000}, {"do": "say", "text": "x"}])
    assert call.party.account.problem == "step 2 (listen): nothing heard for 5000 ms"
    assert not call.party.account.completed
    assert call.party.account.said == []
    assert call.hung_up_at == pytest.approx(5_100, abs=40)


def test_optional_listening_goes_on_after_its_limit(play) -> None:
    call = play([{"do": "listen", "limit_ms": 2_000, "required": False}, {"do": "say", "text": "Hello?"}])
    assert call.party.account.said[0].start_ms == pytest.approx(2_000, abs=40)
    assert call.party.account.completed


def test_a_far_side_that_never_stops_is_not_listened_to_for_ever(play) -> None:
    call = play([{"do": "listen", "speech_limit_ms": 6_000}], far=[(0, 200_000)])
    assert call.hung_up_at == pytest.approx(6_000, abs=100)
    assert "would not stop" in call.party.account.problem


def test_interrupting_speaks_over_the_far_side_and_measures_how_fast_it_yields(play) -> None:
    def agent(call, now: int) -> bool:
        """Speaks from 500 ms on and stops 240 ms after it is interrupted."""
        barge_ins = call.party.account.barge_ins
        return now >= 500 and not (barge_ins and now >= barge_ins[0].at_ms + 240)

    call = play([{"do": "interrupt", "text": "Wait!", "after_ms": 700}], far_reacts=agent)
    assert call.party.account.barge_ins[0].at_ms == pytest.approx(1_200, abs=40)
    assert call.party.account.barge_ins[0].yielded_after_ms == pytest.approx(240, abs=20)
    assert call.party.account.said[0].start_ms == call.party.account.barge_ins[0].at_ms


def test_a_far_side_that_does_not_yield_is_reported_so(play) -> None:
    call = play([{"do": "interrupt", "text": "Wait!", "after_ms": 500}], far=[(0, 60_000)])
    assert call.party.account.barge_ins[0].yielded_after_ms is None


def test_there_is_nothing_to_interrupt_when_the_far_side_stops_before(play) -> None:
    call = play([{"do": "interrupt", "text": "Wait!", "after_ms": 2_000}], far=[(100, 700)])
    assert call.party.account.problem.startswith("step 1 (interrupt): the other side spoke for less than")
    assert call.party.account.said == []


def test_hangs_up_in_the_middle_of_the_far_sides_sentence(play) -> None:
    call = play(
        [{"do": "await_speech", "for_ms": 600}, {"do": "hang_up"}, {"do": "say", "text": "never"}],
        far=[(1_000, 9_000)],
    )
    assert call.hung_up_at == pytest.approx(1_600, abs=40)
    assert call.party.account.completed
    assert call.sent_ms() == 0


def test_pressing_keys_is_an_action_and_takes_its_time(play) -> None:
    call = play([{"do": "press", "digits": "12#"}, {"do": "say", "text": "Done"}])
    assert call.actions[0] == (0, PressKeys("12#"))
    assert call.party.account.pressed == "12#"
    assert call.party.account.said[0].start_ms >= 900


def test_a_beep_is_sent_for_its_length(play) -> None:
    call = play([{"do": "beep", "ms": 500}])
    assert call.sent_ms() == 500


def test_waiting_for_the_end_is_completed_by_the_far_side_hanging_up(play) -> None:
    call = play([{"do": "wait_for_end", "limit_ms": 30_000}], until_ms=5_000)
    assert call.hung_up_at is None
    assert call.party.account.completed


def test_waiting_for_an_end_that_does_not_come_fails_and_hangs_up(play) -> None:
    call = play([{"do": "wait_for_end", "limit_ms": 3_000}])
    assert isinstance(call.actions[-1][1], EndCall)
    assert "did not end the call within 3000 ms" in call.party.account.problem


def test_a_call_that_ends_too_early_is_a_problem_of_the_step_under_way(play) -> None:
    call = play([{"do": "wait", "ms": 100}, {"do": "say", "text": "Hello"}], until_ms=500)
    assert call.party.account.problem == "step 2 (say): the call ended before the script did"
    assert not call.party.account.completed


def test_steps_are_announced_as_they_begin() -> None:
    seen: list[tuple[int, str]] = []
    script = Script.model_validate({"steps": [{"do": "wait", "ms": 40}, {"do": "hang_up"}]})
    party = Party(script, {}, on_step=lambda number, step: seen.append((number, step.do)))
    for _ in range(5):
        party.hear(bytes(320))
    assert seen == [(1, "wait"), (2, "hang_up")]


def test_answer_gaps_run_from_our_last_word_to_their_first(play) -> None:
    def agent(call, now: int) -> bool:
        """Greets, and answers each line 600 ms after its end, for a second."""
        ends = [said.end_ms for said in call.party.account.said if said.end_ms > said.start_ms]
        return now < 1_000 or any(end + 600 <= now < end + 1_600 for end in ends)

    call = play(
        [
            {"do": "listen"},
            {"do": "say", "text": "One"},
            {"do": "listen"},
            {"do": "say", "text": "Two"},
            {"do": "listen"},
        ],
        far_reacts=agent,
    )
    assert answer_gaps(call.party.account, call.party.ear) == [600, 600]


def test_a_line_without_an_answer_has_no_gap() -> None:
    party = Party(Script.model_validate({"steps": [{"do": "wait", "ms": 20}]}), {})
    assert answer_gaps(party.account, Ear()) == []


def test_keys_of_the_far_side_are_noted() -> None:
    party = Party(Script.model_validate({"steps": [{"do": "wait", "ms": 20}]}), {})
    for digit in "42":
        party.press_heard(digit)
    assert party.account.digits_heard == "42"


def test_keys_are_waited_for_and_wrong_ones_are_told(play) -> None:
    steps = [
        {"do": "await_keys", "digits": "2", "again": "No."},
        {"do": "say", "text": "Claims."},
        {"do": "await_keys", "digits": "31", "limit_ms": 3_000},
    ]
    pressed = {500: "1", 3_000: "2", 5_500: "3", 6_000: "1"}

    def presses(call, now: int) -> bool:
        if (digit := pressed.pop(now, None)) is not None:
            call.party.press_heard(digit)
        return False

    call = play(steps, far_reacts=presses)
    assert [said.text for said in call.party.account.said] == ["No.", "Claims."]
    assert call.party.account.said[1].start_ms == pytest.approx(3_000, abs=40)
    assert call.party.account.completed


def test_keys_that_never_come_end_the_script(play) -> None:
    call = play([{"do": "await_keys", "digits": "2", "limit_ms": 1_000}])
    assert call.party.account.problem == "step 1 (await_keys): the keys 2 were not pressed within 1000 ms"
