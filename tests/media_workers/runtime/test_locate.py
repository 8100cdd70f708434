"""A gateway's name becomes servers, asked of a DNS server on a real socket."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from media_workers.contract.calls import Gateway, Transport
from media_workers.runtime import locate
from media_workers.runtime.locate import Locator, NotLocated
from tests.fakes.dns_server import DnsServer

CARRIER = "carrier.test"


@pytest.fixture
def dns() -> Iterator[DnsServer]:
    with DnsServer() as server:
        yield server


def gateway(host: str = CARRIER, port: int | None = None, transport: Transport = "udp") -> Gateway:
    return Gateway(host=host, port=port, transport=transport)


async def places(dns: DnsServer, where: Gateway, **options: bool) -> list[tuple[str, int]]:
    found = await Locator(dns.resolver(), seed=1, **options).locate(where)
    assert {each.transport for each in found} == {where.transport}
    return [(each.address, each.port) for each in found]


@pytest.mark.parametrize(
    ("host", "port", "transport", "expected"),
    [
        ("192.0.2.1", None, "udp", ("192.0.2.1", 5060)),
        ("192.0.2.1", None, "tls", ("192.0.2.1", 5061)),
        ("192.0.2.1", 5070, "tcp", ("192.0.2.1", 5070)),
        ("[2001:db8::1]", 5070, "udp", ("2001:db8::1", 5070)),
    ],
)
async def test_a_number_is_not_asked_about(
    dns: DnsServer, host: str, port: int | None, transport: Transport, expected: tuple[str, int]
) -> None:
    assert await places(dns, gateway(host, port, transport)) == [expected]
    assert dns.asked == []


async def test_with_a_port_the_address_alone_is_asked_for(dns: DnsServer) -> None:
    dns.zone[CARRIER, "A"] = ["192.0.2.1", "192.0.2.2"]
    dns.zone["_sip._udp.carrier.test", "SRV"] = ["1 1 5080 other.test."]
    assert sorted(await places(dns, gateway(port=5070))) == [("192.0.2.1", 5070), ("192.0.2.2", 5070)]
    assert dns.asked == [(CARRIER, "A")]


async def test_srv_records_by_priority(dns: DnsServer) -> None:
    dns.zone["_sip._tcp.carrier.test", "SRV"] = ["20 0 5062 b.test.", "10 0 5061 a.test."]
    dns.zone["a.test", "A"] = ["192.0.2.1"]
    dns.zone["b.test", "A"] = ["192.0.2.2"]
    found = await places(dns, gateway(transport="tcp"))
    assert found == [("192.0.2.1", 5061), ("192.0.2.2", 5062)]


async def test_srv_records_of_one_priority_share_by_weight(dns: DnsServer) -> None:
    dns.zone["_sip._udp.carrier.test", "SRV"] = ["10 90 5060 a.test.", "10 10 5060 b.test."]
    dns.zone["a.test", "A"] = ["192.0.2.1"]
    dns.zone["b.test", "A"] = ["192.0.2.2"]
    locator = Locator(dns.resolver(), seed=1)
    firsts = Counter([(await locator.locate(gateway()))[0].address for _ in range(400)])
    assert 320 <= firsts["192.0.2.1"] <= 395
    assert len(dns.asked) == 4, "kept as long as the answer says"


async def test_naptr_names_the_srv_records_of_the_trunks_transport(dns: DnsServer) -> None:
    dns.zone[CARRIER, "NAPTR"] = [
        '10 10 "s" "SIP+D2U" "" _sip._udp.europe.test.',
        '20 20 "s" "SIPS+D2T" "" _sips._tcp.second.test.',
        '20 10 "s" "SIPS+D2T" "" _sips._tcp.first.test.',
    ]
    dns.zone["_sips._tcp.first.test", "SRV"] = ["1 1 5091 a.test."]
    dns.zone["_sips._tcp.second.test", "SRV"] = ["1 1 5092 a.test."]
    dns.zone["a.test", "A"] = ["192.0.2.1"]
    found = await places(dns, gateway(transport="tls"))
    assert found == [("192.0.2.1", 5091), ("192.0.2.1", 5092)]


async def test_without_srv_records_the_name_itself_on_the_transports_port(dns: DnsServer) -> None:
    dns.zone[CARRIER, "A"] = ["192.0.2.1"]
    assert await places(dns, gateway(transport="tls")) == [("192.0.2.1", 5061)]


async def test_addresses_of_version_6_only_where_lines_have_them(dns: DnsServer) -> None:
    dns.zone[CARRIER, "AAAA"] = ["2001:db8::1"]
    assert await places(dns, gateway(), ipv6=True) == [("2001:db8::1", 5060)]
    with pytest.raises(NotLocated, match=r"carrier\.test has no address in DNS"):
        await places(dns, gateway())


async def test_one_dead_name_among_the_srv_records_does_no_harm(dns: DnsServer) -> None:
    dns.zone["_sip._udp.carrier.test", "SRV"] = ["10 0 5061 gone.test.", "20 0 5062 b.test."]
    dns.zone["b.test", "A"] = ["192.0.2.2"]
    assert await places(dns, gateway()) == [("192.0.2.2", 5062)]


async def test_so_many_servers_at_most(dns: DnsServer) -> None:
    dns.zone[CARRIER, "A"] = [f"192.0.2.{i}" for i in range(1, 21)]
    assert len(await places(dns, gateway(port=5060))) == locate.MAX_DESTINATIONS


@pytest.mark.parametrize(
    ("zone", "words"),
    [
        ({}, r"DNS does not know the name carrier\.test"),
        ({(CARRIER, "MX"): ["10 mail.test."]}, r"carrier\.test has no address"),
        ({("_sip._udp.carrier.test", "SRV"): ["0 0 0 ."]}, r"offers no SIP over UDP"),
    ],
)
async def test_a_failure_is_named(dns: DnsServer, zone: dict[tuple[str, str], list[str]], words: str) -> None:
    dns.zone = zone
    with pytest.raises(NotLocated, match=words):
        await places(dns, gateway())


@pytest.mark.parametrize("host", ["a..b", "x" * 64 + ".test"])
async def test_a_name_that_none_can_be(dns: DnsServer, host: str) -> None:
    with pytest.raises(NotLocated, match="cannot be looked up"):
        await places(dns, gateway(host))


async def test_while_dns_is_silent_what_was_found_last_stands(
    dns: DnsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locate, "LIMIT_S", 0.3)
    dns.zone[CARRIER, "A"] = ["192.0.2.1"]
    dns.ttl = 0
    locator = Locator(dns.resolver())
    before = await locator.locate(gateway(port=5060))
    dns.silent = True
    assert await locator.locate(gateway(port=5060)) == before
    with pytest.raises(NotLocated, match=r"DNS gave no answer about other\.test"):
        await locator.locate(gateway("other.test", 5060))


async def test_the_machines_own_names_are_not_asked_about(
    dns: DnsServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    hosts = tmp_path / "hosts"
    hosts.write_text("192.0.2.9 pbx.local PBX # the PBX\n\n::1 localhost\n127.0.0.1\tlocalhost\n")
    monkeypatch.setattr(locate, "HOSTS_FILE", hosts)
    assert await places(dns, gateway("pbx", 5060)) == [("192.0.2.9", 5060)]
    assert await places(dns, gateway("localhost", 5060)) == [("127.0.0.1", 5060)]
    assert dns.asked == []
