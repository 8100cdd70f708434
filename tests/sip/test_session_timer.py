"""Session timers (RFC 4028) in both roles. pjsip's timers are moved on, so that hours pass in seconds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.media_workers.sip.host import ANSWER, Host
from tests.sip.ports import free_port
from tests.sip.sipp import Case, Sipp, start, wait_listening
from tests.sip.sipp_call import NUMBER, SippCall, call

NOWHERE = 40_000
"""The audio goes to a port where nobody listens: these calls are too short for that to matter."""


@pytest.fixture(scope="module")
def line() -> Iterator[Host]:
    with Host(ANSWER, environment={"PJSIP_CLOCK": "1"}) as line:
        yield line


def called(line: Host, scenario: str, work: Path) -> tuple[Sipp, int]:
    """The line calls a SIPp; it and the leg, answered."""
    port = free_port()
    keys = {"audio_port": str(NOWHERE)}
    sipp = start(Case(scenario, ("127.0.0.1", port), NUMBER, keys=keys, port=port), work)
    wait_listening(port)
    leg = line.dial(port)
    line.wait("answered", leg)
    return sipp, leg


def later(line: Host, seconds: int) -> None:
    line.ask("jump", seconds=seconds)


def test_a_caller_keeps_a_call_of_two_hours_alive(line: Host, tmp_path: Path) -> None:
    """It refreshes four times an hour's session, each time a little before we would give it up."""
    made = call(line, "uac_refreshes", tmp_path, audio_port=NOWHERE)
    for method, times in (("UPDATE", 1), ("INVITE", 2), ("UPDATE", 2), ("INVITE", 3)):
        later(line, 1_700)
        made.until_ladder_has(f"> 200 {method}", times)
    later(line, 1_700)
    _, end = made.hang_up()
    assert end["sip_code"] == 200


@pytest.mark.parametrize("method", ["UPDATE", "INVITE"])
def test_we_keep_a_call_of_two_hours_alive(line: Host, tmp_path: Path, method: str) -> None:
    scenario = "uac_is_refreshed_by_update" if method == "UPDATE" else "uac_is_refreshed_by_reinvite"
    made = call(line, scenario, tmp_path, audio_port=NOWHERE)
    for times in range(1, 5):
        later(line, 1_801)
        made.until_ladder_has(f"< 200 {method}", times)
    _, end = made.hang_up()
    assert end["sip_code"] == 200


def test_a_caller_who_stops_refreshing_is_hung_up_on_with_the_reason(line: Host, tmp_path: Path) -> None:
    made = call(line, "uac_stops_refreshing", tmp_path, audio_port=NOWHERE)
    later(line, 55)
    assert line.ask("active")["calls"] == 1
    later(line, 10)
    made.result()
    end = line.wait("ended", made.leg)
    assert (end["sip_code"], end["by_peer"], end["answered"]) == (408, False, True)


def test_a_refresh_that_is_refused_ends_the_call(line: Host, tmp_path: Path) -> None:
    made = call(line, "uac_refuses_the_refresh", tmp_path, audio_port=NOWHERE)
    later(line, 46)
    made.result()
    end = line.wait("ended", made.leg)
    assert (end["sip_code"], end["by_peer"], end["answered"]) == (481, False, True)


def test_a_422_is_answered_with_a_longer_session_that_we_refresh(line: Host, tmp_path: Path) -> None:
    sipp, leg = called(line, "uas_min_se", tmp_path)
    later(line, 1_801)
    SippCall(line, sipp, leg, ("", 0)).until_ladder_has("< 200 UPDATE")
    result, end = SippCall(line, sipp, leg, ("", 0)).hang_up()
    assert "Min-SE: 3600" in result.messages
    assert end["sip_code"] == 200


def test_a_called_party_that_stops_refreshing_is_hung_up_on(line: Host, tmp_path: Path) -> None:
    sipp, leg = called(line, "uas_refreshes_once", tmp_path)
    made = SippCall(line, sipp, leg, ("", 0))
    later(line, 50)
    made.until_ladder_has("> 200 UPDATE")
    later(line, 50)
    assert line.ask("active")["calls"] == 1
    later(line, 15)
    made.result()
    end = line.wait("ended", leg)
    assert (end["sip_code"], end["by_peer"]) == (408, False)
