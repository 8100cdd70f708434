"""The demo's calls and what each of them promises. Durations in seconds."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from config.demo.client import Api, DemoError, Json

CALL_LIMIT_S = 150.0
READING_LIMIT_S = 60.0


@dataclass(frozen=True)
class Promise:
    """What must be true of a call once it has ended; `events`: event types and how often at least."""

    end_reason: str
    sip_code: int | None = None
    slots: dict[str, str] = field(default_factory=dict)
    events: dict[str, int] = field(default_factory=dict)
    turns: int = 0

    def broken_by(self, call: Json, events: list[Json]) -> list[str]:
        """What of it the call did not keep, in words."""
        wrong = []
        if call["end_reason"] != self.end_reason:
            wrong.append(f"ended by {call['end_reason']}, not {self.end_reason}")
        if self.sip_code is not None and call["sip_code"] != self.sip_code:
            wrong.append(f"SIP code {call['sip_code']}, not {self.sip_code}")
        if not self.slots.items() <= call["slots"].items():
            wrong.append(f"understood {call['slots']}, not {self.slots}")
        for name, least in self.events.items():
            count = sum(event["type"] == name for event in events)
            if count < least:
                wrong.append(f"{count} events of type {name}, not {least}")
        if len(call["turns"]) < self.turns:
            wrong.append(f"{len(call['turns'])} turns, not {self.turns}")
        return wrong


@dataclass(frozen=True)
class Outcome:
    """A call that has ended, and what of its promise it broke (nothing: all kept)."""

    title: str
    call: Json
    events: list[Json]
    broken: list[str]


INBOUND = Promise(
    "agent_hung_up",
    slots={"day": "monday", "time": "morning", "confirmed": "yes"},
    events={"barge_in": 1, "dtmf": 1, "recording": 1},
    turns=8,
)
DESK = Promise(
    "transferred",
    slots={"order": "4711", "status": "on its way and will be with you on Tuesday"},
    events={"flow": 8, "tool": 2, "transfer": 4, "recording": 1},
    turns=8,
)
JOINED = "joined"
OUTBOUND = {
    "+12025550101": ("a person who answers", Promise("agent_hung_up", slots={"coming": "yes"}, turns=3)),
    "+12025550103": (
        "a person who presses a key",
        Promise("agent_hung_up", slots={"coming": "yes"}, events={"dtmf": 1}, turns=3),
    ),
    "+12025550107": ("a busy phone", Promise("busy", sip_code=486)),
}


def inbound(api: Api, sip_address: str, number: str, say: Callable[[str], None]) -> Outcome:
    """A sandbox phone calls our number, interrupts, books a visit and confirms it with a key."""
    say(f"A sandbox phone calls {number}: it asks for the opening hours, interrupts, books, presses 1.")
    caller, call = _call_in(api, sip_address, number, "book_a_visit")
    outcome = _outcome(api, "in: books a visit", call, INBOUND)
    if caller.returncode:
        outcome.broken.append(f"the caller's side: {_problem(caller.stdout)}")
    return outcome


def desk(api: Api, sip_address: str, number: str, base: str, say: Callable[[str], None]) -> Outcome:
    """A customer asks where an order is (a tool), how to return it (a document), and for a person, who is
    asked first and takes the call."""
    say(f"Another phone calls {number}: it asks for an order, for a document's answer, and for a person.")
    _wait_until_read(api, base)
    caller, call = _call_in(api, sip_address, number, "ask_the_desk")
    outcome = _outcome(api, "in: asks a tool, a document, a person", call, DESK)
    states = [event["event"]["state"] for event in outcome.events if event["type"] == "transfer"]
    if JOINED not in states:
        outcome.broken.append(f"the person did not take the call: {', '.join(states) or 'nobody was asked'}")
    if "thirty days" not in " ".join(turn["text"] for turn in call["turns"] if turn["speaker"] == "agent"):
        outcome.broken.append("the document's answer was not given")
    if caller.returncode:
        outcome.broken.append(f"the caller's side: {_problem(caller.stdout)}")
    return outcome


def _wait_until_read(api: Api, base: str) -> None:
    deadline = time.monotonic() + READING_LIMIT_S
    while time.monotonic() < deadline:
        documents = api.get(f"/knowledge-bases/{base}/documents")["results"]
        if all(document["state"] == "ready" for document in documents):
            return
        time.sleep(0.3)
    raise DemoError(f"The demo's document was not read within {READING_LIMIT_S:.0f} s.")


def outbound(api: Api, agent: str, number: str, say: Callable[[str], None]) -> list[Outcome]:
    """Three calls at once to magic numbers; each must end as its number promises."""
    say("Three outbound calls at once: " + ", ".join(f"{to} ({what})" for to, (what, _) in OUTBOUND.items()))
    run = time.time_ns()
    placed = {}
    for to in OUTBOUND:
        body = {"from_number": number, "to_number": to, "agent": agent}
        placed[to] = api.post("/calls", body, idempotency_key=f"demo-{run}-{to}")["id"]
    return [
        _outcome(api, f"out: {what}", api.wait_for_end(placed[to], within_s=CALL_LIMIT_S), promise)
        for to, (what, promise) in OUTBOUND.items()
    ]


def _call_in(
    api: Api, sip_address: str, number: str, script: str
) -> tuple[subprocess.CompletedProcess[str], Json]:
    """A sandbox phone calls `number` and plays `script`; how it went there, and the call once it is over."""
    known = {call["id"] for call in _inbound_calls(api)}
    caller = subprocess.run(
        [
            *(sys.executable, "-m", "media_workers.sandbox", "call"),
            *("--script", script, "--to", f"sip:{number}@{sip_address}"),
        ],
        capture_output=True,
        text=True,
        timeout=CALL_LIMIT_S,
        check=False,
    )
    new = [call for call in _inbound_calls(api) if call["id"] not in known]
    if not new:
        raise DemoError(f"The sandbox phone did not get through: {caller.stderr.strip()[-500:]}")
    return caller, api.wait_for_end(new[0]["id"], within_s=30)


def _inbound_calls(api: Api) -> list[Json]:
    calls: list[Json] = api.get("/calls", direction="inbound")["results"]
    return calls


def _outcome(api: Api, title: str, call: Json, promise: Promise) -> Outcome:
    events = api.get(f"/calls/{call['id']}/events", limit="500")["results"]
    return Outcome(title, call, events, promise.broken_by(call, events))


def _problem(result: str) -> str:
    try:
        return str(json.loads(result)["problem"])
    except (ValueError, KeyError):
        return "it gave no result"
