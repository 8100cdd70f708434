from __future__ import annotations

import hashlib
import io
import json
from pathlib import Path
from typing import Any

import pytest

from apps.calls.digits import MASK
from apps.calls.models import Call, CallEvent, Redaction, Turn, TurnWord
from apps.calls.services import record_events
from apps.calls.services.captures import save_capture
from telephony.edge.models import MediaNode
from tenants.scope import tenant_scope
from tests.apps.calls.services.test_captures import files, folder, pcap
from tests.apps.calls.wire import batch, event, fresh, turn

__all__ = ["folder"]

CARD = "4111 1111 1111 1111"
INFO = "INFO sip:x SIP/2.0"
KEY_4 = "\r\nContent-Type: application/dtmf-relay\r\n\r\nSignal=4\r\nDuration=9"
BARE = CARD.replace(" ", "")


def with_rules(call: Call, *rules: str) -> Call:
    with tenant_scope(call.tenant_id):
        Call.objects.filter(pk=call.pk).update(redact=list(rules))
    return call


def kept(call: Call) -> dict[str, Any]:
    """What is in the database of the call."""
    with tenant_scope(call.tenant_id):
        return {
            "turns": [t.text for t in Turn.objects.filter(call=call).order_by("seq")],
            "events": [e.body for e in CallEvent.objects.filter(call=call).order_by("seq")],
            "words": sorted(TurnWord.objects.filter(call=call).values_list("lexeme", flat=True)),
            "slots": fresh(call.pk).slots,
            "redactions": [
                (r.kind, r.turn, r.speaker, r.start_ms, r.end_ms)
                for r in Redaction.objects.filter(call=call).order_by("start_ms")
            ],
        }


def test_without_rules_everything_is_kept(node: MediaNode, answered: Call) -> None:
    record_events(node, batch(answered.pk, turn(2, 0, "caller", f"It is {CARD}.")))

    assert kept(answered)["turns"] == [f"It is {CARD}."]
    assert kept(answered)["redactions"] == []


def test_a_card_number_is_never_stored(node: MediaNode, answered: Call) -> None:
    with_rules(answered, "cards")

    record_events(
        node,
        batch(
            answered.pk,
            event(2, "partial", speaker="caller", text="it is 4111 1111", at_ms=900),
            turn(3, 1, "caller", f"It is {CARD}, and my order is 4711."),
            turn(4, 2, "agent", "Your card four one one one, one one one one, one one one one, 1111. Right?"),
            event(5, "tool", name="pay", arguments={"card": BARE, "n": int(BARE), "l": [CARD]}, at_ms=1),
            event(6, "ended", reason="caller_hung_up", slots={"card": BARE, "order": "4711"}),
        ),
    )

    found = kept(answered)
    assert found["turns"] == [f"It is {MASK}, and my order is 4711.", f"Your card {MASK}. Right?"]
    assert found["events"][1]["text"] == f"it is {MASK}"
    assert found["events"][4]["arguments"] == {"card": MASK, "n": MASK, "l": [MASK]}
    assert found["slots"] == {"card": MASK, "order": "4711"}
    assert found["redactions"] == [("cards", 1, "caller", 700, 2100), ("cards", 2, "agent", 1700, 3100)]
    assert "1111" not in json.dumps(found)
    assert "4711" in found["words"]


def test_a_card_number_in_pieces_is_taken_out_when_it_is_whole(node: MediaNode, answered: Call) -> None:
    with_rules(answered, "cards")

    record_events(
        node, batch(answered.pk, turn(2, 0, "caller", "It is 4111 1111"), turn(3, 1, "agent", "Yes?"))
    )
    assert kept(answered)["turns"][0] == "It is 4111 1111"
    record_events(node, batch(answered.pk, turn(4, 2, "caller", "one one one one and then")))
    record_events(node, batch(answered.pk, turn(5, 3, "caller", "1111")))

    found = kept(answered)
    assert found["turns"] == [f"It is {MASK}", "Yes?", f"{MASK} and then", MASK]
    assert [kind for kind, *_ in found["redactions"]] == ["cards"] * 3
    assert "1111" not in json.dumps(found)


def test_digits_in_pieces_are_taken_out(node: MediaNode, answered: Call) -> None:
    with_rules(answered, "digits")

    record_events(node, batch(answered.pk, turn(2, 0, "caller", "four seven."), turn(3, 1, "agent", "Yes")))
    record_events(node, batch(answered.pk, turn(4, 2, "caller", "one one"), turn(5, 3, "caller", "Room 12")))

    assert kept(answered)["turns"] == [f"{MASK}.", "Yes", MASK, "Room 12"]


def test_keys_are_taken_out(node: MediaNode, answered: Call) -> None:
    with_rules(answered, "keys")

    record_events(
        node,
        batch(
            answered.pk,
            event(2, "dtmf", digit="4", at_ms=1000),
            event(3, "sip", direction="in", peer="x", transport="udp", first_line=INFO, text=INFO + KEY_4),
            turn(4, 1, "caller", "4711", dtmf=True),
        ),
    )

    found = kept(answered)
    assert found["turns"] == [MASK]
    assert (found["events"][1]["digit"], found["events"][1]["masked"]) == ("*", True)
    assert "Signal=*" in found["events"][2]["text"]
    assert found["redactions"] == [("keys", 1, "caller", 700, 2100)]


@pytest.mark.parametrize("rules", [["cards"], ["digits"], ["keys"], ["cards", "digits", "keys"]])
def test_late_events_are_redacted_too(node: MediaNode, answered: Call, rules: list[str]) -> None:
    with_rules(answered, *rules)
    record_events(node, batch(answered.pk, event(2, "ended", reason="caller_hung_up")))

    record_events(node, batch(answered.pk, turn(3, 0, "caller", BARE, dtmf="keys" in rules)))

    found = kept(answered)
    assert found["turns"] == [MASK]
    assert found["words"] == []


def test_no_packets_are_kept_of_a_call_with_rules(node: MediaNode, answered: Call, folder: Path) -> None:
    with_rules(answered, "keys")

    sha256 = hashlib.sha256(pcap()).hexdigest()
    stored = save_capture(node, answered.pk, io.BytesIO(pcap()), sha256=sha256, truncated=False)

    assert stored is None
    assert files(folder) == []
