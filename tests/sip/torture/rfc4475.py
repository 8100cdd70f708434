"""All messages of RFC 4475, and a way to send them to anything that speaks SIP over UDP."""

from __future__ import annotations

import socket
import time

from tests.sip.torture.application import APPLICATION
from tests.sip.torture.invalid import INVALID
from tests.sip.torture.message import Torture
from tests.sip.torture.valid import VALID

ALL: list[Torture] = [*VALID, *INVALID, *APPLICATION]


class Tormentor:
    """Sends them and collects the final responses: `answers[name]`, their status codes and texts."""

    def __init__(self, to: tuple[str, int]) -> None:
        self._to = to
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.answers: dict[str, list[tuple[int, str]]] = {torture.name: [] for torture in ALL}

    def send(self, torture: Torture) -> None:
        self._socket.sendto(torture.reachable, self._to)

    def listen(self, wait_s: float) -> bool:
        """Takes what comes within `wait_s`; whether anything came. INVITEs are acknowledged."""
        self._socket.settimeout(wait_s)
        try:
            data = self._socket.recv(65_535)
        except TimeoutError:
            return False
        if not data.startswith(b"SIP/2.0 "):
            return True
        code = int(data[8:11])
        for torture in ALL:
            if torture.call_id in data and code >= 200:
                self.answers[torture.name].append((code, data.decode(errors="replace")))
                if torture.octets.startswith(b"INVITE"):
                    self._socket.sendto(_ack(torture, data), self._to)
        return True

    def torment(self, every: list[Torture] = ALL, timeout_s: float = 20.0) -> None:
        """Sends all of `every`, again what has not been answered, until everything is that should be."""
        until = time.monotonic() + timeout_s
        missing = [torture for torture in every if torture.answers]
        first = list(every)
        while missing and time.monotonic() < until:
            for torture in first or missing:
                self.send(torture)
                while self.listen(0.01):
                    pass
            first = []
            while self.listen(0.5):
                pass
            missing = [torture for torture in missing if not self.answers[torture.name]]

    def close(self) -> None:
        self._socket.close()

    def __enter__(self) -> Tormentor:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


def _ack(torture: Torture, answer: bytes) -> bytes:
    """ACK of a failure: the request's own line, Via, From, Call-ID and CSeq; the answer's To."""
    kept = [line for line in answer.split(b"\r\n") if line.lower().startswith((b"via:", b"from:", b"to:"))]
    kept += [line for line in answer.split(b"\r\n") if line.lower().startswith((b"call-id:", b"cseq:"))]
    kept = [line.replace(b"INVITE", b"ACK") if line.lower().startswith(b"cseq") else line for line in kept]
    uri = torture.octets.split(b" ", 2)[1] or b"sip:user@example.com"
    return b"\r\n".join(
        [b"ACK " + uri + b" SIP/2.0", *kept, b"Max-Forwards: 70", b"Content-Length: 0", b"", b""]
    )
