"""What a carrier says before it answers: in the recording, and not answered by the agent."""

from __future__ import annotations

import asyncio
import wave
from pathlib import Path
from uuid import uuid4

import numpy as np

from media_workers.audio.recorder import DiskWriter, Recorder
from media_workers.audio.vad import VadEngine
from media_workers.contract.calls import CallPlan, DialTarget, Gateway, LegPolicy
from media_workers.contract.events import Answered, EventBody, TurnSpoken
from media_workers.runtime.company import Company
from media_workers.runtime.dialing import Dialer, clear
from media_workers.runtime.leg_port import LegPort
from media_workers.runtime.outcomes import Outcome
from media_workers.runtime.talk import Talk
from media_workers.sip.line import PjsuaLine
from tests.media_workers.runtime.node import AGENT
from tests.media_workers.sip.host import loudest_hz
from tests.sip import sipp
from tests.sip.ports import free_port
from tests.sip.rtp import RtpPeer, tone


async def test_it_is_recorded_and_the_answer_is_where_the_event_says(line: PjsuaLine, tmp_path: Path) -> None:
    port, loop, events = free_port(), asyncio.get_running_loop(), list[EventBody]()
    target = DialTarget(
        number="+12025550100",
        caller_id="+12025550151",
        gateways=[Gateway(host="127.0.0.1", port=port)],
        leg=LegPolicy(early_media="listen"),
    )
    plan = CallPlan(
        call_id=uuid4(),
        tenant_id=uuid4(),
        direction="outbound",
        from_number=target.caller_id,
        to_number=target.number,
        agent=AGENT,
        dial=target,
    )
    talk = Talk(plan, vad=VadEngine(), emit=events.append, hang_up=lambda reason, detail: None)
    company = Company(events.append, talk)
    disk = DiskWriter()
    company.record(Recorder(tmp_path / "call.wav", disk))
    leg_port = LegPort(loop)
    leg_port.connect(company)
    with RtpPeer() as far:
        far.play(tone(700, seconds=20))
        case = sipp.Case(
            "uas_early_media", ("127.0.0.1", 1), "", port=port, keys={"rtp_port": str(far.port)}, stay_ms=800
        )
        phone = sipp.start(case, tmp_path / "sipp")
        sipp.wait_listening(port)
        stopped: asyncio.Future[Outcome] = loop.create_future()
        dialer = Dialer(
            line,
            target,
            new_port=lambda: leg_port,
            stopped=stopped,
            emit=events.append,
            on_ringing=lambda code: None,
        )
        connected = await dialer.run()
        await company.prepare()
        async with asyncio.timeout(30):
            while not any(isinstance(e, TurnSpoken) for e in events) and far.heard.speech_ms() < 200:
                await asyncio.sleep(0.05)
        await clear(connected.leg, connected.port, "done")
        assert (await asyncio.to_thread(phone.wait)).ok
    recorded = await company.close()
    disk.close()
    [answered] = [e for e in events if isinstance(e, Answered)]
    assert recorded is not None
    assert 100 < answered.recorded_ms < recorded.duration_ms
    with wave.open(str(tmp_path / "call.wav")) as wav:
        sides = np.frombuffer(wav.readframes(wav.getnframes()), "<i2").reshape(-1, 2)
    before = sides[: answered.recorded_ms * 8]
    assert abs(loudest_hz(before[:, 0]) - 700) < 20
    assert not before[:, 1].any(), "the agent says nothing before the answer"
    assert sides[answered.recorded_ms * 8 :, 1].any()
