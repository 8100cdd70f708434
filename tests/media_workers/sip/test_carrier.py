"""A line against Kamailio as its carrier: passwords, and TLS to a server that was located for a name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

import pytest

from tests.media_workers.sip.host import Host
from tests.sip.carrier import NAME, PASSWORD, USER, Carrier, carrier


@pytest.fixture(scope="module")
def phone() -> Iterator[Host]:
    """Behind the carrier."""
    with Host([{"do": "ring"}, {"do": "answer", "options": {"policy": {"srtp": "optional"}}}]) as host:
        yield host


@pytest.fixture(scope="module")
def us() -> Iterator[Host]:
    with Host([]) as host:
        yield host


def answered(us: Host, leg: int) -> list[str]:
    """The ladder of a call that is answered, confirmed and hung up."""
    us.wait("answered", leg)
    us.do("hang_up", leg)
    assert us.wait("ended", leg)["sip_code"] == 200
    return us.ladder(leg)


@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256"])
@pytest.mark.parametrize(("challenge", "code"), [("proxy", 407), ("www", 401)])
def test_a_password_by_both_algorithms_and_both_challenges(
    us: Host, phone: Host, algorithm: str, challenge: Literal["proxy", "www"], code: int
) -> None:
    with carrier(phone.port, challenge=challenge, algorithm=algorithm) as gateway:
        ladder = answered(us, us.dial(gateway.port, username=USER, password=PASSWORD))
        assert f"< {code} INVITE" in ladder
        assert ladder.count("> INVITE") == 2
        wrong = us.dial(gateway.port, username=USER, password="wrong")
        assert us.wait("ended", wrong)["sip_code"] == code
        nothing = us.dial(gateway.port)
        assert us.wait("ended", nothing)["sip_code"] == code
        texts = "".join(e["text"] for e in us.all("sip"))
        assert "Digest ***" in texts
        assert PASSWORD not in texts + us.stderr
        assert "response=" not in texts


def test_a_challenge_that_has_grown_old_is_answered_again(us: Host, phone: Host) -> None:
    with carrier(phone.port, challenge="proxy", algorithm="SHA-256", stale=True) as gateway:
        ladder = answered(us, us.dial(gateway.port, username=USER, password=PASSWORD))
        assert ladder.count("< 407 INVITE") == 2


class Trusting:
    """A line that believes the certificate of one carrier."""

    def __init__(self, gateway: Carrier) -> None:
        self.host = Host([], {"SSL_CERT_FILE": str(gateway.certificate)})
        self.to = {"transport": "tls", "address": "127.0.0.1", "port": gateway.tls_port}

    def __enter__(self) -> Trusting:
        self.host.__enter__()
        return self

    def __exit__(self, *exc: object) -> None:
        self.host.stop()

    def dial(self, **facts: Any) -> int:
        gateways = [{"host": NAME, "port": None, "transport": "tls"}]
        return self.host.dial(0, gateways=gateways, to=self.to, **facts)


def test_tls_to_a_located_server_proves_the_carriers_name(phone: Host) -> None:
    with carrier(phone.port, challenge="proxy") as gateway, Trusting(gateway) as us:
        leg = us.dial(username=USER, password=PASSWORD, leg={"srtp": "required"})
        answered(us.host, leg)
        first = us.host.all("sip", leg)[0]
        assert first["text"].startswith(f"INVITE sip:+12025550100@{NAME};transport=tls SIP/2.0")
        assert (first["peer"], first["transport"]) == (f"127.0.0.1:{gateway.tls_port}", "tls")
        assert " RTP/SAVP " in first["text"]


def test_a_certificate_for_another_name_convinces_nobody(phone: Host) -> None:
    with carrier(phone.port, certificate_for="other.test") as gateway, Trusting(gateway) as us:
        end = us.host.wait("ended", us.dial())
        assert (end["sip_code"], end["by_peer"]) == (503, False)
        assert "certificate" in end["sip_reason"]


def test_nor_does_one_that_nobody_vouches_for(phone: Host) -> None:
    with carrier(phone.port) as gateway, carrier(phone.port) as other, Trusting(other) as us:
        us.to["port"] = gateway.tls_port
        end = us.host.wait("ended", us.dial())
        assert (end["sip_code"], end["by_peer"]) == (503, False)
        assert "certificate" in end["sip_reason"]
