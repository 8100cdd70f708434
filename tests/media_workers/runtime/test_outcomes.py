import pytest

from media_workers.contract.events import EndReason
from media_workers.runtime.outcomes import abandoned, connected_end, fails_over, not_connected
from media_workers.sip.types import LegEnd


def end(code: int, *, by_peer: bool = True, answered: bool = False, media_lost: bool = False) -> LegEnd:
    return LegEnd(
        sip_code=code,
        sip_reason="words",
        by_peer=by_peer,
        answered=answered,
        media_lost=media_lost,
        stats=None,
    )


@pytest.mark.parametrize(
    ("code", "rang", "reason"),
    [
        (486, True, EndReason.BUSY),
        (486, False, EndReason.BUSY),
        (600, True, EndReason.BUSY),
        (603, True, EndReason.REJECTED),
        (403, False, EndReason.REJECTED),
        (404, False, EndReason.NUMBER_UNKNOWN),
        (484, False, EndReason.NUMBER_UNKNOWN),
        (604, False, EndReason.NUMBER_UNKNOWN),
        (488, False, EndReason.NO_CODEC),
        (480, False, EndReason.UNREACHABLE),
        (480, True, EndReason.NO_ANSWER),
        (408, False, EndReason.UNREACHABLE),
        (408, True, EndReason.NO_ANSWER),
        (487, True, EndReason.NO_ANSWER),
        (500, False, EndReason.UNREACHABLE),
        (502, False, EndReason.UNREACHABLE),
        (503, False, EndReason.UNREACHABLE),
        (580, True, EndReason.UNREACHABLE),
        (606, True, EndReason.REJECTED),
        (302, False, EndReason.FAILED),
        (400, False, EndReason.FAILED),
        (407, False, EndReason.FAILED),
    ],
)
def test_why_a_dialed_call_was_not_answered(code: int, rang: bool, reason: EndReason) -> None:
    outcome = not_connected(end(code), rang=rang)
    assert (outcome.reason, outcome.sip_code, outcome.sip_reason) == (reason, code, "words")


@pytest.mark.parametrize("code", [401, 407])
def test_refused_credentials_are_said_in_words(code: int) -> None:
    assert "password" in not_connected(end(code), rang=False).detail


@pytest.mark.parametrize("code", [408, 500, 502, 503, 504, 599])
def test_a_gateway_that_fails_is_passed_over(code: int) -> None:
    assert fails_over(code, rang=False)
    assert not fails_over(code, rang=True), "the telephone has rung: ringing it again would be a second call"


@pytest.mark.parametrize("code", [302, 403, 404, 480, 486, 487, 488, 600, 603])
def test_what_the_telephone_says_is_not_asked_again_elsewhere(code: int) -> None:
    assert not fails_over(code, rang=False)


def test_who_hung_up_depends_on_who_called() -> None:
    hung_up = end(200, answered=True)
    assert connected_end(hung_up, "inbound").reason is EndReason.CALLER_HUNG_UP
    assert connected_end(hung_up, "outbound").reason is EndReason.CALLEE_HUNG_UP


def test_lost_audio_is_told_apart_from_hanging_up() -> None:
    lost = end(200, by_peer=False, answered=True, media_lost=True)
    assert connected_end(lost, "inbound").reason is EndReason.MEDIA_LOST


def test_a_leg_that_ends_by_itself_has_failed() -> None:
    outcome = connected_end(end(408, by_peer=False, answered=True), "outbound")
    assert (outcome.reason, outcome.sip_code) == (EndReason.FAILED, 408)


def test_a_caller_who_gives_up_has_cancelled() -> None:
    assert abandoned(end(487)).reason is EndReason.CANCELLED
    assert abandoned(end(500, by_peer=False)).reason is EndReason.UNREACHABLE


@pytest.mark.parametrize("by_peer", [True, False])
def test_an_answer_that_nobody_confirmed_is_no_cancellation(by_peer: bool) -> None:
    outcome = abandoned(end(408, by_peer=by_peer))
    assert (outcome.reason, outcome.sip_code) == (EndReason.FAILED, 408)
    assert "ACK" in outcome.detail


def test_an_acknowledged_answer_without_audio_says_so() -> None:
    outcome = abandoned(end(200, by_peer=False))
    assert outcome.reason is EndReason.NO_CODEC
    assert "audio" in outcome.detail
    assert abandoned(end(200)).reason is EndReason.CANCELLED, "BYE before the ACK"


@pytest.mark.parametrize(("code", "words"), [(408, "session timer"), (481, "no longer knew")])
def test_a_session_that_was_lost_in_mid_call_is_said_in_words(code: int, words: str) -> None:
    outcome = connected_end(end(code, by_peer=False, answered=True), "inbound")
    assert outcome.reason is EndReason.FAILED
    assert words in outcome.detail
