"""`manage.py up` as a person runs it: real processes on free ports, in a folder of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest

from config.local.environment import BASE_DIR
from config.local.ports import free_port
from tests.sip.ports import free_block

LIMIT_S = 120.0
PROCESSES = {"postgres", "valkey", "web", "node", "celery", "celery-webhooks", "beat", "sandbox"}
T = TypeVar("T")


def until(condition: Callable[[], T], what: Callable[[], str]) -> T:
    deadline = time.monotonic() + LIMIT_S
    while not (answer := condition()):
        assert time.monotonic() < deadline, what()
        time.sleep(0.05)
    return answer


def family(pid: int) -> set[int]:
    """The living descendants of a process and itself."""
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if fields[0] != "Z":
            children.setdefault(int(fields[1]), []).append(int(stat.parent.name))
    found, todo = {pid}, [pid]
    while todo:
        new = children.get(todo.pop(), [])
        found.update(new)
        todo += new
    return found


def alive(pids: set[int]) -> set[int]:
    def lives(pid: int) -> bool:
        try:
            return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
        except OSError:
            return False

    return {pid for pid in pids if lives(pid)}


class Up:
    """One `manage.py up` with its own folder and ports."""

    def __init__(self, folder: Path, **more: str) -> None:
        self.folder = folder
        self.web_port = free_port()
        outside = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "FIELD_ENCRYPTION_KEYS", "NODE_TOKEN")
        self.env = {name: value for name, value in os.environ.items() if name not in outside} | {
            "DATA_DIR": str(folder),
            "WEB_PORT": str(self.web_port),
            "SIP_PORT": str(free_port()),
            "SANDBOX_PORT": str(free_block(4)),
            "MEDIA_LINES": "1",
            "RTP_PORT_FIRST": "27000",
            "RTP_PORT_LAST": "27998",
            **more,
        }
        self.log = folder.with_suffix(".log")

    def manage(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Runs a command to its end."""
        return subprocess.run(
            [sys.executable, BASE_DIR / "manage.py", *arguments],
            env=self.env,
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
            check=False,
        )

    def start(self) -> subprocess.Popen[bytes]:
        with self.log.open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, BASE_DIR / "manage.py", "up"], env=self.env, stdout=log, stderr=log
            )
        until(lambda: self.state().get("ready") or process.poll() is not None, self.text)
        assert process.poll() is None, self.text()
        return process

    def state(self) -> dict[str, Any]:
        try:
            state: dict[str, Any] = json.loads((self.folder / "up.json").read_text())
        except OSError:
            return {}
        return state

    def text(self) -> str:
        return self.log.read_text(errors="replace")


@pytest.fixture
def up(open_folder: Path) -> Iterator[Up]:
    up = Up(open_folder / "data")
    yield up
    pid = up.state().get("pid")
    if pid and alive({pid}):  # only after a failure
        os.kill(pid, signal.SIGKILL)


def assert_one_sentence(answer: subprocess.CompletedProcess[str], *parts: str) -> None:
    assert answer.returncode != 0
    assert all(part in answer.stderr for part in parts), answer.stderr
    assert len(answer.stderr.strip().splitlines()) == 1, answer.stderr


def web_answers(up: Up) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{up.web_port}/healthz", timeout=5) as response:
            return bool(response.status == 200)
    except OSError:
        return False


@pytest.mark.timeout(400)
def test_starts_restarts_stops_and_starts_again(up: Up) -> None:
    process = up.start()
    assert set(up.state()["processes"]) == PROCESSES
    assert web_answers(up)
    assert f"http://127.0.0.1:{up.web_port}/api/v1/docs" in up.text()

    assert_one_sentence(up.manage("up"), f"runs already on {up.folder} (process {process.pid})")
    shown = up.manage(
        "shell", "-v", "0", "-c", "from tenants.models import User; print(User.objects.count())"
    )
    assert (shown.returncode, shown.stdout.strip()) == (0, "0"), shown.stderr

    known = {name: Path(f"/proc/{pid}/environ").read_bytes() for name, pid in up.state()["processes"].items()}
    assert all(b"NODE_TOKEN=" in known[name] for name in ("web", "node"))
    secrets = (b"SECRET_KEY=", b"FIELD_ENCRYPTION_KEYS=", b"DATABASE_URL=")
    assert all(secret in known["web"] and secret not in known["node"] for secret in secrets)

    first = up.state()["processes"]["web"]
    os.kill(first, signal.SIGKILL)
    until(lambda: up.state()["processes"].get("web", first) != first and web_answers(up), up.text)
    assert "web ended (SIGKILL)" in up.text()

    everything = family(process.pid)
    process.send_signal(signal.SIGINT)
    assert process.wait(LIMIT_S) == 0, up.text()
    assert alive(everything) == set()
    assert up.state() == {}
    assert_one_sentence(up.manage("showmigrations"), "DATABASE_URL", "up")

    # The second start finds its database as it was; then `up` itself is killed.
    process = up.start()
    assert "migrate" not in up.text()
    everything = family(process.pid)
    assert everything > {process.pid}
    process.kill()
    process.wait()
    until(lambda: not alive(everything), lambda: f"still alive: {alive(everything)}")
    assert_one_sentence(up.manage("showmigrations"), "DATABASE_URL", "up")


def test_a_taken_port_is_one_sentence(up: Up, taken_port: int) -> None:
    up.env["WEB_PORT"] = str(taken_port)
    assert_one_sentence(up.manage("up"), f"port {taken_port}", "WEB_PORT")


def test_a_wrong_number_is_one_sentence(up: Up) -> None:
    up.env["SIP_PORT"] = "five"
    assert_one_sentence(up.manage("up"), "SIP_PORT must be a whole number", "'five'")


def test_a_database_of_another_version_is_one_sentence(up: Up) -> None:
    data = up.folder / "postgres" / "data"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("15\n")
    assert_one_sentence(up.manage("up"), "made by PostgreSQL 15", "PostgreSQL 18")


def test_a_folder_that_cannot_be_made_is_one_sentence(up: Up) -> None:
    up.env["DATA_DIR"] = "/proc/trunkline"
    assert_one_sentence(up.manage("up"), "/proc")


@pytest.fixture
def full_disk(open_folder: Path) -> Iterator[Path]:
    mounted = open_folder / "full"
    mounted.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(mounted)]
    if subprocess.run(command, capture_output=True, check=False).returncode != 0:
        pytest.skip("a file system cannot be mounted here")
    yield mounted
    subprocess.run(["umount", "-l", str(mounted)], check=True)


def test_a_full_disk_is_one_sentence(full_disk: Path) -> None:
    assert_one_sentence(Up(full_disk / "data").manage("up"), "is full", "DATA_DIR")


def test_other_commands_say_what_they_miss(up: Up) -> None:
    assert_one_sentence(up.manage("migrate"), "manage.py up")
    up.env |= {
        "SECRET_KEY": "s",
        "FIELD_ENCRYPTION_KEYS": "A" * 43 + "=",
        "REDIS_URL": "redis://127.0.0.1/0",
        "DATABASE_URL": f"postgresql://nobody@127.0.0.1:{free_port()}/none",
    }
    answer = up.manage("migrate")
    assert answer.returncode == 1
    assert answer.stderr.splitlines()[-1].startswith("The database does not answer: start it")
    assert "Traceback" not in answer.stderr
