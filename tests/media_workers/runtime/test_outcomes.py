import pytest

from media_workers.contract.events import EndReason
from media_workers.runtime.outcomes import abandoned, connected_end, fails_over, not_connected
from media_workers.sip.types import LastWords, LegEnd


def end(
    code: int,
    *,
    by_peer: bool = True,
    answered: bool = False,
    media_lost: bool = False,
    words: LastWords | None = None,
) -> LegEnd:
    return LegEnd(
        sip_code=code,
        sip_reason="words",
        by_peer=by_peer,
        answered=answered,
        media_lost=media_lost,
        stats=None,
        words=words or LastWords(),
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
        (606, True, EndReason.NO_CODEC),
        (607, True, EndReason.REJECTED),
        (608, False, EndReason.REJECTED),
        (699, False, EndReason.REJECTED),
        (410, False, EndReason.NUMBER_UNKNOWN),
        (433, False, EndReason.REJECTED),
        (482, False, EndReason.FAILED),
        (483, False, EndReason.FAILED),
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
    wrong = not_connected(end(code), rang=False, has_password=True).detail
    none = not_connected(end(code), rang=False, has_password=False).detail
    assert "did not accept the trunk's user name and password" in wrong
    assert "the trunk has none" in none


@pytest.mark.parametrize("code", [408, 500, 502, 503, 504, 599])
def test_a_gateway_that_fails_is_passed_over(code: int) -> None:
    assert fails_over(end(code), rang=False)
    assert not fails_over(end(code), rang=True), (
        "the telephone has rung: ringing it again would be a second call"
    )


@pytest.mark.parametrize("code", [302, 403, 404, 480, 486, 487, 488, 600, 603])
def test_what_the_telephone_says_is_not_asked_again_elsewhere(code: int) -> None:
    assert not fails_over(end(code), rang=False)


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


@pytest.mark.parametrize(
    ("code", "says"),
    [
        (403, "refused"),
        (404, "does not know this number"),
        (408, "in time"),
        (480, "not available"),
        (482, "loop"),
        (483, "too many systems"),
        (484, "incomplete"),
        (486, "busy"),
        (487, "cancelled"),
        (488, "codec"),
        (503, "no capacity"),
        (603, "declined"),
        (607, "does not want"),
        (608, "blocked"),
    ],
)
def test_every_code_a_tenant_meets_is_said_in_words(code: int, says: str) -> None:
    assert says in not_connected(end(code), rang=False).detail


def test_a_code_without_words_is_left_to_speak_for_itself() -> None:
    assert not_connected(end(499), rang=False).detail == ""


def test_a_failure_of_our_own_is_not_put_into_the_carriers_mouth() -> None:
    assert not_connected(end(503, by_peer=False), rang=False).detail == ""
    assert "in time" in not_connected(end(408, by_peer=False), rang=False).detail


def test_when_to_try_again_is_told() -> None:
    detail = not_connected(end(503, words=LastWords(retry_after_s=17)), rang=False).detail
    assert detail.endswith("It asks to try again after 17 s.")


@pytest.mark.parametrize(
    ("code", "cause", "rang", "reason"),
    [
        (480, 17, False, EndReason.BUSY),
        (480, 19, False, EndReason.NO_ANSWER),
        (480, 20, False, EndReason.UNREACHABLE),
        (480, 21, True, EndReason.REJECTED),
        (500, 1, False, EndReason.NUMBER_UNKNOWN),
        (503, 34, False, EndReason.UNREACHABLE),
        (503, 88, False, EndReason.NO_CODEC),
        (486, 19, False, EndReason.BUSY),
        (404, 17, False, EndReason.NUMBER_UNKNOWN),
    ],
)
def test_the_networks_cause_tells_apart_what_a_vague_code_does_not(
    code: int, cause: int, rang: bool, reason: EndReason
) -> None:
    outcome = not_connected(end(code, words=LastWords(q850=cause)), rang=rang)
    assert outcome.reason is reason
    assert f"Q.850 cause {cause}" in outcome.detail


@pytest.mark.parametrize(
    ("cause", "again"), [(17, False), (1, False), (21, False), (34, True), (42, True), (None, True)]
)
def test_a_telephone_that_is_busy_is_not_rung_through_another_gateway(cause: int | None, again: bool) -> None:
    assert fails_over(end(503, words=LastWords(q850=cause)), rang=False) is again


def test_what_the_peer_said_in_hanging_up_is_kept_unless_it_is_nothing() -> None:
    failed = LastWords(q850=41, text="Radio link lost")
    detail = connected_end(end(200, answered=True, words=failed), "outbound").detail
    assert detail == "The network says: temporary failure (Q.850 cause 41); “Radio link lost”."
    normal = LastWords(q850=16, text="Normal call clearing")
    assert connected_end(end(200, answered=True, words=normal), "outbound").detail == ""


def test_a_call_picked_up_elsewhere_says_so() -> None:
    elsewhere = LastWords(text="Call completed elsewhere")
    assert abandoned(end(487, words=elsewhere)).detail == "The other side says: “Call completed elsewhere”."
