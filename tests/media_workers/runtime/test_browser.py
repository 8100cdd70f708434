"""Browser calls on a real node: the same conversation as on the phone, over a socket."""

from __future__ import annotations

import asyncio
import io
import signal
import wave
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID, uuid4

import numpy as np
import pytest

from media_workers.contract.agent import SilencePolicy
from media_workers.contract.calls import CallCommand
from media_workers.contract.events import Answered, Dtmf, EndReason, MediaStats, RecordingReady
from media_workers.runtime.browser import leg
from tests.fakes.control_plane import TICKET, ControlPlane
from tests.media_workers.runtime.node import AGENT, Node, running, turns
from tests.sip.wait import until
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
