"""How a line may be configured."""

from __future__ import annotations

import pytest

from media_workers.sip.line import PjsuaLine
from media_workers.sip.types import Invite, Leg, LegHandler, LineConfig


class Nobody:
    def on_invite(self, leg: Leg, invite: Invite) -> LegHandler:
        raise NotImplementedError


@pytest.mark.parametrize("ports", [(0, 100), (10_000, 10_002), (20_000, 10_000), (65_000, 70_000)])
def test_a_range_of_ports_that_carries_no_call_is_refused(ports: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match=r"^rtp_ports: "):
        LineConfig(rtp_ports=ports)


def test_a_line_without_a_transport_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^transports: "):
        LineConfig(transports=())


def test_a_line_that_never_started_stops_at_once_and_dials_nothing() -> None:
    line = PjsuaLine(LineConfig(), Nobody())
    line.stop()
    assert line.active() == 0
