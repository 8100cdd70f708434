"""Calls as other implementations set them up, one SIPp scenario each, on one line."""

from __future__ import annotations

import concurrent.futures
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.media_workers.sip.host import Event, Host
from tests.sip import sipp
from tests.sip.ports import free_port

pytestmark = pytest.mark.journey

Calls = dict[str, concurrent.futures.Future[tuple[sipp.SippResult, Event]]]

CALLERS = {
    "+12025550110": "uac_prack",
    "+12025550111": "uac_update_early",
    "+12025550112": "uac_late_offer",
    "+12025550113": "uac_odd_headers",
    "+12025550114": "uac_multipart",
    "+12025550115": "uac_record_routes",
}
ANSWERED_AFTER = {"+12025550110": "< PRACK", "+12025550111": "< UPDATE"}
CALLED = ["uas_record_routes", "uas_strict_route", "uas_forked_answers"]


@pytest.fixture(scope="module")
def line() -> Iterator[Host]:
    with Host() as line:
        for number in ANSWERED_AFTER:
            line.ask("on_invite", number=number, steps=[{"do": "ring"}])
        yield line


def incoming(line: Host, number: str, work: Path) -> tuple[sipp.SippResult, Event]:
    """One SIPp calls `number`; how it went, and the end as the line tells it."""
    case = sipp.Case(CALLERS[number], line.address, number, stay_ms=200, timeout_s=40)
    running = sipp.start(case, work)
    leg = line.until(lambda: [e["leg"] for e in line.all("invite") if e["dialed_number"] == number], number)[
        0
    ]
    if number in ANSWERED_AFTER:
        line.until(lambda: ANSWERED_AFTER[number] in line.ladder(leg), ANSWERED_AFTER[number])
        line.do("answer", leg)
    if number == "+12025550115":
        line.wait("answered", leg)
        line.do("hang_up", leg, "enough")
    return running.wait(), line.wait("ended", leg)


def outgoing(line: Host, scenario: str, work: Path) -> tuple[sipp.SippResult, Event]:
    """The line calls a SIPp and hangs up once it is answered."""
    port = free_port()
    running = sipp.start(sipp.Case(scenario, line.address, "nobody", port=port, timeout_s=40), work)
    sipp.wait_listening(port)
    leg = line.dial(port)
    line.wait("answered", leg)
    if scenario == "uas_forked_answers":
        line.until(lambda: "BYE sip:two@" in running.messages(), "the second branch is told goodbye")
    line.do("hang_up", leg, "enough")
    return running.wait(), line.wait("ended", leg)


@pytest.fixture(scope="module")
def calls(line: Host, tmp_path_factory: pytest.TempPathFactory) -> Calls:
    """All of them, three at a time: a line carries four."""
    work = tmp_path_factory.mktemp("sipp")
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        made: Calls = {
            scenario: pool.submit(incoming, line, number, work / scenario)
            for number, scenario in CALLERS.items()
        }
        made |= {s: pool.submit(outgoing, line, s, work / s) for s in CALLED}
        concurrent.futures.wait(made.values())
    return made


@pytest.mark.parametrize("scenario", [*CALLERS.values(), *CALLED])
def test_the_other_side_is_content_and_so_are_we(calls: Calls, scenario: str) -> None:
    result, end = calls[scenario].result()
    assert result.ok, result.messages + result.errors
    assert (end["answered"], end["sip_code"], end["media_lost"]) == (True, 200, False)
    assert end["by_peer"] is (scenario not in [*CALLED, "uac_record_routes"])


def test_odd_headers_are_read_as_they_are_meant(line: Host, calls: Calls) -> None:
    invite = next(e for e in line.all("invite") if e["dialed_number"] == "+12025550113")
    assert invite["caller"] == "+12025550151"
    assert invite["transport"] == "udp"
    assert len(invite["headers"]["x-long"]) == 900
    assert invite["headers"]["supported"] == "timer ,  100rel"
