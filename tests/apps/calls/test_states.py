from __future__ import annotations

import ast
from datetime import timedelta
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction

import apps.calls
from apps.calls.models import Call
from apps.calls.states import CallState, InvalidTransition, may_move
from tenants.scope import platform_scope
from tests.apps.calls.wire import START, fresh

ALLOWED = {
    ("queued", "dialing"),
    ("queued", "ended"),
    ("dialing", "ringing"),
    ("dialing", "in_progress"),
    ("dialing", "ended"),
    ("ringing", "in_progress"),
    ("ringing", "ended"),
    ("in_progress", "ended"),
}
TIMES = {
    "queued": "queued_at",
    "dialing": "dialing_at",
    "ringing": "ringing_at",
    "in_progress": "answered_at",
    "ended": "ended_at",
}


@pytest.mark.parametrize(("old", "new"), list(product(CallState, CallState)))
def test_every_pair_of_states(old: CallState, new: CallState) -> None:
    call = Call(state=old, tenant_id=None)
    if (old, new) in ALLOWED:
        call.move_to(new, at=START)
        assert call.state == new
        assert {name: getattr(call, name) for name in TIMES.values() if getattr(call, name)} == {
            TIMES[new]: START
        }
    else:
        with pytest.raises(InvalidTransition, match=f"from {old.value} to {new.value}"):
            call.move_to(new, at=START)
        assert call.state == old
    assert may_move(old, new) == ((old, new) in ALLOWED)


def test_nothing_else_sets_the_state() -> None:
    """`move_to` is the only assignment to an attribute called state, and updates never name it."""
    found = []
    for path in Path(apps.calls.__path__[0]).rglob("*.py"):
        if "migrations" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            targets = node.targets if isinstance(node, ast.Assign) else []
            if any(isinstance(t, ast.Attribute) and t.attr == "state" for t in targets):
                found.append((path.name, "assigned"))
            keywords = node.keywords if isinstance(node, ast.Call) else []
            if any(k.arg == "state" for k in keywords) and getattr(node.func, "attr", "") == "update":
                found.append((path.name, "updated"))
    assert found == [("call.py", "assigned")]


@pytest.mark.parametrize(
    "broken",
    [
        {"state": "talking"},
        {"state": "ended"},
        {"state": "ended", "ended_at": START},
        {"state": "ended", "end_reason": "busy"},
        {"ended_at": START},
        {"end_reason": "busy"},
        {"state": "dialing"},
        {"state": "in_progress"},
        {"state": "in_progress", "answered_at": START},
        {"queued_at": None},
        {"dial_at": None},
        {"direction": "inbound"},
        {"direction": "sideways"},
    ],
    ids=str,
)
def test_the_database_refuses_what_cannot_be(queued: Call, broken: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError), platform_scope():
        Call.objects.filter(pk=queued.pk).update(**broken)
    assert fresh(queued.pk).state == "queued"


@pytest.mark.parametrize(
    "broken", [{"node": None}, {"answered_at": None}, {"direction": "inbound", "state": "dialing"}], ids=str
)
def test_a_call_in_progress_has_a_node_and_an_answer(answered: Call, broken: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError), platform_scope():
        Call.objects.filter(pk=answered.pk).update(**broken)


def test_a_transition_is_saved_whole(queued: Call) -> None:
    with transaction.atomic(), platform_scope():
        call = Call.objects.get(pk=queued.pk)
        call.end_reason = "busy"
        call.move_to(CallState.ENDED, at=START + timedelta(seconds=1))
        call.save()
    assert fresh(queued.pk).state == "ended"
