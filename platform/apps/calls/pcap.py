"""A call as tcpdump would have seen it: its SIP messages as packets, merged with RTP that a node captured.

Messages over TCP and TLS become TCP segments of one stream for each pair of addresses; those of TLS are
readable, as no capture on the wire would be.
"""

from __future__ import annotations

import heapq
import struct
from collections import defaultdict
from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address, ip_address

from apps.calls.ladder import LadderMessage
from media_workers.contract.pcap import (
    FILE_HEADER,
    MAX_UDP_DATA,
    TCP,
    Address,
    Flow,
    Packet,
    checksum,
    flow_of,
    ip_packet,
    pseudo_header,
    udp_packet,
)

MEDIA_TYPE = "application/vnd.tcpdump.pcap"
_PUSH_ACK = 0x18
_SEGMENT = 16_384


def merged(sip: Iterable[Packet], captured: Iterable[Packet]) -> Iterator[bytes]:
    """A whole file, piece by piece, in order of time."""
    yield FILE_HEADER
    for packet in heapq.merge(sip, captured, key=lambda packet: packet.at_us):
        yield packet.record()


def sip_packets(messages: Iterable[LadderMessage]) -> list[Packet]:
    """The messages as packets, in order of time."""
    streams: defaultdict[Flow, int] = defaultdict(lambda: 1)
    packets: list[Packet] = []
    for message in messages:
        at_us = round(message.at.timestamp() * 1_000_000)
        data = message.text.encode("utf-8", "surrogateescape")
        flow = _flow(message)
        if message.transport == "udp":
            packets.append(Packet(at_us, udp_packet(flow, data[:MAX_UDP_DATA])))
        else:
            packets += [Packet(at_us, segment) for segment in _segments(flow, data, streams)]
    return sorted(packets, key=lambda packet: packet.at_us)


def _flow(message: LadderMessage) -> Flow:
    ours, theirs = _place(message.local), _place(message.peer)
    return flow_of(ours, theirs) if message.direction == "out" else flow_of(theirs, ours)


def _place(text: str) -> tuple[Address, int]:
    """host:port; what is no address is 0.0.0.0: the message is still worth showing."""
    host, _, port = text.rpartition(":")
    try:
        return ip_address(host.strip("[]").partition("%")[0]), int(port) & 0xFFFF
    except ValueError:
        return IPv4Address(0), 0


def _segments(flow: Flow, data: bytes, streams: defaultdict[Flow, int]) -> Iterator[bytes]:
    """TCP segments that continue the stream of `flow`."""
    back = (*flow[2:], *flow[:2])
    for start in range(0, len(data), _SEGMENT):
        piece = data[start : start + _SEGMENT]
        head = (flow[1], flow[3], streams[flow], streams[back], 5 << 4, _PUSH_ACK, 65_535)
        segment = struct.pack("!HHIIBBHHH", *head, 0, 0) + piece
        check = checksum(pseudo_header(flow, TCP, len(segment)) + segment)
        yield ip_packet(flow, TCP, segment[:16] + struct.pack("!H", check) + segment[18:])
        streams[flow] = (streams[flow] + len(piece)) & 0xFFFFFFFF
