from __future__ import annotations

from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings
from structlog.testing import capture_logs

from telephony.carriers.keeping import keep_trunks
from telephony.carriers.models import CarrierWatch
from telephony.carriers.twilio import TwilioCarrier
from telephony.carriers.values import CarrierTrunk
from tenants.scope import platform_scope
from tests.fakes.telnyx_server.server import TelnyxServer
from tests.fakes.twilio_server.server import TwilioServer

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def production(settings: Settings) -> None:
    """The sandbox sells nothing there."""
    settings.PRODUCTION = True


def _command(*arguments: str) -> str:
    out = StringIO()
    call_command("carriers", *arguments, stdout=out)
    return out.getvalue()


def test_every_trunk_is_made_and_kept(twilio: TwilioServer, telnyx: TelnyxServer) -> None:
    keep_trunks()
    [trunk] = twilio.account.all("TK")
    trunk["secure"] = False

    with capture_logs() as logs:
        kept = keep_trunks()

    assert set(kept) == {"twilio", "telnyx"}
    assert trunk["secure"] is True
    [repaired] = [line for line in logs if line["event"] == "carrier_trunk_repaired"]
    assert (repaired["carrier"], repaired["log_level"]) == ("twilio", "warning")


def test_one_that_is_down_keeps_none_waiting(twilio: TwilioServer, telnyx: TelnyxServer) -> None:
    twilio.trouble("GET", "/v1/Trunks", status=503, times=99)

    kept = keep_trunks()

    assert "503" in str(kept["twilio"])
    assert isinstance(kept["telnyx"], CarrierTrunk)


def test_one_that_breaks_in_an_unforeseen_way_keeps_none_waiting(
    twilio: TwilioServer, telnyx: TelnyxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(self: object) -> CarrierTrunk:
        raise KeyError("sid")

    monkeypatch.setattr(TwilioCarrier, "ensure_trunk", broken)

    kept = keep_trunks()

    assert "KeyError" in str(kept["twilio"])
    assert isinstance(kept["telnyx"], CarrierTrunk)
    with platform_scope():
        assert [(one.carrier, bool(one.trunk_problem)) for one in CarrierWatch.objects.all()] == [
            ("telnyx", False),
            ("twilio", True),
        ]


def test_the_command_tells_what_there_is(twilio: TwilioServer) -> None:
    said = _command()

    [trunk] = twilio.account.all("TK")
    assert f"trunk {trunk['sid']} at {trunk['domain_name']}" in said
    assert "sip:sip.example.com:5061;transport=tls" in said
    assert "changed: The trunk is new." in said
    assert "changed:" not in _command()


def test_no_secret_is_said(twilio: TwilioServer) -> None:
    said = _command()

    [password] = twilio.account.passwords.values()
    assert password not in said
    assert twilio.token not in said


def test_the_command_fails_with_a_carrier(twilio: TwilioServer, settings: Settings) -> None:
    settings.CARRIER_SIP_URIS, settings.EDGE_PUBLIC_ADDRESS = [], ""

    with pytest.raises(CommandError, match="Not every carrier"):
        _command()


def test_the_command_tells_what_was_used(twilio: TwilioServer) -> None:
    line = {"category": "calls", "description": "Calls", "usage": "12", "usage_unit": "minutes", "count": "3"}
    twilio.account.used[date(2026, 11, 20)] = [line | {"price": 2.19}]

    assert "calls: 12 minutes, 2.19 USD" in _command("--used", "2026-11-20")
    assert "nothing" in _command("--used", "2026-11-21")


def test_without_a_carrier(settings: Settings) -> None:
    settings.TWILIO_ACCOUNT_SID = settings.TELNYX_API_KEY = ""

    with pytest.raises(CommandError, match=r"docs/guides/carriers\.md"):
        _command()
