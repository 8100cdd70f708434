"""Against real sockets that answer, refuse, or keep silent."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import psycopg
import pytest

from config.local.errors import StartError
from config.local.ports import free_port
from config.local.ready import node_registered, sip_answers, web_answers


@contextmanager
def running(serve: Callable[[], object]) -> Iterator[None]:
    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield
    thread.join(10)
    assert not thread.is_alive()


@pytest.mark.parametrize(("status", "well"), [(200, True), (503, False)])
def test_web_is_ready_when_its_health_check_says_so(status: int, well: bool) -> None:
    paths = []

    class Health(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            paths.append(self.path)
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Health) as server, running(server.handle_request):
        assert web_answers(f"http://127.0.0.1:{server.server_port}") is well
    assert paths == ["/healthz"]


def test_web_is_not_ready_before_it_listens() -> None:
    assert not web_answers(f"http://127.0.0.1:{free_port()}")


@pytest.fixture
def peer() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
        peer.bind(("127.0.0.1", 0))
        peer.settimeout(10)
        yield peer


def test_any_sip_answer_will_do(peer: socket.socket) -> None:
    asked = []

    def answer() -> None:
        message, address = peer.recvfrom(2048)
        asked.append(message)
        peer.sendto(b"SIP/2.0 405 Method Not Allowed\r\n\r\n", address)

    with running(answer):
        assert sip_answers(*peer.getsockname())
    host, port = peer.getsockname()
    assert asked[0].startswith(f"OPTIONS sip:{host}:{port} SIP/2.0\r\nVia: SIP/2.0/UDP ".encode())
    assert asked[0].endswith(b"\r\nContent-Length: 0\r\n\r\n")


def test_who_answers_only_its_own_is_asked_from_their_address(peer: socket.socket) -> None:
    sources = []

    def answer() -> None:
        address = peer.recvfrom(2048)[1]
        sources.append(address[0])
        peer.sendto(b"SIP/2.0 200 OK\r\n\r\n", address)

    with running(answer):
        assert sip_answers(*peer.getsockname(), source="127.0.0.5")
    with running(answer):
        assert sip_answers(*peer.getsockname(), source="0.0.0.0")
    assert sources == ["127.0.0.5", "127.0.0.1"]


def test_silence_and_other_protocols_are_no_answer(peer: socket.socket) -> None:
    assert not sip_answers(*peer.getsockname())
    assert not sip_answers("127.0.0.1", free_port())
    peer.recvfrom(2048)

    def answer() -> None:
        peer.sendto(b"HTTP/1.1 400\r\n\r\n", peer.recvfrom(2048)[1])

    with running(answer):
        assert not sip_answers(*peer.getsockname())


@pytest.fixture
def nodes() -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """A database that knows one node, heard of some time ago."""
    name = f"nodes_{os.getpid()}"
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")  # type: ignore[arg-type]
    url = psycopg.conninfo.make_conninfo(os.environ["DATABASE_URL"], dbname=name)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE edge_medianode (name text, last_heartbeat_at timestamptz)")
        connection.execute("INSERT INTO edge_medianode VALUES ('node-1', '2026-01-01 00:00Z')")
        yield connection
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as server:
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")  # type: ignore[arg-type]


def test_a_node_counts_once_it_was_heard_of_again(nodes: psycopg.Connection[tuple[object, ...]]) -> None:
    url = psycopg.conninfo.make_conninfo(os.environ["DATABASE_URL"], dbname=nodes.info.dbname)
    registered = node_registered(url, "node-1")
    assert not registered()
    nodes.execute("UPDATE edge_medianode SET last_heartbeat_at = now() WHERE name = 'node-1'")
    assert registered()
    nodes.execute("DROP TABLE edge_medianode")
    assert not registered()
    with pytest.raises(StartError, match="cannot be asked"):
        node_registered(url, "node-1")
