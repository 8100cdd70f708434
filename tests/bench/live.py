"""How soon everybody sees what happens: a node's event on its way to a thousand live sockets.

One uvicorn with real servers behind it; a thousand clients subscribe to all calls of a tenant, an
event is posted as a media node does, and the clock stops when the last client has it. Beside it, in
turn, the same bytes through a bare Redis pub/sub channel and a bare server that writes them to a
thousand sockets: the floor on this machine at this moment.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import redis.asyncio as redis
import uvloop

from tests.bench.rtp_prober import percentile

ROOT = Path(__file__).resolve().parents[2]
VIEWERS = 1_000
EVENTS = 60
PAUSE_S = 0.1
PATIENCE_S = 180.0
PING, PONG = 9, 10
CHANNEL = "bench:fan-out"
FLOOR = "bare Redis pub/sub and as many writes, same run"

WORLD = """
from datetime import datetime, timezone
from apps.agents.services import create_agent
from apps.calls.models import Call
from media_workers.contract.agent import AgentConfig, ScriptModel, ScriptNode
from telephony.edge.services import ensure_node, new_token
from tenants.scope import tenant_scope
from tenants.services import create_api_key, create_tenant
tenant = create_tenant(name="Bench", slug="bench")
token = new_token()
node = ensure_node("bench", token)
with tenant_scope(tenant.pk):
    call = Call(direction="inbound", state="ringing", node=node, ringing_at=datetime.now(timezone.utc))
    call.save()
print("WORLD", create_api_key(tenant=tenant, name="bench", scopes=["calls.read"])[1], token, call.pk)
"""

Figure = dict[str, Any]


@dataclass(frozen=True)
class World:
    """A running control plane with one call."""

    port: int
    redis_url: str
    key: str
    token: str
    call_id: UUID


def run() -> list[Figure]:
    with serving() as world:
        ours, bare = uvloop.run(_measure(world))
    return [
        _figure("live.fanout_1000_viewers_ms", ours, bare, 0.99),
        _figure("live.fanout_1000_viewers_p50_ms", ours, bare, 0.5),
    ]


async def _measure(world: World) -> tuple[list[float], list[float]]:
    """For each event how long it took to the last viewer, and the same without us; in ms."""
    async with (
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{world.port}", trust_env=False) as http,
        _bare_server(world.redis_url) as bare_port,
    ):
        watching = _Audience()
        await watching.open(world.port, "/ws/v1/calls/", world.key, b'"snapshot"')
        floor = _Audience()
        await floor.open(bare_port, "/", world.key, b"welcome")
        client = redis.from_url(world.redis_url)
        ours, bare = [], []
        for seq in range(1, EVENTS + 1):
            marker = f"utterance {seq:04}".encode()
            body = _batch(world.call_id, seq, marker.decode())
            ours.append(await watching.time(marker, lambda body=body: _post(http, world, body)))
            frame = _frame(_TEXT % marker)
            bare.append(await floor.time(marker, lambda frame=frame: client.publish(CHANNEL, frame)))
            await asyncio.sleep(PAUSE_S)
        await client.aclose()
    return ours[5:], bare[5:]


async def _post(http: httpx.AsyncClient, world: World, body: dict[str, Any]) -> None:
    headers = {"Authorization": f"Bearer {world.token}"}
    answer = await http.post(f"/internal/v1/calls/{world.call_id}/events", json=body, headers=headers)
    answer.raise_for_status()


def _batch(call_id: UUID, seq: int, text: str) -> dict[str, Any]:
    if seq == 1:
        body: dict[str, Any] = {"type": "answered", "codec": text}
    else:
        body = {"type": "turn", "index": seq, "speaker": "agent", "text": text, "start_ms": 0, "end_ms": 900}
    event = {"seq": seq, "at": datetime.now(UTC).isoformat(), "body": body}
    return {"call_id": str(call_id), "node": "bench", "events": [event]}


# --- a thousand clients ---------------------------------------------------------------------------------


class _Audience:
    """Clients that read no more of what they are sent than whether it is what is waited for."""

    def __init__(self) -> None:
        self._marker = b""
        self._missing = 0
        self._all = asyncio.Event()
        self._viewers: list[_Viewer] = []

    async def open(self, port: int, path: str, key: str, welcome: bytes) -> None:
        """Returns when every client has been sent `welcome`."""
        loop = asyncio.get_running_loop()
        self._expect(welcome)
        for at in range(0, VIEWERS, 50):
            made = [
                loop.create_connection(lambda: _Viewer(self, path, key), "127.0.0.1", port) for _ in range(50)
            ]
            self._viewers += [viewer for _, viewer in await asyncio.gather(*made)]
            async with asyncio.timeout(PATIENCE_S):
                while self._missing > VIEWERS - at - 50:
                    await asyncio.sleep(0.01)

    async def time(self, marker: bytes, send: Callable[[], Awaitable[Any]]) -> float:
        """How long until every client has been sent `marker`, in ms."""
        self._expect(marker)
        begin = time.perf_counter()
        async with asyncio.timeout(PATIENCE_S):
            _, took = await asyncio.gather(send(), self._all_since(begin))
        return took

    async def _all_since(self, begin: float) -> float:
        await self._all.wait()
        return (time.perf_counter() - begin) * 1000

    def _expect(self, marker: bytes) -> None:
        self._marker, self._missing = marker, VIEWERS
        self._all.clear()

    def heard(self, data: bytes) -> None:
        if self._marker in data:
            self._missing -= 1
            if not self._missing:
                self._all.set()


class _Viewer(asyncio.Protocol):
    def __init__(self, audience: _Audience, path: str, key: str) -> None:
        self._audience = audience
        self._hello = (
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}\r\n"
            f"Sec-WebSocket-Version: 13\r\nAuthorization: Bearer {key}\r\n\r\n"
        ).encode()
        self._open = False
        self._data = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        transport.write(self._hello)  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        self._data += data
        if not self._open:
            _, end, rest = self._data.partition(b"\r\n\r\n")
            if not end:
                return
            self._open, self._data = True, rest
            self._send(_frame(b'{"type":"subscribe"}', masked=True))
        while frame := _first_frame(self._data):
            opcode, payload, self._data = frame
            if opcode == PING:
                self._send(_frame(payload, opcode=PONG, masked=True))
            else:
                self._audience.heard(payload)

    def _send(self, frame: bytes) -> None:
        self._transport.write(frame)  # type: ignore[attr-defined]


# --- the floor ------------------------------------------------------------------------------------------

_TEXT = (
    b'{"type": "event", "call": "call_00000000000000000000000000000000", "seq": 1, "at":'
    b' "2026-01-01T00:00:00+00:00", "state": "in_progress", "event": {"type": "turn", "index": 1, "speaker":'
    b' "agent", "text": "%s", "start_ms": 0, "end_ms": 900, "interrupted": false, "dtmf": false,'
    b' "confidence": null, "latency": null}}'
)

BARE = """
import asyncio, sys, uvloop, redis.asyncio as redis
class Server(asyncio.Protocol):
    all = set()
    def connection_made(self, transport):
        self.transport = transport
        self.all.add(transport)
    def data_received(self, data):
        if data.startswith(b"GET"):
            self.transport.write(b"HTTP/1.1 101 Switching Protocols\\r\\n\\r\\n")
        else:
            self.transport.write(b"\\x81\\x07welcome")
async def main():
    pubsub = redis.from_url(sys.argv[1]).pubsub()
    await pubsub.subscribe(sys.argv[2])
    server = await asyncio.get_running_loop().create_server(Server, "127.0.0.1", 0, backlog=2048)
    print(server.sockets[0].getsockname()[1], flush=True)
    async for message in pubsub.listen():
        if message["type"] == "message":
            for transport in Server.all:
                transport.write(message["data"])
uvloop.run(main())
"""


@contextlib.asynccontextmanager
async def _bare_server(redis_url: str):
    """A process that writes what a Redis channel brings to every socket."""
    process = subprocess.Popen(
        [sys.executable, "-c", BARE, redis_url, CHANNEL], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        yield int(await asyncio.to_thread(process.stdout.readline))
    finally:
        process.kill()
        process.wait()


def _first_frame(data: bytes) -> tuple[int, bytes, bytes] | None:
    """Opcode and payload of the frame that `data` begins with, and what follows; None: it is not whole."""
    if len(data) < 4:
        return None
    size, at = data[1], 2
    if size == 126:
        size, at = int.from_bytes(data[2:4]), 4
    whole = len(data) >= at + size
    return (data[0] & 0x0F, data[at : at + size], data[at + size :]) if whole else None


def _frame(payload: bytes, *, opcode: int = 1, masked: bool = False) -> bytes:
    """A WebSocket frame (RFC 6455, section 5.2) of less than 64 KiB."""
    first, bit, size = 0x80 | opcode, (0x80 if masked else 0), len(payload)
    head = bytes([first, bit | size]) if size < 126 else bytes([first, bit | 126]) + size.to_bytes(2)
    # A mask of zeros changes nothing.
    return head + (bytes(4) if masked else b"") + payload


# --- the program ----------------------------------------------------------------------------------------


@contextlib.contextmanager
def serving() -> Iterator[World]:
    """Servers of its own and one uvicorn; all gone afterwards."""
    sys.path.insert(0, str(ROOT / "platform"))
    from config.local.environment import local_secrets
    from config.local.ports import free_port
    from config.local.servers import LocalServers

    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 65_536), hard))
    folder = Path(tempfile.mkdtemp(prefix="trunkline-bench-"))
    folder.chmod(0o711)  # PostgreSQL runs as another user when we are root
    port = free_port()
    with contextlib.ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        servers = LocalServers(folder, durable=False)
        env = os.environ | servers.start()
        stack.callback(servers.stop)
        env |= local_secrets(env) | {
            "DATA_DIR": str(folder),
            "WEB_PORT": str(port),
            "SOCKETS_PER_PRINCIPAL": "1000000",
            "SOCKETS_PER_TENANT": "1000000",
            "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'platform'}",
        }
        _manage(env, "migrate", "--verbosity", "0")
        told = _manage(env, "shell", "--no-imports", "-c", WORLD)
        key, token, call_id = told.partition("WORLD")[2].split()[:3]
        log = stack.enter_context((folder / "web.log").open("wb"))
        command = [sys.executable, "-m", "uvicorn", "config.asgi:application", "--no-access-log"]
        web = subprocess.Popen(
            [*command, "--host", "127.0.0.1", "--port", str(port)], env=env, cwd=ROOT, stdout=log, stderr=log
        )
        stack.callback(web.wait)
        stack.callback(web.kill)
        _wait_for_web(port)
        yield World(port, env["REDIS_URL"], key, token, UUID(call_id))


def _manage(env: dict[str, str], *arguments: str) -> str:
    command = [sys.executable, str(ROOT / "manage.py"), *arguments]
    done = subprocess.run(command, env=env, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"manage.py {arguments[0]} failed:\n{done.stderr[-2_000:]}")
    return done.stdout


def _wait_for_web(port: int) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        with contextlib.suppress(httpx.TransportError):
            if httpx.get(f"http://127.0.0.1:{port}/healthz", trust_env=False).is_success:
                return
        time.sleep(0.1)
    raise TimeoutError("the web server did not answer")


def _figure(name: str, ours: list[float], bare: list[float], share: float) -> Figure:
    value, floor = percentile(ours, share), percentile(bare, share)
    return {
        "name": name,
        "value": round(value, 2),
        "unit": "ms",
        "better": "lower",
        "goal": None,
        "peer": FLOOR,
        "peer_value": round(floor, 2),
        "ratio": round(value / floor, 2),
    }
