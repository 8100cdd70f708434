"""The pcap files that a node writes and the control plane reads, and the packets in them. Pure.

The format is libpcap's (draft-ietf-opsawg-pcap): little-endian, microseconds, packets of the link type
RAW, that is IPv4 or IPv6 without a frame around it.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from typing import IO

LINK_TYPE_RAW = 101
SNAP_LENGTH = 262_144
MAX_PACKET = 65_535
MAX_UDP_DATA = MAX_PACKET - 48
UDP, TCP = 17, 6
_FILE = struct.Struct("<IHHiIII")
_RECORD = struct.Struct("<IIII")
_MAGIC = 0xA1B2C3D4

FILE_HEADER = _FILE.pack(_MAGIC, 2, 4, 0, 0, SNAP_LENGTH, LINK_TYPE_RAW)

Address = IPv4Address | IPv6Address
Flow = tuple[Address, int, Address, int]
"""From whom to whom, with ports; both addresses of one family."""


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


def read_packets(file: IO[bytes]) -> Iterator[Packet]:
    """The packets of a file, without its last one when that is torn. Raises NotPcap."""
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


def udp_packet(flow: Flow, data: bytes) -> bytes:
    """An IP packet with a UDP datagram of at most `MAX_UDP_DATA` bytes."""
    head = struct.pack("!HHH", flow[1], flow[3], 8 + len(data))
    check = checksum(pseudo_header(flow, UDP, 8 + len(data)) + head + b"\0\0" + data)
    return ip_packet(flow, UDP, head + struct.pack("!H", check or 0xFFFF) + data)


def ip_packet(flow: Flow, protocol: int, payload: bytes) -> bytes:
    """The header of the flow's family before `payload`."""
    source, target = flow[0], flow[2]
    if isinstance(source, IPv6Address):
        head = struct.pack("!IHBB", 6 << 28, len(payload), protocol, 64)
        return head + source.packed + target.packed + payload
    head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(payload), 0, 0x4000, 64, protocol, 0)
    head += source.packed + target.packed
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + payload


def pseudo_header(flow: Flow, protocol: int, length: int) -> bytes:
    """What the checksums of UDP and TCP cover beside the payload (RFC 768, RFC 8200)."""
    return flow[0].packed + flow[2].packed + struct.pack("!II", length, protocol)


def checksum(data: bytes) -> int:
    """RFC 1071."""
    padded = data + b"\0" * (len(data) % 2)
    total: int = sum(struct.unpack(f"!{len(padded) // 2}H", padded))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def flow_of(source: tuple[Address, int], target: tuple[Address, int]) -> Flow:
    """The flow between two places; an IPv4 address beside an IPv6 one is mapped (RFC 4291, 2.5.5.2)."""
    (ours, our_port), (theirs, their_port) = source, target
    if type(ours) is not type(theirs):
        ours, theirs = _as_ipv6(ours), _as_ipv6(theirs)
    return ours, our_port, theirs, their_port


def _as_ipv6(address: Address) -> Address:
    return address if isinstance(address, IPv6Address) else IPv6Address(f"::ffff:{address}")
