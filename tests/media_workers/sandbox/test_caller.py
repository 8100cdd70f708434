"""Where a call of the scripted caller leads; calls themselves are tested in tests/sip."""

from __future__ import annotations

import pytest

from media_workers.sandbox.caller import target


@pytest.mark.parametrize(
    ("uri", "host", "port", "transport"),
    [
        ("sip:+12025550100@127.0.0.1:5060", "127.0.0.1", 5060, "udp"),
        ("+12025550100@pbx.example", "pbx.example", 5060, "udp"),
        ("sip:+12025550100@127.0.0.1:5070;transport=tcp", "127.0.0.1", 5070, "tcp"),
    ],
)
def test_a_sip_address_becomes_a_target(uri: str, host: str, port: int, transport: str) -> None:
    where = target(uri, "+12025550150")
    assert (where.number, where.caller_id) == ("+12025550100", "+12025550150")
    assert [(g.host, g.port, g.transport) for g in where.gateways] == [(host, port, transport)]


@pytest.mark.parametrize("uri", ["", "reception", "sip:127.0.0.1", "sip:a@b:port", "sip:a@b;transport=tls"])
def test_anything_else_is_refused_with_an_example(uri: str) -> None:
    with pytest.raises(ValueError, match=r"is not a SIP address; write it as sip:\+12025550100@"):
        target(uri)
