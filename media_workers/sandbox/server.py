"""`serve`: the sandbox phone network, until SIGTERM or SIGINT.

A pjsua2 endpoint carries few calls, and a process has one. So there are several processes, forked from the
first one, that each run all the phones on a port of their own (`contract.sandbox`).
"""

from __future__ import annotations

import logging
import os
import signal
import threading
from multiprocessing import get_context
from multiprocessing.process import BaseProcess

from media_workers.contract.sandbox import sandbox_ports
from media_workers.sandbox import speech
from media_workers.sandbox.network import PhoneNetwork
from media_workers.sandbox.told import asker, nobody_told
from media_workers.sip.line import PjsuaLine
from media_workers.sip.types import LineConfig

log = logging.getLogger(__name__)

RTP_PORTS = (21_000, 21_998)
"""Beside the media nodes' range, so that both fit on one machine."""

READY_LIMIT_S = 30.0
STOP_LIMIT_S = 10.0
LOOK_EVERY_S = 1.0


class LineLost(OSError):
    """A process of ours ended by itself."""


def serve(host: str, port: int, control_url: str = "", rtp_ports: tuple[int, int] = RTP_PORTS) -> None:
    """Runs the phones on `host` (UDP and TCP), on `port` and those after it. `control_url`: whom the phone
    asks that plays test suites' callers. Raises `OSError` when an address is taken. Call it in the main
    thread, before there are others: it forks."""
    ports = sandbox_ports(port)
    lines = [
        _line(host, each, control_url, rtp)
        for each, rtp in zip(ports, _shares(rtp_ports, len(ports)), strict=True)
    ]
    alive, ours = os.pipe()
    others: list[BaseProcess] = []
    stop = _stop_by_signal()
    try:
        others += [_fork(line, stop, alive, ours) for line in lines[1:]]
        lines[0].start()
        log.info("sandbox phones on %s:%d-%d, %d calls at a time",
                 host, ports[0], ports[-1], lines[0].capacity * len(lines))  # fmt: skip
        while not stop.wait(LOOK_EVERY_S):
            if any(not other.is_alive() for other in others):
                raise LineLost("a process of the sandbox ended")
    finally:
        os.close(ours)  # the others hear it, as they would if we were killed
        os.close(alive)
        lines[0].stop()
        for other in others:
            other.join(STOP_LIMIT_S)


def _line(host: str, port: int, control_url: str, rtp_ports: tuple[int, int]) -> PjsuaLine:
    return PjsuaLine(
        LineConfig(
            bind_address=host,
            port=port,
            public_address=host,
            rtp_ports=rtp_ports,
            user_agent="Trunkline sandbox phones",
        ),
        PhoneNetwork(speech.lines, asker(control_url) if control_url else nobody_told),
    )


def _shares(ports: tuple[int, int], lines: int) -> list[tuple[int, int]]:
    """The RTP ports of each line: as many for one as for another, from an even one on."""
    first, last = ports
    width = (last - first) // lines // 2 * 2
    return [(first + i * width, first + (i + 1) * width - 2) for i in range(lines)]


def _stop_by_signal() -> threading.Event:
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop


def _stop_at_end_of(pipe: int, stop: threading.Event) -> None:
    os.read(pipe, 1)
    stop.set()


def _fork(line: PjsuaLine, stop: threading.Event, alive: int, ours: int) -> BaseProcess:
    """A process that runs `line` until `stop` is set in it, or nobody holds `ours` any more. Raises
    `LineLost` when it does not start; what was wrong is in the log."""
    context = get_context("fork")
    told, tells = context.Pipe(duplex=False)

    def run() -> None:
        os.close(ours)
        line.start()
        tells.send(True)
        threading.Thread(target=_stop_at_end_of, args=(alive, stop), daemon=True).start()
        stop.wait()
        line.stop()

    process = context.Process(target=run, name=f"sandbox-{line.port}", daemon=True)
    process.start()
    tells.close()
    try:
        started = told.poll(READY_LIMIT_S) and told.recv()
    except EOFError:
        started = False
    if not started:
        process.kill()
        raise LineLost(f"the phones on port {line.port} did not start")
    return process
