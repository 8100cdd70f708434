"""RTP as it may come from the field: any payload type, order, interval and source; and what comes back.

Like `rtp.RtpPeer` independent of the program's own audio code, but packet by packet.
"""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from tests.bench.sip_caller import SO_TIMESTAMPNS, TIMESPEC
from tests.sip.rtp import RTP_HEADER, ulaw_table

PCMU, PCMA, COMFORT_NOISE = 0, 8, 13
RATE = 8_000


def alaw_table() -> np.ndarray:
    """ITU-T G.711: the 16-bit value of each A-law byte."""
    code = np.arange(256) ^ 0x55
    segment, mantissa = (code >> 4) & 7, (code & 0x0F) << 4
    magnitude = np.where(segment == 0, mantissa + 8, (mantissa + 0x108) << np.maximum(segment - 1, 0))
    return np.where(code & 0x80, magnitude, -magnitude).astype(np.int16)


TABLES = {PCMU: ulaw_table(), PCMA: alaw_table()}


def encode(samples: np.ndarray, payload_type: int) -> bytes:
    """The nearest G.711 code of each sample."""
    order = np.argsort(TABLES[payload_type], kind="stable")
    values = TABLES[payload_type][order].astype(np.int32)
    right = np.clip(np.searchsorted(values, samples), 1, 255)
    nearer_left = samples - values[right - 1] < values[right] - samples
    return bytes(order[right - nearer_left].astype(np.uint8))


def tone(hz: float, packets: int, *, payload_type: int = PCMU, ptime_ms: int = 20) -> list[bytes]:
    """The payloads of a sine, `ptime_ms` each."""
    size = RATE * ptime_ms // 1000
    samples = 8_000 * np.sin(2 * np.pi * hz * np.arange(packets * size) / RATE)
    coded = encode(samples.astype(np.int32), payload_type)
    return [coded[i * size : (i + 1) * size] for i in range(packets)]


@dataclass(frozen=True, slots=True)
class Packet:
    """One RTP packet. `at`: when the kernel received it, in seconds of the system's clock."""

    payload: bytes
    seq: int
    stamp: int
    payload_type: int = PCMU
    ssrc: int = 77
    source: tuple[str, int] = ("", 0)
    at: float = 0.0

    def bytes(self) -> bytes:
        header = RTP_HEADER.pack(0x80, self.payload_type, self.seq & 0xFFFF, self.stamp, self.ssrc)
        return header + self.payload


def numbered(payloads: Iterable[bytes], *, payload_type: int = PCMU, first: int = 0) -> list[Packet]:
    """Packets in order, without a gap, from sequence number `first`."""
    packets, stamp = [], first * 160
    for offset, payload in enumerate(payloads):
        packets.append(Packet(payload, first + offset, stamp, payload_type))
        stamp += len(payload)
    return packets


class Wire:
    """A UDP socket that plays prepared packets and keeps all RTP that arrives."""

    def __init__(self, host: str = "127.0.0.1", port: int = 0) -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.socket = socket.socket(family, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self.socket.bind((host, port))
        self.socket.settimeout(0.1)
        self.port: int = self.socket.getsockname()[1]
        self.received: list[Packet] = []
        self._closing = threading.Event()
        self._threads = [threading.Thread(target=self._receive, daemon=True)]
        self._threads[0].start()

    def play(
        self, packets: Sequence[Packet], to: tuple[str, int], *, every_ms: float = 20, at_once: int = 1
    ) -> threading.Thread:
        """Sends `at_once` packets every `every_ms`, in the background; the thread, to be joined."""
        thread = threading.Thread(target=self._send, args=(packets, to, every_ms, at_once), daemon=True)
        self._threads.append(thread)
        thread.start()
        return thread

    def report(self, to: tuple[str, int], ssrc: int) -> None:
        """An RTCP receiver report about `ssrc`."""
        self.socket.sendto(struct.pack("!BBHIIIIIII", 0x81, 201, 7, 77, ssrc, 0, 100, 0, 0, 0), to)

    def audio(self, payload_type: int = PCMU) -> np.ndarray:
        """What has been received of that type, as samples."""
        coded = b"".join(p.payload for p in list(self.received) if p.payload_type == payload_type)
        return TABLES[payload_type][np.frombuffer(coded, np.uint8)]

    def close(self) -> None:
        self._closing.set()
        for thread in self._threads:
            thread.join()
        self.socket.close()

    def __enter__(self) -> Wire:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _send(self, packets: Sequence[Packet], to: tuple[str, int], every_ms: float, at_once: int) -> None:
        due = time.monotonic()
        for start in range(0, len(packets), at_once):
            for packet in packets[start : start + at_once]:
                self.socket.sendto(packet.bytes(), to)
            due += every_ms / 1000
            if self._closing.wait(max(0.0, due - time.monotonic())):
                return

    def _receive(self) -> None:
        while not self._closing.is_set():
            try:
                data, ancillary, _, source = self.socket.recvmsg(2048, 64)
            except TimeoutError:
                continue
            seconds, nanoseconds = TIMESPEC.unpack(ancillary[0][2])
            if len(data) >= RTP_HEADER.size and data[0] >> 6 == 2 and not 64 <= data[1] & 0x7F <= 95:
                _, kind, seq, stamp, ssrc = RTP_HEADER.unpack_from(data)
                payload, at = data[RTP_HEADER.size :], seconds + nanoseconds / 1e9
                self.received.append(Packet(payload, seq, stamp, kind & 0x7F, ssrc, source[:2], at))
