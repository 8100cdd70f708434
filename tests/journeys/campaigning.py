"""A campaign over the public API, and what the sandbox phones saw of it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tests.journeys.client import Client, Json
from tests.sip.wait import until

_CALLED = re.compile(r"(\+?\d+) called, phone:")
ALWAYS: Json = {
    "windows": [
        {"days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "start": "00:00", "end": "24:00"}
    ],
    "rules": [],
    "skip_holidays": False,
}
RETRY: Json = {"times": 1, "after_s": 2, "jitter": 0.0}
RETRIES: Json = dict.fromkeys(("busy", "congestion", "failed"), RETRY)
TOLERANT: Json = {"max_failed": 1, "max_hung_up_early": 1, "max_trunk_trouble": 1}


def crowd(count: int, endings: Iterable[int]) -> list[str]:
    """So many different numbers, each like the magic number with one of these two last digits, in turn."""
    ends = list(endings)
    return [f"+1202556{place // len(ends):02d}{ends[place % len(ends)]:02d}" for place in range(count)]


def make(api: Client, *, agent: str, caller: str, numbers: list[str], **config: Any) -> str:
    """A draft with its contacts; the id. `caller`: the public id of a number."""
    whole = {
        "hours": ALWAYS,
        "pacing": {"max_concurrent": 4, "calls_per_second": 5},
        "attempts": {"retries": RETRIES, "max_per_day": 30, "max_per_week": 100},
        "callers": {"numbers": [caller], "strategy": "rotate", "daily_cap": 10_000},
        "auto_pause": TOLERANT,
        "test": True,
    } | config
    campaign = str(api.post("/campaigns", {"name": "Journey", "agent": agent, "config": whole})["id"])
    for start in range(0, len(numbers), 500):
        contacts = [{"number": number} for number in numbers[start : start + 500]]
        api.post(f"/campaigns/{campaign}/contacts", {"contacts": contacts})
    return campaign


def completed(api: Client, campaign: str, timeout_s: float = 120.0) -> Json:
    """Its progress once it has completed."""
    return until(
        lambda: (told := api.get(f"/campaigns/{campaign}/progress"))["state"] == "completed" and told,
        f"{campaign} has completed",
        timeout_s,
        every_s=1.0,
    )


def listed(api: Client, path: str) -> list[Json]:
    """Every row of a list, page by page."""
    rows: list[Json] = []
    cursor = ""
    while True:
        page = api.get(path, limit="100", **({"cursor": cursor} if cursor else {}))
        rows += page["results"]
        if not (cursor := page["next_cursor"] or ""):
            return rows


def rung(log: Path) -> Counter[str]:
    """How often each number was called, as the sandbox's own log has it."""
    found = _CALLED.findall(log.read_text(encoding="utf-8", errors="replace"))
    return Counter(f"+{number.lstrip('+')}" for number in found)


def disagreements(attempts: list[Json], phones: Counter[str]) -> list[str]:
    """Where the attempts and the phones differ, in words. An attempt whose node died may have died with it
    before the first INVITE: it is the only one that need not have been seen."""
    told = Counter(a["e164"] for a in attempts if a["dialed"])
    excused = Counter(a["e164"] for a in attempts if a["dialed"] and a["outcome"] == "failed")
    wrong = []
    for number in sorted(told.keys() | phones.keys()):
        least, most = told[number] - excused[number], told[number]
        if not least <= phones[number] <= most:
            wrong.append(f"{number}: rung {phones[number]} times, {most} attempts ({excused[number]} failed)")
    return wrong
