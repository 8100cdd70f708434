"""How many calls a second one worker analyzes with the rules.

In one process with Django, against a PostgreSQL of its own, under row-level security: each call is taken by a
lease, read, and stored with everything that follows, one after the other. The floor is what no worker can do
without: reading the call and its turns, in a transaction of its own for each call.
"""

from __future__ import annotations

import random
import time
from datetime import timedelta
from typing import Any

from tests.bench.database import database

CALLS = 600
FLOOR_CALLS = 600
GOAL_PER_S = 40.0

ASKED = [
    ("Hello, this is the Harbor Street practice. How can I help you?", "My parcel came broken, I am angry."),
    ("I am sorry. What is your order number?", "It is A B {n}, I think."),
    ("Thank you. On which day did it come?", "On Tuesday, no sorry, on March the third."),
    ("What did you pay for it?", "Twelve dollars and fifty cents, and the postage."),
    ("At what time may we call you back?", "At half past five in the afternoon, please."),
    ("Under which number?", "Two oh two, five five five, zero one eight seven."),
    ("And your e-mail address?", "Jane dot doe at example dot com."),
    ("Shall I have a new one sent to you?", "Yes please. When will it be here?"),
    ("I am afraid I do not know that. Anything else?", "No, thank you, that was helpful. Goodbye."),
]
WISHES: dict[str, Any] = {
    "extraction": [
        {"name": "order", "type": "string", "pattern": "[A-Z]{2} ?[0-9]{4}", "required": True},
        {"name": "came_on", "type": "date", "keywords": ["did it come"]},
        {"name": "paid", "type": "amount", "keywords": ["pay"]},
        {"name": "call_at", "type": "time"},
        {"name": "phone", "type": "phone"},
        {"name": "email", "type": "email"},
        {"name": "replace", "type": "boolean", "keywords": ["new one"]},
        {"name": "reason", "type": "string", "keywords": ["how can I help"]},
    ],
    "analysis": {
        "topics": [{"name": "Damage", "phrases": ["broken"]}, {"name": "Billing", "phrases": ["invoice"]}],
        "criteria": [{"name": "Replaced", "field": "replace", "equals": ["yes"]}],
        "compliance": [{"name": "Says who it is", "phrases": ["this is"], "within_turns": 1}],
    },
}

Figure = dict[str, Any]


def run() -> list[Figure]:
    with database():
        tenant_id, calls = _filled(CALLS)
        value = _ours(tenant_id)
        peer = _floor(tenant_id, calls[:FLOOR_CALLS])
    return [
        {
            "name": "analysis.rules_per_s",
            "value": value,
            "unit": "calls/s",
            "better": "higher",
            "goal": GOAL_PER_S,
            "peer": "reading the same rows alone, same run",
            "peer_value": peer,
            "ratio": value / peer,
        }
    ]


def _ours(tenant_id: Any) -> float:
    from apps.analysis.models import Analysis
    from apps.analysis.services.running import run as analyze
    from tenants.scope import tenant_scope

    with tenant_scope(tenant_id):
        rows = list(Analysis.objects.values_list("pk", flat=True))
    began = time.perf_counter()
    for row in rows:
        analyze(tenant_id, row)
    took = time.perf_counter() - began
    with tenant_scope(tenant_id):
        done = Analysis.objects.filter(state="done", values__email__value="jane.doe@example.com").count()
    if done != len(rows):
        raise RuntimeError(f"only {done} of {len(rows)} calls were analyzed as they should")
    return len(rows) / took


def _floor(tenant_id: Any, calls: list[Any]) -> float:
    from apps.calls.models import Call
    from tenants.scope import tenant_scope

    began = time.perf_counter()
    for call_id in calls:
        with tenant_scope(tenant_id):
            call = Call.objects.select_related("agent__published_version", "agent_version").get(pk=call_id)
            list(call.turns.values_list("index", "speaker", "text"))
    return len(calls) / (time.perf_counter() - began)


def _filled(count: int) -> tuple[Any, list[Any]]:
    """A tenant whose `count` calls have ended and wait."""
    from django.utils import timezone

    from apps.agents.configuration import parse_config
    from apps.agents.services import create_agent, publish
    from apps.analysis.models import Analysis
    from apps.calls.models import Call, Turn
    from tenants.scope import tenant_scope
    from tenants.services import create_tenant

    rng, now = random.Random(1), timezone.now()
    tenant = create_tenant(name="Ours", slug="ours")
    with tenant_scope(tenant.pk):
        model = {"provider": "script", "nodes": {"start": {"say": "Hello."}}}
        agent = create_agent(name="Orders", config=parse_config({"model": model, **WISHES}))
        version = publish(agent=agent)
        calls = [
            Call(
                direction="inbound",
                state="ended",
                agent=agent,
                agent_version=version,
                from_number="+12025550187",
                to_number="+12025550100",
                answered_at=now - timedelta(minutes=2),
                ended_at=now,
                duration_ms=120_000,
                end_reason="caller_hung_up",
            )
            for _ in range(count)
        ]
        Call.objects.bulk_create(calls)
        Turn.objects.bulk_create(_turns(calls, rng), batch_size=2_000)
        Analysis.objects.bulk_create(Analysis(call=call, state="waiting", next_at=now) for call in calls)
    return tenant.pk, [call.pk for call in calls]


def _turns(calls: list[Any], rng: random.Random) -> list[Any]:
    from apps.calls.models import Turn

    turns = []
    for call in calls:
        texts = [text for pair in ASKED for text in pair]
        number = " ".join(rng.choice(["one", "two", "three", "four"]) for _ in range(4))
        for index, text in enumerate(texts):
            turns.append(
                Turn(
                    call=call,
                    seq=index + 2,
                    index=index,
                    speaker="caller" if index % 2 else "agent",
                    text=text.replace("{n}", number),
                    start_ms=index * 3_000,
                    end_ms=index * 3_000 + 2_000,
                    confidence=0.95 if index % 2 else None,
                )
            )
    return turns
