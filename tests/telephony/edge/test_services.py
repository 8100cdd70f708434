from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from uuid import UUID, uuid4

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from media_workers.contract.calls import Heartbeat, SipLine
from telephony.edge import services
from telephony.edge.models import ControlReach, MediaNode
from telephony.edge.selectors import dead_nodes, live_nodes, node_by_token, reachable_for
from telephony.edge.services import (
    InvalidNode,
    ensure_node,
    new_token,
    probe_control_api,
    record_heartbeat,
    record_reach,
)

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def beat(node: MediaNode, *, boot: int = 1, calls: tuple[UUID, ...] = ()) -> Heartbeat:
    return Heartbeat(
        node=node.name,
        boot_id=UUID(int=boot),
        sip_address="10.0.0.5:5060",
        lines=3,
        capacity=12,
        active=len(calls),
        draining=True,
        version="0.1.0",
        calls=list(calls),
        sip_lines=[SipLine(address="10.0.0.5:5060", capacity=4, active=1, life="2")],
    )


def names(nodes: object) -> list[str]:
    return [node.name for node in nodes]  # type: ignore[attr-defined]


# --- registration --------------------------------------------------------------------------------


def test_a_node_is_found_by_its_token_only(node: MediaNode, token: str) -> None:
    assert node_by_token(token) == node
    assert node_by_token(token[:-1] + "8") is None
    assert node_by_token("") is None


def test_the_token_itself_is_not_stored(node: MediaNode, token: str) -> None:
    stored = MediaNode.objects.values().get(pk=node.pk)
    assert not [v for v in stored.values() if isinstance(v, str) and len(v) > 12 and token.startswith(v)]
    assert token not in str(stored)


def test_registering_again_changes_the_token(node: MediaNode, token: str) -> None:
    other = new_token()
    assert ensure_node("node-1", other).pk == node.pk
    assert node_by_token(token) is None
    assert node_by_token(other) == node


@pytest.mark.parametrize("name", ["", "Node 1", "-a", "a-", "a/b", "x" * 64, "näme", "a\n"])
def test_a_bad_name_is_refused(db: None, name: str) -> None:
    with pytest.raises(InvalidNode, match=r"^name: "):
        ensure_node(name, new_token())
    assert not MediaNode.objects.exists()


@pytest.mark.parametrize("token", ["", "short", "x" * 31, "ü" * 40, "x" * 40 + "\n"])
def test_a_bad_token_is_refused(db: None, token: str) -> None:
    with pytest.raises(InvalidNode, match=r"^token: "):
        ensure_node("node-1", token)
    assert not MediaNode.objects.exists()


def test_the_command_prints_a_new_token_once(
    db: None, settings: object, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.NODE_TOKEN = ""  # type: ignore[attr-defined]
    call_command("ensure_node", "node-7")
    name, _, token = capsys.readouterr().out.strip().partition("=")
    assert name == "NODE_TOKEN"
    found = node_by_token(token)
    assert found is not None
    assert found.name == "node-7"


def test_the_command_takes_the_token_of_the_environment_and_keeps_it_to_itself(
    db: None, settings: object, token: str, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.NODE_TOKEN = token  # type: ignore[attr-defined]
    call_command("ensure_node", "node-7")
    assert node_by_token(token) is not None
    assert token not in capsys.readouterr().out


def test_the_command_says_what_is_wrong(db: None, settings: object) -> None:
    settings.NODE_TOKEN = "too short"  # type: ignore[attr-defined]
    with pytest.raises(CommandError, match="token: use at least 32"):
        call_command("ensure_node", "node-7")


# --- heartbeats ----------------------------------------------------------------------------------


def test_a_heartbeat_stores_what_the_node_says(node: MediaNode) -> None:
    carried = uuid4()
    assert record_heartbeat(node, beat(node, calls=(carried,)), now=NOW)
    node.refresh_from_db()
    assert (node.boot_id, node.sip_address, node.lines, node.capacity) == (
        UUID(int=1),
        "10.0.0.5:5060",
        3,
        12,
    )
    assert (node.active, node.draining, node.version, node.calls) == (1, True, "0.1.0", [carried])
    assert node.sip_lines == [{"address": "10.0.0.5:5060", "capacity": 4, "active": 1, "life": "2"}]
    assert node.last_heartbeat_at == NOW


def test_a_new_boot_is_told_once(node: MediaNode) -> None:
    told = [record_heartbeat(node, beat(node, boot=boot), now=NOW) for boot in (1, 1, 2, 2)]
    assert told == [True, False, True, False]


def test_the_lease_lasts_15_seconds(node: MediaNode) -> None:
    record_reach(reachable=True, now=after(-60))
    for seconds in range(-50, 31, 10):
        record_reach(reachable=True, now=after(seconds))
    record_heartbeat(node, beat(node), now=NOW)
    assert names(live_nodes(now=after(15))) == ["node-1"]
    assert names(dead_nodes(now=after(15))) == []
    assert names(live_nodes(now=after(15.1))) == []
    assert names(dead_nodes(now=after(15.1))) == ["node-1"]


def test_a_node_that_never_sent_a_heartbeat_dies_too(node: MediaNode) -> None:
    MediaNode.objects.update(created_at=NOW)
    record_reach(reachable=True, now=after(-1))
    record_reach(reachable=True, now=after(14))
    assert names(dead_nodes(now=after(15))) == []
    assert names(dead_nodes(now=after(16))) == ["node-1"]


# --- silence of the control plane is not silence of the node ----------------------------------------


def test_no_node_is_dead_before_anybody_looked(node: MediaNode) -> None:
    record_heartbeat(node, beat(node), now=NOW)
    assert names(dead_nodes(now=after(3600))) == []


def test_nodes_get_a_lease_after_the_api_was_away(node: MediaNode) -> None:
    record_reach(reachable=True, now=after(-30))
    record_reach(reachable=True, now=after(-15))
    record_heartbeat(node, beat(node), now=NOW)
    record_reach(reachable=False, now=after(5))
    record_reach(reachable=False, now=after(20))
    assert names(dead_nodes(now=after(20))) == []
    record_reach(reachable=True, now=after(25))
    assert names(dead_nodes(now=after(39))) == []
    record_reach(reachable=True, now=after(40))
    assert names(dead_nodes(now=after(40))) == ["node-1"]


def test_a_gap_between_looks_counts_as_absence(db: None) -> None:
    record_reach(reachable=True, now=NOW)
    record_reach(reachable=True, now=after(20))
    assert reachable_for(now=after(20)) == timedelta(seconds=20)
    record_reach(reachable=True, now=after(40.1))
    assert reachable_for(now=after(40.1)) == timedelta(0)


def test_reach_is_one_row(db: None) -> None:
    for seconds in range(3):
        record_reach(reachable=True, now=after(seconds))
    assert ControlReach.objects.count() == 1


# --- looking ----------------------------------------------------------------------------------------


@contextmanager
def api(status: int, hold: Event | None = None) -> Iterator[tuple[str, list[str]]]:
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            if hold is not None:
                hold.wait(30)
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        if hold is not None:
            hold.set()
        server.shutdown()
        server.server_close()
        thread.join()


def test_the_api_is_there() -> None:
    with api(204) as (url, asked):
        assert probe_control_api(url + "/")
    assert asked == ["/internal/v1/ping"]


@pytest.mark.parametrize("status", [200, 301, 404, 502, 503])
def test_somebody_else_answers_in_its_place(status: int) -> None:
    with api(status) as (url, _):
        assert not probe_control_api(url)


def test_nobody_answers() -> None:
    with api(204) as (url, _):
        pass
    assert not probe_control_api(url)


def test_an_api_that_hangs_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "PROBE_TIMEOUT_S", 0.2)
    with api(204, hold=Event()) as (url, _):
        assert not probe_control_api(url)
