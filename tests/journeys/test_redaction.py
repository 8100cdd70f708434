"""A caller types a number and says that of a card: nobody hears or reads either afterwards."""

from __future__ import annotations

import io
import re
import wave
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import psycopg
import pytest

from tests.journeys.client import turns_of
from tests.journeys.conftest import World
from tests.sip.wait import until

pytestmark = [pytest.mark.journey, pytest.mark.timeout(300)]

NUMBER, CALLER = "+12025552031", "+12025550131"
TYPED = "47291836"
CARD = "4539578763621486"
SPOKEN = "four five three nine, five seven eight seven, six three six two, one four eight six"
MASK = "••••"
FLOW = {
    "start": {
        "kind": "collect",
        "ask": "Please type your number.",
        "save_as": "pin",
        "type": "digits",
        "by": "keys",
        "min_digits": 8,
        "max_digits": 8,
        "edges": [{"goto": "card"}],
    },
    "card": {
        "kind": "collect",
        "ask": "Please say the number of your card.",
        "save_as": "card",
        "type": "digits",
        "by": "voice",
        "min_digits": 8,
        "max_digits": 20,
        "attempts": 1,
        "otherwise_goto": "end",
        "edges": [{"goto": "end"}],
    },
    "end": {"kind": "end", "say": "Thank you. Goodbye."},
}
SCRIPT = [
    {"do": "listen"},
    {"do": "press", "digits": TYPED},
    {"do": "listen"},
    {"do": "say", "text": SPOKEN},
    {"do": "wait_for_end"},
]


def test_what_was_typed_and_said_is_nowhere_afterwards(world: World, tmp_path: Path) -> None:
    agent = world.api.agent(
        "Payments",
        {
            "model": {"provider": "script"},
            "flow": {"nodes": FLOW},
            "first_message": "Hello.",
            "turn_taking": {"endpointing_ms": 900},
            "redact": ["cards", "digits", "keys"],
        },
    )
    trunks = world.api.get("/trunks")["results"]
    trunk = next(trunk["id"] for trunk in trunks if trunk["name"] == "Carrier")
    world.api.post("/numbers", {"carrier": "byoc", "e164": NUMBER, "trunk": trunk, "agent": agent})

    phone = world.caller(NUMBER, CALLER, SCRIPT, tmp_path)
    call_id = world.api.find(to_number=NUMBER, from_number=CALLER)
    assert phone.result()["completed"]
    call = world.api.ended(call_id)
    until(lambda: world.api.call(call_id)["recording"], "the recording can be heard", timeout_s=90)

    said = turns_of(call, "caller")
    assert said
    assert MASK in said[-1]
    redactions = world.api.get(f"/calls/{call_id}/redactions")["results"]
    assert {redaction["kind"] for redaction in redactions} >= {"keys"}
    assert all(redaction["state"] == "done" for redaction in redactions)
    assert _leaks(world) == []
    caller, agents = _sides(world, call_id)
    for redaction in redactions:
        span = slice(max(0, redaction["start_ms"] * 8), redaction["end_ms"] * 8)
        assert not caller[span].any(), redaction
    # What was typed has the same words by now, and no length.
    spoken = [turn for turn in call["turns"] if turn["speaker"] == "caller"][-1]
    assert spoken["end_ms"] - spoken["start_ms"] > 2_000
    assert agents.any()


def _sides(world: World, call_id: str) -> tuple[Any, Any]:
    """The samples of the recording, as somebody hears them at a signed address."""
    url = world.api.get(f"/calls/{call_id}/recording/url")["url"]
    answer = httpx.get(url, timeout=10)
    assert answer.status_code == 200, answer.text
    with wave.open(io.BytesIO(answer.content)) as file:
        assert file.getframerate() == 8_000
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, 2)
    return samples[:, 0], samples[:, 1]


def _leaks(world: World) -> list[tuple[str, str]]:
    """Where in the whole database something of the numbers stands."""
    windows = {CARD[at : at + 8] for at in range(len(CARD) - 7)} | {TYPED}
    patterns = [rf"(?<![0-9a-f]){'[ -]?'.join(window)}" for window in windows]
    patterns += [
        r"four\W+five\W+three",
        r"seven\W+eight\W+seven",
        r"six\W+three\W+six",
        r"one\W+four\W+eight",
    ]
    secret = re.compile("|".join(patterns))
    found = []
    with psycopg.connect(world.stack.database_url) as connection:
        connection.execute("SELECT set_config('app.platform', 'on', true)")
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        for (table,) in tables:
            for (row,) in connection.execute(f'SELECT row_to_json(t)::text FROM "{table}" t'):  # noqa: S608
                if match := secret.search(row):
                    found.append((table, match.group()))
    return found
