"""A call as tcpdump would have seen it: its SIP messages as packets, merged with RTP that a node captured.

The file format is libpcap's (draft-ietf-opsawg-pcap): little-endian, microseconds, packets of the link
type RAW, that is IPv4 or IPv6 without a frame around it. Messages over TCP and TLS become TCP segments
of one stream for each pair of addresses; those of TLS are readable, as no capture on the wire would be.
"""

from __future__ import annotations

import heapq
import struct
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import IO

from apps.calls.ladder import LadderMessage

MEDIA_TYPE = "application/vnd.tcpdump.pcap"
LINK_TYPE_RAW = 101
SNAP_LENGTH = 262_144
MAX_PACKET = 65_535
_FILE = struct.Struct("<IHHiIII")
_RECORD = struct.Struct("<IIII")
_MAGIC = 0xA1B2C3D4
_UDP, _TCP = 17, 6
_PUSH_ACK = 0x18
_SEGMENT = 16_384

FILE_HEADER = _FILE.pack(_MAGIC, 2, 4, 0, 0, SNAP_LENGTH, LINK_TYPE_RAW)

Address = IPv4Address | IPv6Address
Flow = tuple[Address, int, Address, int]


class NotPcap(ValueError):
    """The file is not what `FILE_HEADER` begins."""


@dataclass(frozen=True, slots=True, order=True)
class Packet:
    """An IP packet at a time, microseconds since 1970."""

    at_us: int
    data: bytes

    def record(self) -> bytes:
        """The packet as it stands in a file."""
        seconds, us = divmod(self.at_us, 1_000_000)
        return _RECORD.pack(seconds, us, len(self.data), len(self.data)) + self.data


def merged(sip: Iterable[Packet], captured: Iterable[Packet]) -> Iterator[bytes]:
    """A whole file, piece by piece, in order of time."""
    yield FILE_HEADER
    for packet in heapq.merge(sip, captured, key=lambda packet: packet.at_us):
        yield packet.record()


def read_packets(file: IO[bytes]) -> Iterator[Packet]:
    """The packets of a file that a node has written; raises NotPcap. A last one that is torn is left out."""
    header = file.read(_FILE.size)
    if len(header) < _FILE.size or header[:4] != FILE_HEADER[:4] or header[20:] != FILE_HEADER[20:]:
        raise NotPcap("The body is not a pcap file with packets of the link type RAW.")
    while len(record := file.read(_RECORD.size)) == _RECORD.size:
        seconds, us, length, _ = _RECORD.unpack(record)
        if length > MAX_PACKET or us >= 1_000_000:
            raise NotPcap("The body holds a packet that cannot be.")
        data = file.read(length)
        if len(data) < length:
            return
        yield Packet(seconds * 1_000_000 + us, data)


def sip_packets(messages: Iterable[LadderMessage]) -> list[Packet]:
    """The messages as packets, in order of time."""
    streams: defaultdict[Flow, int] = defaultdict(lambda: 1)
    packets: list[Packet] = []
    for message in messages:
        at_us = round(message.at.timestamp() * 1_000_000)
        data = message.text.encode("utf-8", "surrogateescape")
        flow = _flow(message)
        if message.transport == "udp":
            packets.append(Packet(at_us, _ip(flow, _UDP, _udp(flow, data[: MAX_PACKET - 48]))))
        else:
            packets += [Packet(at_us, segment) for segment in _segments(flow, data, streams)]
    return sorted(packets, key=lambda packet: packet.at_us)


def _flow(message: LadderMessage) -> Flow:
    """From whom to whom; both of one family."""
    ours, theirs = _place(message.local), _place(message.peer)
    if type(ours[0]) is not type(theirs[0]):
        ours, theirs = (_as_ipv6(ours[0]), ours[1]), (_as_ipv6(theirs[0]), theirs[1])
    return (*ours, *theirs) if message.direction == "out" else (*theirs, *ours)


def _place(text: str) -> tuple[Address, int]:
    """host:port; what is no address is 0.0.0.0: the message is still worth showing."""
    host, _, port = text.rpartition(":")
    try:
        return ip_address(host.strip("[]").partition("%")[0]), int(port) & 0xFFFF
    except ValueError:
        return IPv4Address(0), 0


def _as_ipv6(address: Address) -> Address:
    return address if isinstance(address, IPv6Address) else IPv6Address(f"::ffff:{address}")


def _segments(flow: Flow, data: bytes, streams: defaultdict[Flow, int]) -> Iterator[bytes]:
    """TCP segments that continue the stream of `flow`."""
    back = (*flow[2:], *flow[:2])
    for start in range(0, len(data), _SEGMENT):
        piece = data[start : start + _SEGMENT]
        head = (flow[1], flow[3], streams[flow], streams[back], 5 << 4, _PUSH_ACK, 65_535)
        segment = struct.pack("!HHIIBBHHH", *head, 0, 0) + piece
        check = _checksum(_pseudo_header(flow, _TCP, len(segment)) + segment)
        yield _ip(flow, _TCP, segment[:16] + struct.pack("!H", check) + segment[18:])
        streams[flow] = (streams[flow] + len(piece)) & 0xFFFFFFFF


def _udp(flow: Flow, data: bytes) -> bytes:
    head = struct.pack("!HHH", flow[1], flow[3], 8 + len(data))
    check = _checksum(_pseudo_header(flow, _UDP, 8 + len(data)) + head + b"\0\0" + data)
    return head + struct.pack("!H", check or 0xFFFF) + data


def _pseudo_header(flow: Flow, protocol: int, length: int) -> bytes:
    return flow[0].packed + flow[2].packed + struct.pack("!II", length, protocol)


def _ip(flow: Flow, protocol: int, payload: bytes) -> bytes:
    source, target = flow[0], flow[2]
    if isinstance(source, IPv6Address):
        head = struct.pack("!IHBB", 6 << 28, len(payload), protocol, 64)
        return head + source.packed + target.packed + payload
    head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(payload), 0, 0x4000, 64, protocol, 0)
    head += source.packed + target.packed
    return head[:10] + struct.pack("!H", _checksum(head)) + head[12:] + payload


def _checksum(data: bytes) -> int:
    """RFC 1071."""
    padded = data + b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(padded) // 2}H", padded))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF
