"""`serve`: the sandbox phone network as a process of its own, until SIGTERM or SIGINT."""

from __future__ import annotations

import logging
import signal
import threading

from media_workers.sandbox import speech
from media_workers.sandbox.network import PhoneNetwork
from media_workers.sandbox.told import asker, nobody_told
from media_workers.sip.line import PjsuaLine
from media_workers.sip.types import LineConfig

log = logging.getLogger(__name__)

RTP_PORTS = (21_000, 21_998)
"""Beside the media nodes' range, so that both fit on one machine."""


def serve(host: str, port: int, control_url: str = "", rtp_ports: tuple[int, int] = RTP_PORTS) -> None:
    """Runs the phones on `host`:`port` (UDP and TCP). `control_url`: whom the phone asks that plays test
    suites' callers. Raises `OSError` when the address is taken."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    line = PjsuaLine(
        LineConfig(
            bind_address=host,
            port=port,
            public_address=host,
            rtp_ports=rtp_ports,
            user_agent="Trunkline sandbox phones",
        ),
        PhoneNetwork(speech.lines, asker(control_url) if control_url else nobody_told),
    )
    line.start()
    log.info("sandbox phones on %s:%d, %d calls at a time", host, port, line.capacity)
    stop.wait()
    line.stop()
