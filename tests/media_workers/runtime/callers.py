"""Telephones that call a node of ours, and what its tests ask of every call."""

from __future__ import annotations

from pathlib import Path

from media_workers.contract.agent import SilencePolicy
from tests.media_workers.runtime.node import AGENT, Node
from tests.sip import sipp
from tests.sip.speech import timeline
from tests.sip.wait import until

CALLED = "+12025550100"
PATIENT = AGENT.model_copy(update={"silence": SilencePolicy(prompt_after_ms=60_000)})


class Caller:
    """SIPp in the background: speaks, then stays until the other side hangs up."""

    def __init__(self, node: Node, work: Path, speech: bytes, *, line: int = 0) -> None:
        port = node.sip_port if line == 0 else node.sip_port + 10 + line
        case = sipp.Case("uac_speaks_until_bye", ("127.0.0.1", port), CALLED, speech=speech)
        self.sipp = sipp.start(case, work)

    def answered(self) -> None:
        until(self.sipp.answered, "the caller is answered")

    def result(self) -> sipp.SippResult:
        return self.sipp.wait()


def call_in(node: Node, scenario: str, work: Path) -> sipp.SippResult:
    return sipp.run(sipp.Case(scenario, node.sip, CALLED, stay_ms=300, speech=timeline(500)), work)


def numbers_without_gap(node: Node) -> None:
    for events in node.control.events.values():
        assert [e.seq for e in events] == list(range(1, len(events) + 1))
