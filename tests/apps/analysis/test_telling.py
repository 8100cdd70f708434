"""Tenants are told of a call's analysis in the transaction that stores it."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from apps.analysis.models import Analysis, AnalysisState
from apps.analysis.signals import call_analyzed
from apps.calls.models import Call
from apps.webhooks.models import Event
from tenants.scope import tenant_scope
from tests.apps.calls.conftest import agent, number, queued, tenant, valkey  # noqa: F401
from tests.apps.webhooks.listening import heard, listen

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("valkey")]

VALUES: dict[str, Any] = {
    "day": {"value": "2026-01-12", "turn": 1, "quote": "on Monday", "confidence": 0.9, "problem": ""},
    "email": {"value": None, "turn": None, "quote": "", "confidence": None, "problem": "It was not said."},
}


def analyzed(call: Call, revision: int = 1) -> Analysis:
    row, _ = Analysis.objects.update_or_create(
        call=call,
        defaults={
            "state": AnalysisState.DONE,
            "next_at": None,
            "revision": revision,
            "extractor": "rules",
            "values": VALUES,
            "summary": "An appointment was made.",
            "success": True,
            "sentiment_score": 0.5,
            "topics": ["appointment"],
            "unanswered": [{"turn": 2, "question": "Do you take dogs?"}],
            "flags": [{"name": "Greeting", "turn": None, "words": "It was not said."}],
            "analyzed_at": timezone.now(),
        },
    )
    call_analyzed.send(Analysis, call=call, analysis=row)
    return row


def test_what_is_known_of_a_call_is_told_at_every_revision(queued: Call) -> None:  # noqa: F811
    with tenant_scope(queued.tenant_id):
        endpoint = listen("call.analyzed")
        analyzed(queued)
        analyzed(queued, revision=2)

        first, second = heard(endpoint)
    assert (first.key, first.data["revision"], second.data["revision"]) == (queued.public_id, 1, 2)
    assert first.data["values"]["day"] == VALUES["day"]
    assert first.data["values"]["email"]["problem"] == "It was not said."
    assert (first.data["unanswered"], first.data["flags"]) == (["Do you take dogs?"], ["Greeting"])


def test_nothing_is_written_when_nobody_listens(queued: Call) -> None:  # noqa: F811
    with tenant_scope(queued.tenant_id):
        analyzed(queued)
        assert not Event.objects.exists()
