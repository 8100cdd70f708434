"""The end of a call's story: its last events, its recording, and the files that can go then."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import timedelta
from uuid import UUID

from media_workers.audio.recorder import Recorded
from media_workers.contract.events import Answered, CallEvent, Ended, EndReason, RecordingReady
from media_workers.runtime import logs
from media_workers.runtime.capture import Captured, remove
from media_workers.runtime.capture import found as find_capture
from media_workers.runtime.control import ControlPlane
from media_workers.runtime.reporting import CallReporter
from media_workers.runtime.spool import CallSpool, NodeSpool
from media_workers.runtime.uploads import found, upload, upload_capture


async def deliver(
    control: ControlPlane,
    spool: CallSpool,
    report: CallReporter,
    recorded: Recorded | None,
    captured: Captured | None = None,
) -> None:
    """Returns when the control plane has everything of this call, or has refused it for good.

    Cancelled, it leaves on disk what has not arrived. The recording goes before the news of it and
    its file before the events', so that a crash at any point loses nothing and repeats no event.
    """
    try:
        with contextlib.suppress(OSError):
            await asyncio.to_thread(spool.sync)
        await report.drained()
        if recorded is not None and not report.refused:
            if ready := await upload(control, spool.call_id, recorded):
                report.emit(ready)
                await report.drained()
            recorded.path.unlink(missing_ok=True)
        if captured is not None and report.refused:
            remove(captured.path)
        elif captured is not None:
            await upload_capture(control, spool.call_id, captured)
    finally:
        await report.close()
    if not report.refused:
        spool.delete()


async def deliver_leftover(control: ControlPlane, spools: NodeSpool, call_id: UUID) -> None:
    """The same for a call whose line died. One that had not told its end is told to be lost."""
    spool = CallSpool(spools.leftover, call_id)
    events = await asyncio.to_thread(spool.repair)
    report = CallReporter(spool, control.events, control.node, waiting=events)
    told = {type(event.body) for event in events}
    if Ended not in told:
        try:
            await report.drained()
        except asyncio.CancelledError:
            await report.close()
            raise
        report.skip_acknowledged()
        report.emit(_lost(events))
    recorded = None if RecordingReady in told else await asyncio.to_thread(found, spool.recording)
    logs.get().info("leftover", call_id=str(call_id), events=len(events), recording=recorded is not None)
    captured = await asyncio.to_thread(find_capture, spool.capture)
    await deliver(control, spool, report, recorded, captured)
    spool.recording.unlink(missing_ok=True)
    remove(spool.capture)


def _lost(events: list[CallEvent]) -> Ended:
    """The end of a call whose line died: it lasted at least until the last thing it told."""
    answered = next((event.at for event in events if isinstance(event.body, Answered)), None)
    lasted_ms = (events[-1].at - answered) // timedelta(milliseconds=1) if answered else 0
    return Ended(
        reason=EndReason.NODE_LOST,
        detail="The line process that carried the call died.",
        duration_ms=max(0, lasted_ms),
    )
