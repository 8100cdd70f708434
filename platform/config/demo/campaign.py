"""The demo's campaign: twelve contacts from a CSV, every way in which a call ends, one who sleeps now."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils import timezone

from config.demo.client import Api, Campaigns, DemoError, Json

LIMIT_S = 300.0
OPENS, CLOSES = 8, 21
"""Hours of the rule `us_tcpa`."""

AWAKE = (
    "America/New_York",
    "Pacific/Auckland",
    "Asia/Tokyo",
    "Asia/Kolkata",
    "Europe/Berlin",
    "Pacific/Honolulu",
)
"""In one of them it is far from both ends of the calling hours, and in another one night, at any time."""

MARGIN_H = 1
SLEEPER = "+12025550102"


@dataclass(frozen=True)
class Wanted:
    """A contact, and what must have come of it; `attempts`: how often it was dialed."""

    number: str
    name: str
    outcome: str
    attempts: int = 1


CONTACTS = (
    Wanted("+12025550101", "a person who answers", "answered"),
    Wanted("+12025550103", "a person who presses a key", "answered"),
    Wanted("+12025550136", "a slow person", "answered"),
    Wanted("+12025550104", "a person who leaves", "hung_up_early"),
    Wanted("+12025550106", "an answering machine", "voicemail"),
    Wanted("+12025550107", "a busy phone", "busy", attempts=2),
    Wanted("+12025550108", "a phone that rings out", "no_answer"),
    Wanted("+12025550109", "a phone that declines", "blocked"),
    Wanted("+12025550110", "a phone that is off", "no_answer"),
    Wanted("+12025550111", "a carrier that is down", "congestion", attempts=2),
    Wanted("+12025550199", "a number that is none", "invalid_number"),
)
RETRY = {"times": 1, "after_s": 3, "jitter": 0.0}
CONFIG: Json = {
    "hours": {
        "windows": [
            {"days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "start": "00:00", "end": "24:00"}
        ],
        "rules": ["us_tcpa"],
        "skip_holidays": False,
    },
    "pacing": {"max_concurrent": 4, "calls_per_second": 2},
    "attempts": {"retries": {"busy": RETRY, "congestion": RETRY}, "max_per_day": 30, "max_per_week": 100},
    "auto_pause": {"max_failed": 1, "max_hung_up_early": 1, "max_trunk_trouble": 1},
    "goal": {"conditions": [{"slot": "coming", "equals": ["yes"]}]},
    "test": True,
}


@dataclass(frozen=True)
class Result:
    """What became of one contact, and what it should have been; `broken` says where they differ.
    `waits`: why it has not been called yet."""

    name: str
    contact: Json
    broken: str
    waits: str = ""


def run(api: Api, agent: str, number: str, say: Callable[[str], None]) -> list[Result]:
    """A file of twelve contacts becomes a campaign that dials until only the sleeper waits."""
    say(
        f"A campaign of {len(CONTACTS) + 1} contacts from a CSV, retries shortened; one lives where it is "
        "night now."
    )
    config = {**CONFIG, "callers": {"numbers": [number], "strategy": "rotate", "daily_cap": 1_000}}
    body = {"name": "Reminders", "agent": agent, "config": config}
    campaign = api.post("/campaigns", body, idempotency_key=f"demo-campaign-{time.time_ns()}")["id"]
    _import(api, campaign)
    live = Campaigns(api, campaign, lambda progress: say(f"  {_line(progress)}"))
    try:
        api.post(f"/campaigns/{campaign}/start", {}, idempotency_key=f"demo-start-{campaign}")
        _wait(api, campaign)
    finally:
        live.close()
    results = _results(api, campaign)
    stop = {"running_calls": "finish"}
    api.post(f"/campaigns/{campaign}/stop", stop, idempotency_key=f"demo-stop-{campaign}")
    return results


def _import(api: Api, campaign: str) -> None:
    form = {"kind": "contacts", "campaign": campaign}
    found = api.upload("/imports", form, "contacts.csv", _file(timezone.now()))["id"]
    mapping = {"number": "phone", "time_zone": "zone", "variables": {"day": "day"}}
    key = f"demo-{found}"
    api.post(f"/imports/{found}/map", {"mapping": mapping}, idempotency_key=f"{key}-map")
    _reaches(api, found, "ready")
    api.post(f"/imports/{found}/commit", {}, idempotency_key=f"{key}-commit")
    _reaches(api, found, "done")


def _file(now: datetime) -> bytes:
    """The CSV. The zones are told in it, so that the demo has somebody to call at any time of the day."""
    awake = next(zone for zone in AWAKE if OPENS + MARGIN_H <= _hour(now, zone) < CLOSES - MARGIN_H)
    asleep = next(zone for zone in AWAKE if not OPENS - MARGIN_H <= _hour(now, zone) < CLOSES)
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(["phone", "zone", "day"])
    rows.writerows([wanted.number, awake, "tuesday"] for wanted in CONTACTS)
    rows.writerow([SLEEPER, asleep, "tuesday"])
    return text.getvalue().encode()


def _hour(now: datetime, zone: str) -> int:
    return now.astimezone(ZoneInfo(zone)).hour


def _reaches(api: Api, found: str, state: str) -> None:
    deadline = time.monotonic() + LIMIT_S
    while time.monotonic() < deadline:
        told = api.get(f"/imports/{found}")
        if told["state"] == state:
            return
        if told["state"] == "failed":
            raise DemoError(f"The contacts could not be read: {told['problem']}")
        time.sleep(0.3)
    raise DemoError(f"The contacts were not {state} within {LIMIT_S:.0f} s.")


def _wait(api: Api, campaign: str) -> None:
    """Until nobody but the sleeper is left to call."""
    deadline = time.monotonic() + LIMIT_S
    while time.monotonic() < deadline:
        progress = api.get(f"/campaigns/{campaign}/progress")
        if progress["remaining"] == 1 and not progress["calling"]:
            return
        if progress["state"] != "running":
            raise DemoError(f"The campaign is {progress['state']}.")
        time.sleep(0.5)
    raise DemoError(f"The campaign was not over within {LIMIT_S:.0f} s.")


def _line(progress: Json) -> str:
    outcomes = ", ".join(f"{name.replace('_', ' ')} {n}" for name, n in sorted(progress["outcomes"].items()))
    return (
        f"{progress['done']:>2} of {progress['contacts']} done, {progress['calling']} being called, "
        f"{progress['attempts']} attempts, {progress['human']} talked to a person, {progress['converted']} "
        f"will come{f' ({outcomes})' if outcomes else ''}"
    )


def _results(api: Api, campaign: str) -> list[Result]:
    page = api.get(f"/campaigns/{campaign}/contacts", limit="100")
    contacts = {contact["e164"]: contact for contact in page["results"]}
    results = [Result(w.name, contacts[w.number], _difference(w, contacts[w.number])) for w in CONTACTS]
    sleeper = contacts[SLEEPER]
    broken = "" if sleeper["attempts"] == 0 else "was called at night"
    return [*results, Result("a person who sleeps", sleeper, broken, _opens(api, campaign, sleeper))]


def _opens(api: Api, campaign: str, sleeper: Json) -> str:
    """When the sleeper may be called, by their own clock."""
    places = api.get(f"/campaigns/{campaign}/preflight")["places"]
    opens = next(place["next_opens_at"] for place in places if place["zones"] == sleeper["time_zones"])
    if opens is None:
        return "not allowed"
    local = datetime.fromisoformat(opens).astimezone(ZoneInfo(sleeper["time_zones"][0]))
    return f"waits for {local:%A %H:%M} there"


def _difference(wanted: Wanted, contact: Json) -> str:
    found = (contact["last_outcome"], contact["attempts"])
    if found == (wanted.outcome, wanted.attempts):
        return ""
    return f"{found[0] or 'nothing'} after {found[1]}, not {wanted.outcome} after {wanted.attempts}"


def broken(results: Sequence[Result]) -> bool:
    return any(result.broken for result in results)
