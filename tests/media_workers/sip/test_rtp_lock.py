"""When a call's audio is locked, and to whom. Real sockets on loopback; time is a parameter."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from media_workers.sip.rtp_lock import Address, MediaAddresses, RtpLock, read_address

PEER, ELSEWHERE = ("127.0.0.2", 4_000), ("127.0.0.3", 5_000)
NAT, BEHIND_NAT = ("127.0.0.4", 6_000), ("192.168.7.2", 4_000)


class Line:
    """The two media sockets of a call, and the lock that finds them by their ports."""

    def __init__(self) -> None:
        self.rtp, self.rtcp = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
        self.rtp.bind(("127.0.0.1", 0))
        self.rtcp.bind(("127.0.0.1", 0))
        self.lock = RtpLock()

    def media(
        self, announced: Address | None, rtp: Address | None, rtcp: Address | None = None
    ) -> MediaAddresses:
        ports = self.rtp.getsockname()[1], self.rtcp.getsockname()[1]
        return MediaAddresses(*ports, announced=announced, rtp_source=rtp, rtcp_source=rtcp)

    def described(self, announced: Address | None, now: float) -> None:
        self.lock.described(self.media(announced, None), now)

    def latch(self, source: Address | None, now: float) -> None:
        self.lock.latch(self.media(None, source), now)

    def housekeep(self, now: float, packets: int, reports: int = 0, rtcp: Address | None = None) -> None:
        self.lock.housekeep(self.media(None, None, rtcp), packets=packets, reports=reports, now=now)

    @property
    def connected(self) -> Address | None:
        return connected(self.rtp)


def connected(sock: socket.socket) -> Address | None:
    try:
        host, port = sock.getpeername()
    except OSError:
        return None
    return host, port


@pytest.fixture
def line() -> Iterator[Line]:
    line = Line()
    with line.rtp, line.rtcp:
        yield line


def test_the_announced_peer_is_locked_to_at_once(line: Line) -> None:
    line.described(PEER, 10.0)
    line.latch(None, 10.1)
    assert line.connected is None
    line.latch(PEER, 10.2)
    assert line.connected == PEER
    line.latch(ELSEWHERE, 10.4)
    assert line.connected == PEER


def test_another_port_of_the_announced_host_is_locked_to_at_once(line: Line) -> None:
    line.described(PEER, 10.0)
    line.latch((PEER[0], 4_321), 10.1)
    assert line.connected == (PEER[0], 4_321)


def test_the_announced_peer_has_the_first_claim_for_a_second(line: Line) -> None:
    line.described(PEER, 10.0)
    line.latch(ELSEWHERE, 10.5)
    assert line.connected is None
    line.latch(PEER, 10.9)
    assert line.connected == PEER


def test_who_sends_from_another_address_than_announced_is_locked_to_a_second_later(line: Line) -> None:
    line.described(PEER, 10.0)
    line.latch(ELSEWHERE, 11.0)
    assert line.connected == ELSEWHERE


def test_a_private_address_has_no_claim(line: Line) -> None:
    line.described(BEHIND_NAT, 10.0)
    line.latch(NAT, 10.02)
    assert line.connected == NAT


def test_a_lock_that_lets_nothing_through_is_opened(line: Line) -> None:
    line.described(BEHIND_NAT, 10.0)
    line.latch(ELSEWHERE, 10.1)
    line.housekeep(10.5, packets=1)
    line.housekeep(11.5, packets=1)
    assert line.connected == ELSEWHERE
    line.housekeep(12.5, packets=1)
    assert line.connected is None
    line.latch(NAT, 12.6)
    assert line.connected == NAT


def test_a_lock_that_has_let_something_through_stays(line: Line) -> None:
    line.described(PEER, 10.0)
    line.latch(PEER, 10.1)
    line.housekeep(10.5, packets=10)
    line.housekeep(11.5, packets=60)
    line.housekeep(70.0, packets=60)
    assert line.connected == PEER


def test_a_hold_is_no_move_and_a_new_address_is_one(line: Line) -> None:
    line.described(PEER, 10.0)
    line.latch(PEER, 10.1)
    line.described(None, 20.0)
    line.described(PEER, 30.0)
    assert line.connected == PEER
    line.described(NAT, 40.0)
    assert line.connected is None
    line.latch(PEER, 40.1)
    assert line.connected is None, "a packet that was under way"
    line.latch(NAT, 40.2)
    assert line.connected == NAT


def test_reports_are_locked_once_one_has_come_from_the_peers_host(line: Line) -> None:
    line.described(PEER, 10.0)
    line.latch(PEER, 10.1)
    line.housekeep(11.0, packets=9, rtcp=(PEER[0], 4_001))
    assert connected(line.rtcp) is None, "only a guess so far"
    line.housekeep(12.0, packets=60, reports=1, rtcp=ELSEWHERE)
    assert connected(line.rtcp) is None
    line.housekeep(13.0, packets=99, reports=2, rtcp=(PEER[0], 4_007))
    assert connected(line.rtcp) == (PEER[0], 4_007)
    line.described(NAT, 20.0)
    assert connected(line.rtcp) is None


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("203.0.113.7:4000", ("203.0.113.7", 4_000)),
        ("[2001:db8::7]:4000", ("2001:db8::7", 4_000)),
        ("0.0.0.0:4000", None),
        ("[::]:4000", None),
        ("203.0.113.7:0", None),
        ("", None),
    ],
)
def test_addresses_are_read_from_pjsips_words(text: str, address: Address | None) -> None:
    assert read_address(text) == address
