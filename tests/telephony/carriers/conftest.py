from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from tests.fakes.telnyx_server.server import TelnyxServer, telnyx_server
from tests.fakes.twilio_server.server import TwilioServer, twilio_server


@pytest.fixture
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What would be waited between attempts."""
    waited: list[float] = []
    monkeypatch.setattr("time.sleep", waited.append)
    return waited


@pytest.fixture
def twilio(settings: Settings, no_waiting: list[float]) -> Iterator[TwilioServer]:
    """One that our settings name; every request must be as Twilio's documents say."""
    with twilio_server() as server:
        for name, value in server.settings.items():
            setattr(settings, name, value)
        settings.PUBLIC_URL = "https://calls.example.com"
        settings.CARRIER_SIP_URIS = ["sip:sip.example.com:5061;transport=tls"]
        settings.CARRIER_ALLOWED_ADDRESSES = []
        yield server
    assert server.faults == []


@pytest.fixture
def telnyx(settings: Settings, no_waiting: list[float]) -> Iterator[TelnyxServer]:
    """One that our settings name; every request must have only what Telnyx knows."""
    with telnyx_server() as server:
        for name, value in server.settings.items():
            setattr(settings, name, value)
        settings.PUBLIC_URL = "https://calls.example.com"
        settings.CARRIER_SIP_URIS = ["sip:sip.example.com:5061;transport=tls"]
        yield server
    assert server.faults == []
