from __future__ import annotations

from apps.webhooks import circuit
from apps.webhooks.circuit import AFTER, AT_ONCE, REST_S, Circuits


def fail(circuits: Circuits, times: int, *, now: float = 0.0, key: str = "hook") -> None:
    for _ in range(times):
        assert circuits.begin(key, now=now) == ""
        circuits.end(key, now=now, ok=False)


def test_a_hook_that_fails_in_a_row_is_left_alone_for_a_while() -> None:
    circuits = Circuits()
    fail(circuits, AFTER)
    assert circuits.begin("hook", now=1.0) == "It failed 5 times in a row, and is asked again in 29 s."
    assert circuits.begin("another", now=1.0) == ""
    assert circuits.begin("hook", now=REST_S) == ""


def test_an_answer_in_between_begins_the_row_anew() -> None:
    circuits = Circuits()
    fail(circuits, AFTER - 1)
    assert circuits.begin("hook", now=0.0) == ""
    circuits.end("hook", now=0.0, ok=True)
    fail(circuits, AFTER - 1)
    assert circuits.begin("hook", now=0.0) == ""


def test_after_the_rest_one_question_decides_for_all() -> None:
    circuits = Circuits()
    fail(circuits, AFTER)
    assert circuits.begin("hook", now=REST_S) == ""
    assert circuits.begin("hook", now=REST_S) == "It failed 5 times in a row, and is being tried again."
    circuits.end("hook", now=REST_S + 1, ok=False)
    assert circuits.begin("hook", now=REST_S + 2) == "It failed 6 times in a row, and is asked again in 29 s."
    assert circuits.begin("hook", now=2 * REST_S + 1) == ""
    circuits.end("hook", now=2 * REST_S + 1, ok=True)
    assert [circuits.begin("hook", now=2 * REST_S + 1) for _ in range(3)] == [""] * 3


def test_only_so_many_calls_wait_for_one_hook() -> None:
    circuits = Circuits()
    assert {circuits.begin("hook", now=0.0) for _ in range(AT_ONCE)} == {""}
    assert circuits.begin("hook", now=0.0) == "32 calls wait for its answer already."
    circuits.end("hook", now=0.0, ok=True)
    assert circuits.begin("hook", now=0.0) == ""


def test_what_hooks_leave_behind_is_bounded() -> None:
    circuits = Circuits()
    for number in range(circuit.KEPT + 10):
        fail(circuits, 1, key=str(number))
    assert len(circuits._hooks) <= circuit.KEPT
