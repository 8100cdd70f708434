"""Latch once, then lock: after its first packet a call takes RTP and RTCP from that source only.

pjsip follows whoever sends more: a burst from a stranger makes it send all of the call's audio there.
Connecting the call's own sockets to the peer stops that in the kernel, which then drops datagrams
from anybody else. pjsip never learns of it: the descriptor is found by its local port, and connected
through a duplicate. It goes on naming the destination with each packet, which Linux allows.
"""

from __future__ import annotations

import contextlib
import ctypes
import logging
import os
import socket
import stat
from dataclasses import dataclass
from pathlib import Path

from media_workers.sip.private import is_private

log = logging.getLogger(__name__)

PROOF_S = 2.0
"""A new lock that lets nothing through for this long was made to the wrong source, or cuts the peer off
(it sends to another address of ours): it is opened again."""

ANNOUNCED_FIRST_S = 1.0
"""For this long after offer and answer the host that the SDP names has the first claim: scanners spray
packets over whole ranges of ports. A private address names nobody, so there the first packet decides."""

STRAGGLERS_S = 1.0
"""After a move packets may still be under way from where the peer was: for this long they do not count."""

_UNCONNECTED = bytes(16)
"""A sockaddr of the family AF_UNSPEC: connecting to it undoes a connect (connect(2))."""

Address = tuple[str, int]


@dataclass(frozen=True, slots=True)
class MediaAddresses:
    """A call's audio as pjsip sees it. `announced` is the peer's SDP, the sources are those of the last
    packets (None before the first; that of RTCP is a guess until a report has arrived)."""

    rtp_port: int
    rtcp_port: int
    announced: Address | None
    rtp_source: Address | None
    rtcp_source: Address | None


class RtpLock:
    """The lock of one call. Owner thread only; times in seconds, monotonic."""

    def __init__(self) -> None:
        self._announced: Address | None = None
        self._peer: Address | None = None
        self._rtcp_peer: Address | None = None
        self._left: Address | None = None
        self._ports = (0, 0)
        self._since = 0.0
        self._described = 0.0
        self._packets = -1
        self._proved = False

    @property
    def peer(self) -> Address | None:
        """Whom RTP is taken from; None: from anybody, and `latch` is to be called."""
        return self._peer

    def described(self, media: MediaAddresses, now: float) -> None:
        """Offer and answer are through. Opens the lock when the peer's SDP names another address than
        before (RFC 3264, 8.3.1); a hold (no address, or 0.0.0.0) is no move."""
        if media.announced is None:
            return
        if self._announced is not None and media.announced != self._announced:
            self.open(now)
        if media.announced != self._announced:
            self._described = now
        self._announced = media.announced

    def latch(self, media: MediaAddresses, now: float) -> None:
        """Locks to the source of the last packet, if there was one."""
        source = media.rtp_source
        if self._peer is not None or source is None:
            return
        if self._too_early(source, now) or not _connect(media.rtp_port, source):
            return
        self._peer = source
        self._ports = (media.rtp_port, media.rtcp_port)
        self._since = now
        self._packets = -1
        self._proved = False

    def _too_early(self, source: Address, now: float) -> bool:
        """Whether another may still have a better claim than `source`."""
        announced = self._announced
        if announced is None or source == announced:
            return False
        if source == self._left and now - self._since < STRAGGLERS_S:
            return True
        elsewhere = source[0] != announced[0] and not is_private(announced[0])
        return elsewhere and now - self._described < ANNOUNCED_FIRST_S

    def housekeep(self, media: MediaAddresses, *, packets: int, reports: int, now: float) -> None:
        """About once a second. `packets` of RTP and `reports` of RTCP the stream has received so far."""
        if self._peer is None:
            return
        source = media.rtcp_source
        if reports and self._rtcp_peer is None and source is not None and source[0] == self._peer[0]:
            self._rtcp_peer = source if _connect(media.rtcp_port, source) else None
        if self._packets < 0:
            self._packets = packets
        elif packets > self._packets:
            self._proved = True
        elif not self._proved and now - self._since >= PROOF_S:
            log.info("nothing follows the first RTP packet from its source: listening to others again")
            self.open(now)

    def open(self, now: float) -> None:
        """Takes RTP and RTCP from anybody again, until the next `latch`."""
        for peer, port in zip((self._peer, self._rtcp_peer), self._ports, strict=True):
            if peer is not None:
                _disconnect(port, _family(peer))
        self._left = self._peer or self._left
        self._peer = self._rtcp_peer = None
        self._since = now


def read_address(text: str) -> Address | None:
    """`203.0.113.7:4000` or `[2001:db8::7]:4000`; None for no address, port 0 and the unspecified one."""
    host, _, port = text.rpartition(":")
    host = host.strip("[]")
    if not port.isdigit() or not int(port) or host in ("", "0.0.0.0", "::"):
        return None
    return host, int(port)


def _connect(port: int, peer: Address) -> bool:
    with contextlib.ExitStack() as stack:
        sock = _duplicate(port, _family(peer))
        if sock is None:
            return False
        stack.enter_context(sock)
        try:
            sock.connect(peer)
        except OSError as error:  # no route to it now: the next packet is another chance
            log.debug("RTP could not be locked to its source: %s", error)
            return False
    return True


def _disconnect(port: int, family: socket.AddressFamily) -> None:
    sock = _duplicate(port, family)
    if sock is not None:
        with sock:
            _libc.connect(sock.fileno(), _UNCONNECTED, len(_UNCONNECTED))


def _family(peer: Address) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in peer[0] else socket.AF_INET


def _duplicate(port: int, family: socket.AddressFamily) -> socket.socket | None:
    """A second descriptor of this process's UDP socket bound to `port`. The caller closes it."""
    for descriptor in Path("/proc/self/fd").iterdir():
        try:
            if not stat.S_ISSOCK(descriptor.stat().st_mode):
                continue
            sock = socket.socket(fileno=os.dup(int(descriptor.name)))
        except OSError:  # closed meanwhile, by another thread
            continue
        if sock.family == family and _is_bound(sock, port):
            return sock
        sock.close()
    return None


def _is_bound(sock: socket.socket, port: int) -> bool:
    try:
        return sock.type == socket.SOCK_DGRAM and bool(sock.getsockname()[1] == port)
    except OSError:
        return False


_libc = ctypes.CDLL(None, use_errno=True)
