"""The media half of a telephone that SIPp does not have: sends mu-law and records what comes back.

Independent of the program's own audio code on purpose: what it measures, a stranger would measure.
"""

from __future__ import annotations

import random
import socket
import struct
import threading
import time
import wave
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

FRAME = 160  # samples, and bytes of mu-law, in 20 ms
SILENCE = b"\xff"
PCMU, TELEPHONE_EVENT = 0, 101
DIGITS = "0123456789*#ABCD"
RTP_HEADER = struct.Struct("!BBHII")


def ulaw_table() -> np.ndarray:
    """ITU-T G.711: the 16-bit value of each mu-law byte."""
    code = ~np.arange(256) & 0xFF
    magnitude = ((((code & 0x0F) << 3) + 0x84) << ((code >> 4) & 7)) - 0x84
    return np.where(code & 0x80, -magnitude, magnitude).astype(np.int16)


_ULAW = ulaw_table()


def decode(ulaw: bytes) -> np.ndarray:
    """16-bit samples of mu-law bytes."""
    return _ULAW[np.frombuffer(ulaw, np.uint8)]


def tone(hz: float, seconds: float) -> bytes:
    """A sine as mu-law."""
    samples = 8000 * np.sin(2 * np.pi * hz * np.arange(int(seconds * 8000)) / 8000)
    return (
        np.abs(_ULAW[None, :].astype(np.int32) - samples[:, None]).argmin(axis=1).astype(np.uint8).tobytes()
    )


@dataclass
class Heard:
    """What a peer received: mu-law and keys in order of arrival, and how the packets came."""

    ulaw: bytearray = field(default_factory=bytearray, repr=False)
    packets: int = 0
    first_seq: int | None = None
    last_seq: int = 0
    arrivals: list[float] = field(default_factory=list, repr=False)
    sources: set[tuple[str, int]] = field(default_factory=set)
    keys: dict[int, str] = field(default_factory=dict)

    @property
    def digits(self) -> str:
        """Keys pressed by the other side, by telephone-event (RFC 4733), each counted once."""
        return "".join(self.keys.values())

    @property
    def lost(self) -> int:
        if self.first_seq is None:
            return 0
        return ((self.last_seq - self.first_seq) & 0xFFFF) + 1 - self.packets

    def speech_ms(self, loud: float = 250.0) -> int:
        """How much of it is speech, by the energy of each 20 ms."""
        samples = decode(bytes(self.ulaw)).astype(np.float64)
        frames = samples[: len(samples) // FRAME * FRAME].reshape(-1, FRAME)
        return int(np.sum(np.sqrt(np.mean(frames**2, axis=1)) >= loud)) * 20

    def save(self, path: Path) -> None:
        with wave.open(str(path), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(8000)
            file.writeframes(decode(bytes(self.ulaw)).tobytes())


class RtpPeer:
    """One RTP socket. Plays `speech` (then silence) to `remote` from `play` until closed.

    Until told the remote it waits for the first packet and answers to its source.
    """

    def __init__(self, host: str = "127.0.0.1") -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((host, 0))
        self._socket.settimeout(0.2)
        self.port: int = self._socket.getsockname()[1]
        self.heard = Heard()
        self._closing = threading.Event()
        self._remote: tuple[str, int] | None = None
        self._receiver = threading.Thread(target=self._receive, daemon=True)
        self._receiver.start()
        self._sender: threading.Thread | None = None

    def play(self, speech: bytes, remote: tuple[str, int] | None = None) -> None:
        """Starts sending, to `remote` or to whoever is heard first."""
        self._remote = remote
        self._sender = threading.Thread(target=self._send, args=(speech,), daemon=True)
        self._sender.start()

    def close(self) -> Heard:
        self._closing.set()
        self._receiver.join()
        if self._sender:
            self._sender.join()
        self._socket.close()
        return self.heard

    def __enter__(self) -> RtpPeer:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _receive(self) -> None:
        while not self._closing.is_set():
            try:
                packet, source = self._socket.recvfrom(2048)
            except TimeoutError:
                continue
            if len(packet) < RTP_HEADER.size:
                continue
            _, marked_type, seq, stamp, _ = RTP_HEADER.unpack_from(packet)
            payload = packet[RTP_HEADER.size :]
            self._count(seq, source)
            if marked_type & 0x7F == PCMU:
                self.heard.ulaw += payload
            elif marked_type & 0x7F == TELEPHONE_EVENT and payload:
                self.heard.keys[stamp] = DIGITS[payload[0]]

    def _count(self, seq: int, source: tuple[str, int]) -> None:
        heard = self.heard
        heard.sources.add(source)
        heard.packets += 1
        heard.first_seq = seq if heard.first_seq is None else heard.first_seq
        heard.last_seq = seq
        heard.arrivals.append(time.monotonic())
        self._remote = self._remote or source

    def _send(self, speech: bytes) -> None:
        seq, stamp, ssrc = random.randrange(1 << 15), 0, random.randrange(1 << 32)
        due = time.monotonic()
        while not self._closing.is_set():
            chunk = speech[stamp : stamp + FRAME].ljust(FRAME, SILENCE)
            if self._remote:
                header = RTP_HEADER.pack(0x80, 0, seq & 0xFFFF, stamp, ssrc)
                self._socket.sendto(header + chunk, self._remote)
                seq, stamp = seq + 1, stamp + FRAME
            due += 0.020
            self._closing.wait(max(0.0, due - time.monotonic()))
