"""What a leg tells that is no audio: moved to the event loop, in order."""

import asyncio
from datetime import datetime

from media_workers.contract.events import EventBody, Trouble
from media_workers.runtime.leg_port import LegPort


async def troubles(port: LegPort) -> list[Trouble]:
    """What has been told, also before anybody listened."""
    heard: list[EventBody] = []

    def report(body: EventBody, at: datetime | None = None) -> None:
        heard.append(body)

    await asyncio.sleep(0)
    port.report_to(report)
    return [body for body in heard if isinstance(body, Trouble)]


async def test_a_transfer_that_the_peer_asks_for_is_declined_and_told() -> None:
    port = LegPort(asyncio.get_running_loop())
    assert port.on_refer("<sip:+19005550100@example.com>") is False
    [trouble] = await troubles(port)
    assert (trouble.what, trouble.component) == ("refer_declined", "sip")
    assert "+19005550100@example.com" in trouble.detail


async def test_so_is_taking_the_peers_place() -> None:
    port = LegPort(asyncio.get_running_loop())
    assert port.on_replace("+12025550199") is False
    [trouble] = await troubles(port)
    assert trouble.what == "replace_declined"
