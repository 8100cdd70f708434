"""What the SIP edge costs: INVITE to 200 through it, at rising calls a second until calls fail.

In one run on one machine, all by the same caller: our lines called directly, and through our edge with
its whole decision (source, limits, dispatch by load, masking). The lines ask the control plane about each
call as a node does - one web process and PostgreSQL, 300 trunks, 900 numbers - and tell it how the call
ended. Beside them (`..._line_only`) lines that answer without asking; our edge in front of SIPp; and a
Kamailio that does nothing but relay to SIPp, the floor.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from ipaddress import ip_network
from pathlib import Path
from typing import Any

from tests.bench import trunk_data
from tests.bench.call_rate import Address, CallRate, Rate
from tests.bench.rtp_prober import percentile
from tests.bench.web import ROOT, Web, manage, serving_web
from tests.sip.ports import free_port
from tests.sip.wait import until

HERE = Path(__file__).parent
NUMBER = "+12025550100"
NODE = "bench"
CALLER, ANSWERING, LINES = "127.0.0.41", "127.0.0.42", "127.0.0.43"
RATES = (10, 20, 40, 80, 160, 320, 640, 1280)
SECONDS = 3.0
RATED, RATED_SECONDS = 10, 10.0
LINE_COUNT = 8
"""Eight lines carry what two cores can."""

GOALS = {"direct p99": 50.0, "edge p99": 50.0}
PEER = "Kamailio relaying to SIPp, same run"
Figure = dict[str, Any]


def rising(targets: list[Address], numbers: Sequence[str] = (NUMBER,)) -> list[Rate]:
    """Each rate for a few seconds; the last is the first at which a call failed, if any did."""
    rates: list[Rate] = []
    caller = CallRate(targets, numbers, CALLER)
    try:
        caller.measure(RATED, 1.0)  # everybody has started
        for per_second in RATES:
            seconds = RATED_SECONDS if per_second == RATED else SECONDS
            rates.append(caller.measure(per_second, seconds))
            if rates[-1].failures:
                break
    finally:
        caller.close()
    return rates


@contextlib.contextmanager
def process(command: list[str], folder: Path, **more: Any) -> Iterator[subprocess.Popen[str]]:
    """A program that ends with the block."""
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "stdin": subprocess.DEVNULL}
    started = subprocess.Popen(command, cwd=folder, text=True, **{**quiet, **more})
    try:
        yield started
    finally:
        started.terminate()
        try:
            started.wait(10)
        except subprocess.TimeoutExpired:
            started.kill()
            started.wait()


@contextlib.contextmanager
def sipp(folder: Path) -> Iterator[Address]:
    """SIPp, answering every call."""
    port = free_port(ANSWERING)
    shutil.copy(HERE / "answering.xml", folder / "answering.xml")
    command = ["sipp", "-sf", "answering.xml", "-i", ANSWERING, "-p", str(port), "-nostdin", "-aa"]
    with process(command, folder):
        yield ANSWERING, port


@contextlib.contextmanager
def plain_relay(to: Address, folder: Path) -> Iterator[Address]:
    """Kamailio with the least configuration that relays a call."""
    from telephony.edge.kamailio.process import command
    from telephony.edge.kamailio.rpc import KamailioRpc, RpcFailed

    port = free_port()
    values = {"HOST": "127.0.0.1", "PORT": port, "FOLDER": folder, "TO": f"{to[0]}:{to[1]}"}
    text = (HERE / "relay.cfg").read_text()
    for name, value in values.items():
        text = text.replace(f"%{name}%", str(value))
    (folder / "kamailio.cfg").write_text(text)
    rpc = KamailioRpc(folder)

    def up() -> bool:
        with contextlib.suppress(RpcFailed):
            return bool(rpc.call("core.uptime"))
        return False

    with process(command(folder), folder):
        until(up, "the relay to answer")
        yield "127.0.0.1", port
    rpc.close()


@contextlib.contextmanager
def our_edge(lines: list[Address], capacity: int) -> Iterator[Callable[[list[Address]], Address]]:
    """Our edge in front of `lines`; what it yields adds them, once they know where the edge is."""
    from telephony.edge.kamailio.content import EdgeContent, LineEntry
    from tests.edge.kamailio import EDGE, running_edge

    content = EdgeContent(nodes=(LINES, ANSWERING), networks=(ip_network(f"{CALLER}/32"),))
    with running_edge(content, source_cps=100_000) as edge:

        def put(behind: list[Address]) -> Address:
            entries = tuple(LineEntry(f"{h}:{p}", f"{h}:{p}", capacity) for h, p in behind)
            edge.change(lines=entries)
            return EDGE, edge.port

        put(lines)
        yield put


@contextlib.contextmanager
def real_lines(edge: Address | None, web: Web | None = None) -> Iterator[list[Address]]:
    """Lines of ours that echo; behind an edge, and asking a control plane, when there is one."""
    script, told = ("deciding_line.py", _told(web)) if web else ("echo_line.py", {})
    place = f"{edge[0]}:{edge[1]}" if edge else ""
    with contextlib.ExitStack() as stack:
        found: list[Address] = []
        for number in range(LINE_COUNT):
            command = [sys.executable, str(HERE / script), str(30_000 + 100 * number), LINES, place]
            pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
            line = stack.enter_context(process(command, HERE, env=os.environ | told, **pipes))
            assert line.stdout is not None
            found.append((LINES, int(line.stdout.readline())))
        yield found


def _told(web: Web) -> dict[str, str]:
    """What a line is told of the control plane."""
    return {
        "CONTROL_URL": web.url,
        "NODE_NAME": NODE,
        "NODE_TOKEN": web.env["NODE_TOKEN"],
        "PYTHONPATH": str(ROOT),
    }


@contextlib.contextmanager
def control_plane() -> Iterator[Web]:
    """Web and its servers, with trunks whose carrier is our caller."""

    def prepare(folder: Path, env: dict[str, str]) -> None:
        manage(env, "migrate", "--verbosity", "0")
        manage(env, "shell", "--no-imports", "-c", trunk_data.code(CALLER))
        manage(env, "ensure_node", NODE)
        trunk_data.add_calls(env["DATABASE_URL"])

    with serving_web(prepare) as web:
        yield web


def figures(name: str, rates: list[Rate], floor: list[Rate]) -> list[Figure]:
    """p50 and p99 of each rate (under the plain name at the rated one), and the highest rate without a
    failure; each beside the floor's."""
    rows = []
    beside = {rate.per_second: rate for rate in floor}
    for rate in (rate for rate in rates if not rate.failures):
        peer = beside.get(rate.per_second)
        for suffix in ([""] if rate.per_second == RATED else []) + [f".cps_{rate.per_second}"]:
            for share, label in ((0.5, "p50"), (0.99, "p99")):
                rows.append(
                    _figure(
                        f"sip.invite_to_200_{name}_{label}_ms{suffix}",
                        percentile(rate.setup_ms, share),
                        percentile(peer.setup_ms, share) if peer and peer.setup_ms else None,
                        goal=GOALS.get(f"{name} {label}{suffix}"),
                    )
                )
    peer_rate = highest(floor) if floor else None
    rows.append(
        _figure(f"sip.calls_per_second_{name}", highest(rates), peer_rate, unit="calls/s", better="higher")
    )
    return rows


def highest(rates: list[Rate]) -> float:
    """The highest rate at which no call failed."""
    return max((rate.per_second for rate in rates if not rate.failures), default=0.0)


def _figure(
    name: str,
    value: float,
    peer: float | None,
    *,
    goal: float | None = None,
    unit: str = "ms",
    better: str = "lower",
) -> Figure:
    return {
        "name": name,
        "value": round(value, 3),
        "unit": unit,
        "better": better,
        "goal": goal,
        "peer": PEER if peer is not None else None,
        "peer_value": round(peer, 3) if peer is not None else None,
        "ratio": round(value / peer, 2) if peer else None,
    }


def told(name: str, rates: list[Rate]) -> list[Rate]:
    """The same, after saying on the terminal where it broke and how."""
    last = rates[-1]
    how = ", ".join(f"{count} x {why}" for why, count in last.failures.items())
    print(
        f"  {name}: {highest(rates):g} calls/s" + (f"; at {last.per_second}: {how}" if how else " and more")
    )
    return rates


def run() -> list[Figure]:
    """All of them, the floor first."""
    _settings()
    with tempfile.TemporaryDirectory(prefix="trunkline-bench-") as name, sipp(Path(name)) as uas:
        with plain_relay(uas, Path(name)) as relay:
            floor = told("relay to SIPp", rising([relay]))
        with our_edge([uas], 100_000) as put:
            to_sipp = told("edge to SIPp", rising([put([uas])]))
    line_only = measured(None)
    with control_plane() as web:
        decided = measured(web)
    return [
        *figures("direct", decided[0], floor),
        *figures("edge", decided[1], floor),
        *figures("direct_line_only", line_only[0], floor),
        *figures("edge_line_only", line_only[1], floor),
        *figures("edge_to_sipp", to_sipp, floor),
        *figures("relay_to_sipp", floor, []),
    ]


def measured(web: Web | None) -> tuple[list[Rate], list[Rate]]:
    """Our lines, called directly and through our edge; asking `web` when there is one."""
    numbers = trunk_data.numbers() if web else [NUMBER]
    what = "lines that ask" if web else "lines"
    with real_lines(None, web) as lines:
        direct = told(what, rising(lines, numbers))
    with our_edge([], 4) as put, real_lines(put([]), web) as lines:
        through = told(f"edge to {what}", rising([put(lines)], numbers))
    return direct, through


def _settings() -> None:
    """The edge's code reads Django's settings; nothing here asks a server of them."""
    import django
    from cryptography.fernet import Fernet

    for variable, value in {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "SECRET_KEY": "measured",
        "FIELD_ENCRYPTION_KEYS": Fernet.generate_key().decode(),
    }.items():
        os.environ.setdefault(variable, value)
    django.setup()
