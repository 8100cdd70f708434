"""The sandbox phones as real processes: SIPp and an RTP socket call them, and they are called by ours."""

from __future__ import annotations

import concurrent.futures
import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from media_workers.contract.sandbox import sandbox_ports
from tests.sip import malformed, rtp, sipp, speech
from tests.sip.ports import free_block
from tests.sip.wait import until

pytestmark = pytest.mark.journey

Address = tuple[str, int]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Address]:
    """`serve` on ports of its own, the first of them."""
    process, address = started()
    try:
        yield address
        process.terminate()
        assert process.wait(20) == 0
    finally:
        process.kill()


def started() -> tuple[subprocess.Popen[bytes], Address]:
    address = ("127.0.0.1", free_block(4))
    command = [sys.executable, "-m", "media_workers.sandbox", "serve"]
    process = subprocess.Popen([*command, "--host", address[0], "--port", str(address[1])])
    until(lambda: malformed.answers_options(address, 1), "the sandbox phones answer")
    return process, address


def call(sandbox: Address, number: str, script: dict[str, object] | str, tmp_path: Path) -> dict:
    """One scripted call in a process of its own; its result."""
    if isinstance(script, dict):
        path = tmp_path / f"{number}.json"
        path.write_text(json.dumps(script))
        script = str(path)
    to = f"sip:{number}@{sandbox[0]}:{sandbox[1]}"
    command = [sys.executable, "-m", "media_workers.sandbox", "call", "--to", to, "--script", script]
    return json.loads(subprocess.run(command, stdout=subprocess.PIPE, timeout=100, check=False).stdout)


@dataclass(frozen=True)
class Listening:
    """A call by SIPp for the signalling and an RTP socket that says `says`, for `stay_ms`."""

    number: str
    stay_ms: int
    says: bytes = b""

    def run(self, to: Address, work: Path) -> rtp.Heard:
        with rtp.RtpPeer() as peer:
            peer.play(self.says)
            keys = {"audio_port": str(peer.port)}
            case = sipp.Case("uac_media_elsewhere", to, self.number, stay_ms=self.stay_ms, keys=keys)
            result = sipp.run(case, work)
        assert result.ok, result.messages + result.errors
        return peer.heard


QUESTION = speech.timeline(300, "Hello, will you come on tuesday?")
LISTENED = {
    "talks": Listening("+12025550101", 8_000, QUESTION),
    "one-way audio": Listening("+12025550105", 3_000, QUESTION),
    "voicemail": Listening("+12025550106", 9_000),
    "presses a key": Listening("+12025550103", 6_000, QUESTION),
}


@pytest.fixture(scope="module")
def heard(sandbox: Address, tmp_path_factory: pytest.TempPathFactory) -> dict[str, rtp.Heard]:
    """What was heard of each phone; the calls run at the same time, as many as the sandbox carries."""
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        calls = {
            name: pool.submit(listening.run, sandbox, tmp_path_factory.mktemp("call") / "sipp")
            for name, listening in LISTENED.items()
        }
        return {name: call.result() for name, call in calls.items()}


def test_numbers_that_are_not_answered_give_their_codes(sandbox: Address, tmp_path: Path) -> None:
    numbers = ["+12025550107", "+12025550109", "+12025550110", "+12025550111", "+12025550177"]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        results = list(pool.map(lambda n: call(sandbox, n, "goodbye", tmp_path), numbers))
    assert [r["sip_code"] for r in results] == [486, 603, 480, 503, 404]
    assert [r["rang"] for r in results] == [False, True, False, False, False]
    assert not any(r["answered"] or r["completed"] for r in results)
    assert results[0]["problem"] == "not answered: 486 Busy Here"


def test_the_phone_that_rings_out_rings_until_it_is_cancelled(sandbox: Address, tmp_path: Path) -> None:
    case = sipp.Case("uac_cancel", sandbox, "+12025550108", stay_ms=3_000)
    result = sipp.run(case, tmp_path)
    assert result.ok, result.messages + result.errors
    assert 180 in result.responses()
    assert result.responses()[-1] == 487


def test_the_talking_phone_waits_for_the_end_of_the_question(heard: dict[str, rtp.Heard]) -> None:
    answer = heard["talks"]
    assert answer.speech_ms() > 400
    assert answer.lost == 0
    meanwhile = rtp.Heard(ulaw=answer.ulaw[: len(QUESTION)])
    assert meanwhile.speech_ms() == 0, "it spoke over the question"


def test_the_one_way_phone_answers_and_sends_no_packet(heard: dict[str, rtp.Heard]) -> None:
    assert heard["one-way audio"].packets == 0


def test_the_voicemail_greets_and_beeps_at_one_kilohertz(heard: dict[str, rtp.Heard]) -> None:
    greeting = heard["voicemail"]
    assert greeting.speech_ms() > 3_000
    samples = rtp.decode(bytes(greeting.ulaw)).astype(float)
    windows = [samples[at : at + 1_600] for at in range(0, len(samples) - 1_600, 800)]
    last_sound = [window for window in windows if np.sqrt(np.mean(window**2)) > 4_000][-1]
    assert np.argmax(np.abs(np.fft.rfft(last_sound))) * 5 == pytest.approx(1_000, abs=10)


def test_the_pressing_phone_sends_its_key_as_telephone_event(heard: dict[str, rtp.Heard]) -> None:
    assert heard["presses a key"].digits == "1"


def test_the_leaving_phone_hangs_up_while_it_is_spoken_to(sandbox: Address, tmp_path: Path) -> None:
    script = {"steps": [{"do": "say", "text": "This is a long sentence that nobody will hear to its end."}]}
    result = call(sandbox, "+12025550104", script, tmp_path)
    assert result["answered"]
    assert result["ended_by"] == "other side"
    assert result["problem"] == "step 1 (say): the call ended before the script did"


def test_two_parties_talk_interrupt_and_press(sandbox: Address, tmp_path: Path) -> None:
    script = {
        "voice": "slt",
        "steps": [
            {"do": "say", "text": "Will you come on tuesday?"},
            {"do": "listen"},
            {"do": "say", "text": "Wonderful."},
            {"do": "interrupt", "text": "Sorry?", "after_ms": 200},
            {"do": "press", "digits": "42"},
            {"do": "hang_up"},
        ],
    }
    result = call(sandbox, "+12025550101", script, tmp_path)
    assert result["completed"], result
    assert result["ended_by"] == "caller"
    assert result["heard_speech_ms"] > 800
    assert result["pressed"] == "42"
    assert len(result["answer_gaps_ms"]) >= 2
    assert all(gap > 0 for gap in result["answer_gaps_ms"])
    assert result["rx_packets"] > 100
    assert result["rx_lost"] == 0
    assert len(result["barge_ins"]) == 1


def test_no_common_codec_and_malformed_messages_leave_the_phones_alive(
    sandbox: Address, tmp_path: Path
) -> None:
    malformed.send(malformed.messages(sandbox), sandbox)
    assert malformed.answers_options(sandbox)
    result = sipp.run(sipp.Case("uac_no_codec", sandbox, "+12025550101"), tmp_path / "codec")
    assert result.ok, result.messages + result.errors
    result = sipp.run(sipp.Case("uac_unknown_number", sandbox, "+12025550177"), tmp_path / "unknown")
    assert result.ok, result.messages + result.errors


def test_serving_on_a_busy_port_says_so(sandbox: Address) -> None:
    command = [sys.executable, "-m", "media_workers.sandbox", "serve"]
    taken = subprocess.run(
        [*command, "--host", sandbox[0], "--port", str(sandbox[1])],
        stderr=subprocess.PIPE,
        timeout=60,
        check=False,
    )
    assert taken.returncode == 2
    said = taken.stderr.decode()
    assert any(f"{sandbox[0]}:{port}" in said for port in sandbox_ports(sandbox[1])), said


def codes(to: Address, invites: int) -> list[int]:
    """What as many INVITEs to the phone that rings out hear first, 100 left out."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as caller:
        caller.bind(("127.0.0.1", 0))
        caller.settimeout(30)
        local = f"127.0.0.1:{caller.getsockname()[1]}"
        for _ in range(invites):
            caller.sendto(malformed.invite(to, local, "+12025550108"), to)
        heard: dict[str, int] = {}
        while len(heard) < invites:
            lines = caller.recv(4096).decode().split("\r\n")
            code, call_id = int(lines[0].split()[1]), next(x for x in lines if x.startswith("Call-ID"))
            if code != 100:
                heard.setdefault(call_id, code)
    return sorted(heard.values())


def test_sixteen_calls_ring_at_once_and_nothing_outlives_the_first_process() -> None:
    process, (host, first) = started()
    places = [(host, port) for port in sandbox_ports(first)]
    try:
        assert [codes(place, 5) for place in places] == [[180, 180, 180, 180, 503]] * 4
    finally:
        process.kill()
        process.wait()
    for place in places:
        until(lambda: not malformed.answers_options(place, 1), f"{place} is silent")  # noqa: B023
