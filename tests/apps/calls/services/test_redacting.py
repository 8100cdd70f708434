from __future__ import annotations

import json
from typing import Any

import pytest

from apps.calls.digits import MASK
from apps.calls.errors import CallGoesOn, CallUnknown
from apps.calls.models import Call, CallEvent, Redaction, Turn, TurnWord
from apps.calls.services import record_events
from apps.calls.services.redacting import Taken, redact_span, redact_turn
from apps.calls.signals import call_redacted
from telephony.edge.models import MediaNode
from tenants.errors import InvalidInput
from tenants.ids import new_id
from tenants.scope import tenant_scope
from tests.apps.calls.wire import batch, event, fresh, turn

SLOTS = {"name": "jane miller", "code": "4711", "day": "Monday"}


@pytest.fixture
def ended(node: MediaNode, answered: Call) -> Call:
    said = [
        turn(2, 0, "agent", "Your name and code?"),
        event(3, "partial", speaker="caller", text="Jane", at_ms=1300),
        turn(4, 1, "caller", "Jane Miller, four seven one one"),
        event(5, "dtmf", digit="5", at_ms=1500),
        turn(6, 2, "agent", "Thank you.", account={"retrieval": {"query": "Jane Miller", "took_ms": 3}}),
        event(7, "tool", name="crm", arguments={"who": "Jane Miller", "code": 4711}, result="Found", at_ms=2),
        turn(8, 3, "caller", "Goodbye"),
        event(9, "ended", reason="caller_hung_up", slots=SLOTS),
    ]
    record_events(node, batch(answered.pk, *said))
    return fresh(answered.pk)


def everything(call: Call) -> str:
    with tenant_scope(call.tenant_id):
        kept: list[Any] = [list(Call.objects.filter(pk=call.pk).values())]
        for of_call in (CallEvent, Turn, TurnWord):
            kept.append(list(of_call.objects.filter(call=call).values()))
    return json.dumps(kept, default=str).casefold()


@pytest.mark.parametrize("what", [{"turn": 1}, {"start_ms": 1200, "end_ms": 1700, "speaker": "caller"}])
def test_words_go_wherever_they_are(ended: Call, what: dict[str, Any]) -> None:
    with tenant_scope(ended.tenant_id):
        redaction = (
            redact_turn(call_id=ended.pk, **what) if "turn" in what else redact_span(call_id=ended.pk, **what)
        )

    kept = everything(ended)
    for secret in ("jane", "miller", "4711", "seven"):
        assert secret not in kept
    for other in ("thank", "goodbye", "monday", "found"):
        assert other in kept
    with tenant_scope(ended.tenant_id):
        assert [t.text for t in Turn.objects.filter(call=ended).order_by("seq")][1] == MASK
        dtmf = CallEvent.objects.get(call=ended, type="dtmf").body
    assert (dtmf["digit"], dtmf["masked"]) == ("*", True)
    assert redaction.speaker == "caller"


def test_a_span_of_the_other_side_takes_nothing_of_ours(ended: Call) -> None:
    with tenant_scope(ended.tenant_id):
        redact_span(call_id=ended.pk, start_ms=1000, end_ms=1900, speaker="agent")

        assert [t.text for t in Turn.objects.filter(call=ended).order_by("seq")][1] != MASK


def test_others_are_told_in_the_same_transaction(ended: Call) -> None:
    told = []

    def receive(call: Call, mask: Any, **_: Any) -> None:
        told.append((call.pk, mask({"a": ["JANE MILLER said hello", 4711, True, None]})))

    call_redacted.connect(receive)
    try:
        with tenant_scope(ended.tenant_id):
            redact_turn(call_id=ended.pk, turn=1)
    finally:
        call_redacted.disconnect(receive)

    assert told == [(ended.pk, {"a": [told[0][1]["a"][0], MASK, True, None]})]


def test_twice_does_no_harm(ended: Call) -> None:
    with tenant_scope(ended.tenant_id):
        redact_turn(call_id=ended.pk, turn=1)
        before = everything(ended)
        redact_turn(call_id=ended.pk, turn=1)

    assert everything(ended).count(MASK) == before.count(MASK)
    with tenant_scope(ended.tenant_id):
        assert Redaction.objects.count() == 2


def test_what_cannot_be_redacted(ended: Call, queued: Call) -> None:
    with tenant_scope(ended.tenant_id):
        with pytest.raises(InvalidInput):
            redact_turn(call_id=ended.pk, turn=77)
        with pytest.raises(InvalidInput):
            redact_span(call_id=ended.pk, start_ms=5, end_ms=5)
        with pytest.raises(CallUnknown):
            redact_turn(call_id=new_id(), turn=0)
        with pytest.raises(CallGoesOn):
            redact_turn(call_id=queued.pk, turn=0)


@pytest.mark.parametrize(
    ("taken", "text", "left"),
    [
        ("my name is Jane Miller", "jane miller", MASK),
        ("Jane Miller", "Call Jane  Miller back", f"Call {MASK} back"),
        ("four seven one one", "code 4711", f"code {MASK}"),
        ("4711", "four seven one one.", f"{MASK}."),
        ("no", "no", "no"),
        ("yes please", "yesterday", "yesterday"),
        ("", "anything", "anything"),
    ],
)
def test_what_was_taken_is_known_again(taken: str, text: str, left: str) -> None:
    assert Taken([taken]).mask(text) == left
