"""How good a telephone we are: echo delay, RTP gaps, CPU per call, and how fast a call is answered.

Real lines in processes of their own, called by `rtp_prober` over loopback; beside each figure the
same measured against `reflector`, which throws packets straight back: the floor on this machine at
this moment. The plain names are the rated load, 4 calls a line on 2 lines.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench.rtp_prober import Result, percentile, probe, setup_times

HERE = Path(__file__).parent
NUMBER = "+12025550100"
LOADS = ((1, 1), (4, 1), (8, 2), (16, 4))
"""Calls, and the lines that share them."""

RATED_CALLS = 8
SECONDS = 10.0
SETUPS = 200
FLOOR = "plain UDP reflector, same run"

Figure = dict[str, Any]


@dataclass(frozen=True)
class Service:
    """A process that answers calls on a port of loopback."""

    process: subprocess.Popen[str]
    port: int

    def cpu_s(self) -> float:
        """CPU time it has used, user and system, in seconds."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Measured:
    """One load, with the CPU that the services spent on each of its calls, in % of a core."""

    result: Result
    cpu_per_call_pct: float


@contextlib.contextmanager
def service(script: str, *arguments: str) -> Iterator[Service]:
    """Runs a service of this folder; it ends with its standard input."""
    command = [sys.executable, str(HERE / script), *arguments]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            raise RuntimeError(f"{script} did not start (exit code {process.wait(10)})")
        yield Service(process, int(line))
    finally:
        assert process.stdin is not None
        process.stdin.close()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()


@contextlib.contextmanager
def lines(count: int) -> Iterator[list[Service]]:
    """`count` lines that echo."""
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(service("echo_line.py", str(30_000 + 100 * i))) for i in range(count)]


def measure(services: list[Service], calls: int, seconds: float = SECONDS) -> Measured:
    """Probes the services with so many calls at once."""
    before = sum(s.cpu_s() for s in services)
    result = probe([("127.0.0.1", s.port) for s in services], NUMBER, seconds, calls)
    spent = sum(s.cpu_s() for s in services) - before
    return Measured(result, 100 * spent / (result.seconds + 1.0) / calls)


def figure(
    name: str, value: float, unit: str, goal: float | None, peer_value: float, digits: int = 2
) -> Figure:
    """One row; lower is better in all of them."""
    return {
        "name": name,
        "value": round(value, digits),
        "unit": unit,
        "better": "lower",
        "goal": goal,
        "peer": FLOOR,
        "peer_value": round(peer_value, digits),
        "ratio": round(value / peer_value, 2) if peer_value else None,
    }


def figures_of(calls: int, ours: Measured, floor: Measured) -> list[Figure]:
    """The figures of one load, under the plain names too when it is the rated one."""
    rows = []
    for suffix in ([""] if calls == RATED_CALLS else []) + [f".calls_{calls}"]:
        for name, unit, goal, take in (
            ("telephone.echo_p50_ms", "ms", 35.0, lambda m: percentile(m.result.delays, 0.5)),
            ("telephone.echo_p99_ms", "ms", None, lambda m: percentile(m.result.delays, 0.99)),
            ("telephone.rtp_gap_p999_ms", "ms", 25.0, lambda m: percentile(m.result.gaps, 0.999)),
            ("telephone.cpu_per_call_pct", "% of a core", None, lambda m: m.cpu_per_call_pct),
        ):
            rows.append(figure(f"{name}{suffix}", take(ours), unit, None if suffix else goal, take(floor)))
    return rows


def setup_figure(line: Service, reflector: Service) -> Figure:
    """INVITE to 200 of one call after another."""
    ours = setup_times(("127.0.0.1", line.port), NUMBER, SETUPS)
    floor = setup_times(("127.0.0.1", reflector.port), NUMBER, SETUPS, pause_s=0)
    return figure(
        "sip.invite_to_200_p99_ms", percentile(ours, 0.99), "ms", 50.0, percentile(floor, 0.99), digits=3
    )


def run() -> list[Figure]:
    """All loads, each beside its floor."""
    rows: list[Figure] = []
    with service("reflector.py") as reflector:
        for calls, count in LOADS:
            with lines(count) as echoing:
                ours = measure(echoing, calls)
            rows += figures_of(calls, ours, measure([reflector], calls))
        with lines(1) as [line]:
            rows.append(setup_figure(line, reflector))
    return rows
