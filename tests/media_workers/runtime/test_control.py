"""How often the control plane is asked about an INVITE, and how long a caller waits for it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import httpx
import pytest

from media_workers.contract.calls import InboundCall
from media_workers.runtime import control as module
from media_workers.runtime.control import ControlPlaneDown
from tests.fakes.control_plane import NOT_OURS, TOKEN, ControlPlane

INVITE = InboundCall(
    node="node-1",
    line=0,
    source_address="192.0.2.5",
    request_uri="sip:+12025551000@192.0.2.7",
    dialed_number="+12025551000",
    caller="+12025550101",
    sip_call_id="abc",
)


@pytest.fixture
def control() -> Iterator[ControlPlane]:
    with ControlPlane() as control:
        yield control


@pytest.fixture
async def client(control: ControlPlane) -> AsyncIterator[module.ControlPlane]:
    async with module.ControlPlane(control.url, "node-1", TOKEN) as client:
        yield client


async def test_a_connection_that_breaks_is_made_again(
    control: ControlPlane, client: module.ControlPlane
) -> None:
    assert (await client.inbound(INVITE)).rejection == NOT_OURS
    with control.away():
        pass  # the connection that was kept is gone
    assert (await client.inbound(INVITE)).rejection == NOT_OURS


async def test_nobody_is_asked_twice_who_says_nothing(
    control: ControlPlane, client: module.ControlPlane, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "INBOUND_TIMEOUT", httpx.Timeout(5.0, read=0.2))
    control.gate.clear()
    with pytest.raises(ControlPlaneDown, match="ReadTimeout"):
        await client.inbound(INVITE)
    assert len(control.asked) == 1


def test_a_caller_waits_longer_than_a_call_hook_may_take() -> None:
    """At most 5 s (apps.webhooks), beside our own work."""
    assert module.INBOUND_TIMEOUT.read is not None
    assert module.TIMEOUT_S > module.INBOUND_TIMEOUT.read >= 5.0 + 2.0
