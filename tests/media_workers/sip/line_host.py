"""A process with one real line, driven by JSON lines: commands on stdin, events on stdout.

pjsua2 has one endpoint a process, so every line of a test lives in one of these (`host.py`).
Arguments: the `LineConfig` as JSON, then what to do with an INVITE: a list of commands as JSON.
"""

from __future__ import annotations

import dataclasses
import itertools
import json
import math
import os
import struct
import sys
import threading
from datetime import datetime
from pathlib import Path
from typing import Any

from media_workers.contract.calls import DialTarget, LegPolicy
from media_workers.contract.events import LegInfo, MediaStats, SipMessage
from media_workers.sip.endpoint import library
from media_workers.sip.line import PjsuaLine
from media_workers.sip.types import Destination, Edge, Invite, Leg, LegEnd, LegHandler, LineConfig
from tests.media_workers.sip.pjsip_clock import PjsipClock

_lock = threading.Lock()


def emit(event: str, **facts: Any) -> None:
    """One event for the test."""
    with _lock:
        print(json.dumps({"event": event, **facts}), flush=True)


def tone_frame(hz: float, index: int) -> bytes:
    """20 ms of a sine that goes on from frame to frame."""
    turns = [hz * (index * 160 + i) / 8000 for i in range(160)]
    return struct.pack("<160h", *(int(8000 * math.sin(2 * math.pi * turn)) for turn in turns))


class Packets:
    """Tells of each packet of a call that is captured."""

    def __init__(self, number: int) -> None:
        self.number = number

    def packet(self, source: tuple[str, int], target: tuple[str, int], data: bytes) -> None:
        emit("packet", leg=self.number, source=source, target=target, data=data.hex())


class Handler:
    """One call's ears and mouth: plays a tone, an echo or nothing, keeps what it hears."""

    def __init__(self, number: int, mouth: str, allows: list[str] | None = None) -> None:
        self.number = number
        self.allows = allows or []
        self.mouth = mouth
        self.heard = bytearray()
        self.frames_sent = 0
        self._tone = [tone_frame(float(mouth), i) for i in range(50)] if mouth.isdigit() else []

    def on_ringing(self, sip_code: int) -> None:
        emit("ringing", leg=self.number, code=sip_code)

    def on_answered(self, codec: str) -> None:
        emit("answered", leg=self.number, codec=codec, frames=len(self.heard) // 320)

    def on_dtmf(self, digit: str) -> None:
        emit("dtmf", leg=self.number, digit=digit)

    def on_hold(self, held: bool) -> None:
        emit("hold", leg=self.number, held=held)

    def on_refer(self, target: str) -> bool:
        emit("refer", leg=self.number, target=target)
        return "refer" in self.allows

    def on_transfer(self, sip_code: int, sip_reason: str, final: bool) -> None:
        emit("transfer", leg=self.number, code=sip_code, reason=sip_reason, final=final)

    def on_replace(self, caller: str) -> bool:
        emit("replace", leg=self.number, caller=caller)
        return "replace" in self.allows

    def on_sip_message(self, message: SipMessage, at: datetime) -> None:
        emit("sip", **message.model_dump(exclude={"leg", "type"}), leg=self.number, at=at.isoformat())

    def on_leg(self, info: LegInfo) -> None:
        emit("leg", **info.model_dump(exclude={"leg", "type"}), leg=self.number)

    def on_stats(self, stats: MediaStats) -> None:
        emit("reading", **stats.model_dump(exclude={"leg", "type"}), leg=self.number)

    def packet_sink(self) -> Packets | None:
        return Packets(self.number) if self.mouth == "captured" else None

    def on_ended(self, end: LegEnd) -> None:
        facts = dataclasses.asdict(end)
        facts["stats"] = end.stats.model_dump() if end.stats else None
        emit("ended", leg=self.number, **facts)
        if self.mouth == "raise":
            raise RuntimeError("a handler's own mistake")

    def on_frame(self, pcm: bytes) -> None:
        if self.mouth == "raise":
            raise RuntimeError("a handler's own mistake")
        self.heard += pcm

    def next_frame(self) -> bytes | None:
        self.frames_sent += 1
        if self.mouth == "raise":
            raise RuntimeError("a handler's own mistake")
        if self.mouth == "short":
            return b"\x00" * 7
        if self.mouth == "echo":
            return bytes(self.heard[-320:]) or None
        return self._tone[self.frames_sent % 50] if self._tone else None


class Host:
    """Executes the commands of the test."""

    def __init__(self, config: LineConfig, on_invite: list[dict[str, Any]]) -> None:
        self.legs: dict[int, Leg] = {}
        self.handlers: dict[int, Handler] = {}
        self._numbers = itertools.count(1)  # calls come and go on two threads
        self.steps = on_invite
        self.steps_of: dict[str, list[dict[str, Any]]] = {}
        self.clock = PjsipClock() if os.environ.get("PJSIP_CLOCK") else None
        self.line = PjsuaLine(config, self)

    def on_invite(self, leg: Leg, invite: Invite) -> LegHandler:
        number = next(self._numbers)
        steps = self.steps_of.get(invite.dialed_number, self.steps)
        mouth = next((s["mouth"] for s in steps if s["do"] == "mouth"), "echo")
        if mouth == "refuse":
            raise RuntimeError("a handler's own mistake")
        self.legs[number] = leg
        allows = [step["what"] for step in steps if step["do"] == "allow"]
        self.handlers[number] = Handler(number, mouth, allows)
        emit("invite", leg=number, **dataclasses.asdict(invite))
        for step in steps:
            self.execute({"leg": number, **step})
        return self.handlers[number]

    def execute(self, command: dict[str, Any]) -> None:
        """One command; what it returns or raises becomes an event."""
        do = command["do"]
        leg = self.legs.get(command.get("leg", 0))
        try:
            if do in ("dial", "stats", "active", "heard", "on_invite", "timers", "jump", "turned_away"):
                getattr(self, f"do_{do}")(command)
            elif do == "refer_replaces" and leg is not None:
                leg.refer_replaces(self.legs[command["args"][0]])
            elif do not in ("mouth", "allow"):
                options = command.get("options", {})
                if "policy" in options:
                    options = {**options, "policy": LegPolicy(**options["policy"])}
                getattr(leg, do)(*command.get("args", []), **options)
        except Exception as error:
            emit("error", kind=type(error).__name__, text=str(error))

    def do_dial(self, command: dict[str, Any]) -> None:
        number = next(self._numbers)
        handler = self.handlers[number] = Handler(number, command.get("mouth", ""))
        headers = [(name, value) for name, value in command.get("headers", [])]
        to = Destination(**command["to"]) if command.get("to") else None
        self.legs[number] = self.line.dial(DialTarget(**command["target"]), handler, headers=headers, to=to)
        emit("dialed", leg=number)

    def do_stats(self, command: dict[str, Any]) -> None:
        emit("stats", **self.legs[command["leg"]].stats().model_dump() | {"leg": command["leg"]})

    def do_active(self, command: dict[str, Any]) -> None:
        emit("active", calls=self.line.active())

    def do_timers(self, command: dict[str, Any]) -> None:
        """SIP's T1, T2, T4 and TD in ms: what takes 32 s by the RFC takes 64 times T1."""
        library().pjsip_tsx_set_timers(*(command[name] for name in ("t1", "t2", "t4", "td")))
        emit("timers")

    def do_jump(self, command: dict[str, Any]) -> None:
        """pjsip's timers are so many seconds further; only where PJSIP_CLOCK is set."""
        assert self.clock is not None
        self.clock.jump(command["seconds"])
        emit("jump")

    def do_turned_away(self, command: dict[str, Any]) -> None:
        emit("turned_away", reasons=self.line.turned_away)

    def do_heard(self, command: dict[str, Any]) -> None:
        Path(command["path"]).write_bytes(bytes(self.handlers[command["leg"]].heard))
        emit("heard", leg=command["leg"])

    def do_on_invite(self, command: dict[str, Any]) -> None:
        if number := command.get("number"):
            self.steps_of[number] = command["steps"]
        else:
            self.steps = command["steps"]
        emit("on_invite")

    def serve(self) -> None:
        """Starts the line, obeys until stdin closes, stops the line."""
        self.line.start()
        emit("started", port=self.line.port, capacity=self.line.capacity)
        for text in sys.stdin:
            self.execute(json.loads(text))
        self.line.stop()
        emit("stopped")


def main() -> None:
    config = json.loads(sys.argv[1])
    for name in ("rtp_ports", "transports"):
        if name in config:
            config[name] = tuple(config[name])
    if "edge" in config:
        places = tuple((host, port) for host, port in config["edge"]["places"])
        config["edge"] = Edge(places, config["edge"]["name"])
    try:
        Host(LineConfig(**config), json.loads(sys.argv[2])).serve()
    except OSError as error:
        emit("refused", text=str(error), errno=error.errno)


if __name__ == "__main__":
    main()
