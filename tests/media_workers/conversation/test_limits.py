from __future__ import annotations

from media_workers.contract.events import EndReason
from media_workers.conversation.limits import CLOSING_LIMIT_MS, FIRST_WORDS_MS, TAIL_MS, Limits, Times
from media_workers.conversation.speaking import AgentTurn, Kind

BYE = AgentTurn(Kind.CLOSING, end_reason=EndReason.SILENCE, end_detail="why", started_ms=1)


def test_the_first_words_wait_for_a_packet_or_a_moment() -> None:
    limits = Limits(Times(10_000))
    limits.answered(5000)
    limits.received(0.0)
    assert not limits.may_speak(5000 + FIRST_WORDS_MS - 1)
    assert limits.may_speak(5000 + FIRST_WORDS_MS)
    limits.received(12.0)
    limits.received(0.0)
    assert limits.may_speak(5020)


def test_the_time_counts_from_the_answer() -> None:
    limits = Limits(Times(10_000))
    limits.answered(5000)
    assert not limits.time_is_up(14_999)
    assert limits.time_is_up(15_000)


def test_the_call_is_hung_up_once_and_after_what_is_on_the_way() -> None:
    limits = Limits(Times(10_000))
    limits.answered(0)
    assert limits.due(9000) is None
    limits.end_during(BYE, 1000)
    assert limits.due(1000 + CLOSING_LIMIT_MS - 1) is None
    limits.end_after(BYE, 3000)
    assert limits.due(3000 + TAIL_MS - 1) is None
    assert limits.due(3000 + TAIL_MS) == (EndReason.SILENCE, "why")
    limits.end_after(BYE, 3000)
    assert limits.due(9000) is None


def test_a_turn_without_audio_ends_the_call_at_once() -> None:
    limits = Limits(Times(10_000))
    limits.end_after(AgentTurn(Kind.REPLY, end_reason=EndReason.AGENT_HUNG_UP), 3000)
    assert limits.due(3000) == (EndReason.AGENT_HUNG_UP, "")


def test_the_warning_is_given_once_so_long_before_the_end() -> None:
    limits = Limits(Times(10_000, warning_ms=3_000, warning="Soon."))
    limits.answered(500)
    assert not limits.warning_due(7_499)
    assert limits.warning_due(7_500)
    assert not limits.warning_due(7_520)


def test_without_a_warning_none_is_due() -> None:
    limits = Limits(Times(10_000))
    limits.answered(0)
    assert not limits.warning_due(9_999)
