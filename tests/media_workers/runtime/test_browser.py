"""Browser calls on a real node: the same conversation as on the phone, over a socket."""

from __future__ import annotations

import asyncio
import io
import signal
import socket
import wave
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import numpy as np
import pytest
import redis

from media_workers.contract.agent import SilencePolicy
from media_workers.contract.calls import CallCommand, listen_channel
from media_workers.contract.events import Answered, Dtmf, EndReason, MediaStats, RecordingReady
from media_workers.contract.simulation import Case, SimulationPlan
from media_workers.contract.tools import HttpTool
from media_workers.contract.trials import ToolTrial, TrialResult
from media_workers.contract.voices import VoicePreview
from media_workers.runtime.browser import leg
from tests.fakes.control_plane import TICKET, ControlPlane
from tests.media_workers.runtime.node import AGENT, Node, running, turns
from tests.sip.wait import until
from tests.speech import say
from tests.talker import Talker

PATIENT = AGENT.model_copy(update={"silence": SilencePolicy(prompt_after_ms=60_000)})


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """One node for all: what breaks one makes its own."""
    with (
        ControlPlane() as control,
        running(control, tmp_path_factory.mktemp("browser") / "data", lines=1, browser_calls=2) as node,
    ):
        yield node


@asynccontextmanager
async def talking(node: Node, call_id: UUID, ticket: str = TICKET) -> AsyncIterator[Talker]:
    """An open socket for the call, whatever the node thinks of it."""
    headers = {"Authorization": f"Bearer {ticket}"}
    async with Talker(f"{node.browser_url}/calls/{call_id}", headers) as talker:
        yield talker


@asynccontextmanager
async def up(node: Node, call_id: UUID) -> AsyncIterator[Talker]:
    """A call that has been answered."""
    async with talking(node, call_id) as talker:
        await talker.until(lambda: talker.of_type("ready"), "the call is up")
        yield talker


async def ended(node: Node, call_id: UUID):
    return await asyncio.to_thread(node.until_ended, call_id)


async def test_a_browser_is_shown_the_floor_ten_times_a_second(node: Node) -> None:
    call_id = node.browser_call(PATIENT)
    async with up(node, call_id) as talker:
        await asyncio.to_thread(node.until_turns, call_id, 1)
        await talker.say("Yes please.")
        await asyncio.to_thread(node.until_turns, call_id, 3)
        seen = talker.of_type("floor")
    assert set(seen[0]) == {
        "type", "at_ms", "speech", "level_db", "state", "silence_ms", "endpoint_ms", "reason", "agent"
    }  # fmt: skip
    assert {"quiet", "speaking", "paused"} == {s["state"] for s in seen}
    assert {"none", "speaking"} <= {s["agent"] for s in seen}
    spoken = [s for s in seen if s["state"] == "speaking"]
    assert max(s["speech"] for s in spoken) > 0.5
    assert max(s["level_db"] for s in spoken) > -40
    paused = [s for s in seen if s["state"] == "paused"]
    assert all(s["reason"] and s["endpoint_ms"] >= 100 for s in paused)
    times = [s["at_ms"] for s in seen]
    assert times == sorted(times)
    # A picture for each 100 ms of the call, unless the machine was busy.
    assert len(seen) <= times[-1] / 100 + 2


async def test_a_browser_talks_and_is_answered_and_recorded(node: Node) -> None:
    call_id = node.browser_call()
    async with up(node, call_id) as talker:
        await asyncio.to_thread(node.until_turns, call_id, 1)
        await talker.say("Yes please.")
        await asyncio.to_thread(node.until_turns, call_id, 3)
        await talker.say("Goodbye.")
        over = await ended(node, call_id)
        await talker.until(talker.closed.is_set, "the socket is closed")
    assert (over.reason, over.sip_code, over.slots) == (EndReason.AGENT_HUNG_UP, None, {"table": "yes"})
    bodies = node.control.bodies(call_id)
    spoken = turns(bodies)
    assert [(t.speaker, t.text) for t in spoken] == [
        ("agent", "Good day. Would you like a table?"),
        ("caller", "yes please"),
        ("agent", "It is yours."),
        ("caller", "goodbye"),
        ("agent", "Goodbye."),
    ]
    assert spoken[2].latency is not None
    assert spoken[2].latency.total is not None
    assert next(b for b in bodies if isinstance(b, Answered)).codec == "L16"
    assert talker.loud_frames() > 50
    until(lambda: any(isinstance(b, RecordingReady) for b in node.control.bodies(call_id)), "the recording")
    with wave.open(io.BytesIO(node.control.recordings[call_id])) as recording:
        stereo = np.frombuffer(recording.readframes(recording.getnframes()), "<i2").reshape(-1, 2)
    assert (np.abs(stereo.astype(int)).max(axis=0) > 1_000).all()


# --- who is let in ------------------------------------------------------------------------------------


async def refusal(node: Node, call_id: UUID, ticket: str = TICKET) -> str:
    async with talking(node, call_id, ticket) as talker:
        await talker.until(talker.closed.is_set, "the socket is closed")
    return str(talker.of_type("refused")[0]["code"])


async def test_an_open_port_starts_nothing(node: Node) -> None:
    call_id = node.browser_call()
    assert await refusal(node, call_id, ticket="forged") == "not_waiting"
    assert await refusal(node, call_id, ticket="") == "not_waiting"
    assert await refusal(node, uuid4()) == "not_waiting"
    assert not node.control.bodies(call_id)
    async with up(node, call_id):
        pass


async def test_there_is_nothing_at_other_addresses(node: Node) -> None:
    for path in ("/", "/calls/", "/calls/7", f"/calls/{'-' * 36}", f"/voices/{uuid4()}"):
        async with Talker(f"{node.browser_url}{path}") as talker:
            await talker.until(talker.closed.is_set, "the socket is closed")
        assert talker.of_type("refused")[0]["code"] == "unknown_path"


async def test_a_full_process_says_so_until_there_is_room(node: Node) -> None:
    first, second, third = (node.browser_call(PATIENT) for _ in range(3))
    async with up(node, first), up(node, second):
        until(lambda: node.control.heartbeats[-1].browser_active == 2, "both are told of")
        assert node.control.heartbeats[-1].active == 0
        assert await refusal(node, third) == "full"
    for call_id in (first, second):
        await ended(node, call_id)
    async with up(node, third):
        pass


async def test_a_control_plane_that_is_away_is_said(node: Node) -> None:
    call_id = node.browser_call()
    node.control.answer_with(503, "/claim")
    assert await refusal(node, call_id) == "unavailable"
    async with up(node, call_id):
        pass


# --- how it ends --------------------------------------------------------------------------------------


async def test_the_browser_hangs_up(node: Node) -> None:
    call_id = node.browser_call(PATIENT)
    async with up(node, call_id) as talker:
        await talker.tell({"type": "hang_up"})
        await talker.until(talker.closed.is_set, "the socket is closed")
    over = await ended(node, call_id)
    assert (over.reason, over.detail, over.sip_code) == (EndReason.CALLER_HUNG_UP, "", None)
    stats = next(b for b in node.control.bodies(call_id) if isinstance(b, MediaStats))
    assert stats.codec == "L16"


@pytest.mark.parametrize("how", ["told", "dropped"])
async def test_a_lost_connection_is_said_in_words(node: Node, how: str) -> None:
    call_id = node.browser_call(PATIENT)
    async with up(node, call_id) as talker:
        if how == "told":
            await talker.tell({"type": "gone"})
        else:
            talker.socket.transport.abort()
        await talker.until(talker.closed.is_set, "the socket is closed")
    over = await ended(node, call_id)
    assert (over.reason, over.detail) == (EndReason.MEDIA_LOST, leg.SOCKET_LOST)


async def test_a_browser_that_sends_nothing_is_given_up(node: Node) -> None:
    call_id = node.browser_call(PATIENT)
    async with up(node, call_id) as talker:
        talker.muted = True
        over = await ended(node, call_id)
        await talker.until(talker.closed.is_set, "the socket is closed")
    assert (over.reason, over.detail) == (EndReason.MEDIA_LOST, leg.NOTHING_HEARD)


async def test_it_is_hung_up_from_elsewhere(node: Node) -> None:
    call_id = node.browser_call(PATIENT)
    async with up(node, call_id) as talker:
        node.commands(CallCommand(call_id=call_id, action="hang_up", reason="enough"))
        await talker.until(talker.closed.is_set, "the socket is closed")
    over = await ended(node, call_id)
    assert (over.reason, over.detail) == (EndReason.API_HUNG_UP, "enough")


# --- what else it does --------------------------------------------------------------------------------


async def test_keys_and_live_commands(node: Node) -> None:
    call_id = node.browser_call(PATIENT)
    async with up(node, call_id) as talker:
        await asyncio.to_thread(node.until_turns, call_id, 1)
        await talker.tell({"type": "dtmf", "digit": "1"})
        await talker.tell({"type": "dtmf", "digit": "x"})
        await talker.socket.send("not json")
        told = await asyncio.to_thread(node.until_turns, call_id, 3)
        assert told[2].text == "You pressed one."
        node.commands(CallCommand(call_id=call_id, action="say", text="Please hold the line."))
        told = await asyncio.to_thread(node.until_turns, call_id, 4)
        assert told[3].text == "Please hold the line."
    await ended(node, call_id)
    assert [b.digit for b in node.control.bodies(call_id) if isinstance(b, Dtmf)] == ["1"]


async def test_bursts_and_odd_pieces_are_heard(node: Node) -> None:
    call_id = node.browser_call(PATIENT)
    speech = await asyncio.to_thread(say, "Yes please.")
    async with up(node, call_id) as talker:
        await asyncio.to_thread(node.until_turns, call_id, 1)
        talker.muted = True
        loop = asyncio.get_running_loop()
        due = loop.time()
        # A network that delivers 100 ms at a time, cut anywhere.
        for at in range(0, len(speech), 1_601):
            await talker.socket.send(speech[at : at + 1_601])
            due += 0.1
            await asyncio.sleep(max(0.0, due - loop.time()))
        talker.muted = False
        told = await asyncio.to_thread(node.until_turns, call_id, 2)
    assert (told[1].speaker, told[1].text) == ("caller", "yes please")
    await ended(node, call_id)


async def test_a_listener_hears_both_sides_while_the_lease_runs(node: Node) -> None:
    call_id = node.browser_call(PATIENT)
    with node.valkey.pubsub(ignore_subscribe_messages=True) as pubsub:
        pubsub.subscribe(listen_channel(call_id))
        async with up(node, call_id):
            node.commands(CallCommand(call_id=call_id, action="listen", lease_s=1))
            chunks = await asyncio.to_thread(_chunks, pubsub)
            assert pubsub.get_message(timeout=1) is None, "the lease has run out"
            node.commands(CallCommand(call_id=call_id, action="listen", lease_s=1))
            assert await asyncio.to_thread(_chunks, pubsub)
    await ended(node, call_id)
    assert {len(chunk) for chunk in chunks} == {1_600}
    assert len(chunks) == 10
    assert max(memoryview(b"".join(chunks)).cast("h")) > 1_000


def _chunks(pubsub: redis.client.PubSub) -> list[bytes]:
    """What comes until nothing has come for a second."""
    first = until(lambda: pubsub.get_message(timeout=1), "something is heard")
    chunks = [first["data"]]
    while (message := pubsub.get_message(timeout=1)) is not None:
        chunks.append(message["data"])
    return chunks


# --- the process --------------------------------------------------------------------------------------


@pytest.fixture
def own_node(tmp_path: Path) -> Iterator[Node]:
    with ControlPlane() as control, running(control, tmp_path / "data", lines=1) as node:
        yield node


async def test_a_process_that_dies_loses_its_calls_in_words_and_is_replaced(own_node: Node) -> None:
    node, call_id = own_node, own_node.browser_call(PATIENT)
    async with up(node, call_id) as talker:
        await asyncio.to_thread(node.until_answered, call_id)
        node.browser_process().kill()
        await talker.until(talker.closed.is_set, "the socket is closed")
    assert (await ended(node, call_id)).reason is EndReason.NODE_LOST
    beats = len(node.control.heartbeats)
    until(lambda: any(b.browser_capacity for b in node.control.heartbeats[beats:]), "another one runs")
    async with up(node, node.browser_call()):
        pass


async def test_draining_lets_a_call_finish_and_takes_no_new_ones(own_node: Node) -> None:
    node, call_id = own_node, own_node.browser_call(PATIENT)
    async with up(node, call_id) as talker:
        url = node.browser_url
        node.signal(signal.SIGTERM)
        until(lambda: node.control.heartbeats[-1].draining, "the node drains")
        headers = {"Authorization": f"Bearer {TICKET}"}
        async with Talker(f"{url}/calls/{node.browser_call()}", headers) as other:
            await other.until(other.closed.is_set, "the socket is closed")
        assert other.of_type("refused")[0]["code"] == "draining"
        await talker.tell({"type": "hang_up"})
        assert (await ended(node, call_id)).reason is EndReason.CALLER_HUNG_UP
    assert await asyncio.to_thread(node.wait) == 0


async def test_an_end_at_once_tells_why(own_node: Node) -> None:
    node, call_id = own_node, own_node.browser_call(PATIENT)
    async with up(node, call_id):
        node.signal(signal.SIGINT)
        assert (await ended(node, call_id)).reason is EndReason.NODE_STOPPED
    assert await asyncio.to_thread(node.wait) == 0


def test_a_busy_port_names_its_variable(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with ControlPlane() as control:
        node = Node(control, tmp_path / "data", lines=1)
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", node.sip_port + 10))
            taken.listen()
            assert node.spawn().wait(60) == 1
        node.valkey.close()
    assert "set another BROWSER_PORT" in capfd.readouterr().err


# --- previews -----------------------------------------------------------------------------------------


def preview(node: Node, ticket: str = TICKET, path: str = "/voices/preview") -> httpx.Response:
    url = "http" + node.browser_url.removeprefix("ws") + path
    headers = {"Authorization": f"Bearer {ticket}"}
    return httpx.get(url, headers=headers, timeout=30, trust_env=False)


@pytest.mark.parametrize(("provider", "voice"), [("flite", "slt"), ("espeak", "de")])
def test_a_voice_is_heard_without_a_call(node: Node, provider: str, voice: str) -> None:
    node.control.preview = VoicePreview(provider=provider, voice=voice, text="One, two, three.")  # type: ignore[arg-type]
    answer = preview(node)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "audio/wav")
    with wave.open(io.BytesIO(answer.content)) as wav:
        assert (wav.getframerate(), wav.getnchannels()) == (8_000, 1)
        pcm = wav.readframes(wav.getnframes())
    assert max(memoryview(pcm).cast("h")) > 1_000
    assert wav.getnframes() > 4_000


def test_nothing_is_spoken_without_a_ticket_or_at_other_addresses(node: Node) -> None:
    node.control.preview = VoicePreview(provider="flite", voice="slt", text="Hello.")
    assert preview(node, ticket="forged").status_code == 403
    assert preview(node, path="/voices").status_code == 404
    assert preview(node, path="/calls/1").status_code == 404


def test_a_voice_that_does_not_exist_is_an_answer(node: Node) -> None:
    node.control.preview = VoicePreview(provider="espeak", voice="klingon-opera", text="Hello.")
    assert preview(node).status_code == 503


# --- tools tried out ----------------------------------------------------------------------------------


def test_a_tool_is_tried_without_a_call_and_with_a_ticket_only(node: Node) -> None:
    tool = {"type": "http", "name": "f", "url": "http://127.0.0.1:9/f", "method": "GET"}
    agent = AGENT.model_copy(update={"tools": [HttpTool.model_validate(tool)]})
    node.control.trial = ToolTrial(action="run", agent=agent, arguments={"a": 1}, allow_private=True)
    assert preview(node, ticket="forged", path="/tools/try").status_code == 403
    answer = preview(node, path="/tools/try")
    assert answer.status_code == 200
    result = TrialResult.model_validate_json(answer.content)
    assert (result.ok, result.trouble) == (False, "the server cannot be reached")
    assert result.request is not None
    assert result.request.url == "http://127.0.0.1:9/f?a=1"


# --- cases of test suites -----------------------------------------------------------------------------


def simulation(attempt: int = 1) -> SimulationPlan:
    steps = [{"do": "say", "text": "Yes please."}, {"do": "say", "text": "Goodbye."}]
    wish = [{"kind": "said", "text": "it is yours"}, {"kind": "ended_by", "by": "agent"}]
    case = {"name": "A table", "caller": {"kind": "script", "steps": steps}, "assertions": wish}
    return SimulationPlan(
        id=uuid4(), attempt=attempt, tenant_id=uuid4(), agent=AGENT, case=Case.model_validate(case)
    )


def test_a_case_is_played_beside_the_calls_and_told(node: Node) -> None:
    node.control.simulation = simulation(attempt=2)
    node.control.answer_with(503, "/result")
    assert preview(node, path="/simulations").status_code == 202

    until(lambda: node.control.simulated, "the case's result")
    report = node.control.simulated.pop()
    assert (report.attempt, report.result.passed, report.result.failures) == (2, True, [])
    assert report.result.record.slots == {"table": "yes"}


def test_no_case_is_played_without_a_ticket(node: Node) -> None:
    node.control.simulation = simulation()
    assert preview(node, ticket="forged", path="/simulations").status_code == 403
