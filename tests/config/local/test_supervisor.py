"""Real child processes; what they print tells what happened to them."""

from __future__ import annotations

import io
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from config.local import supervisor as module
from config.local.console import Console
from config.local.errors import StartError
from config.local.supervisor import Program, Supervisor

LIMIT_S = 30.0


def program(name: str, code: str, **more: object) -> Program:
    return Program(name, [sys.executable, "-u", "-c", code], dict(os.environ), Path("/"), **more)  # type: ignore[arg-type]


class Watch:
    """A supervisor whose output is at hand."""

    def __init__(self) -> None:
        self.out = io.StringIO()
        self.supervisor = Supervisor(Console(self.out))

    @property
    def text(self) -> str:
        return self.out.getvalue()

    def until(self, condition: Callable[[], object]) -> None:
        deadline = time.monotonic() + LIMIT_S
        while not condition():
            assert time.monotonic() < deadline, self.text
            self.supervisor.step()


@pytest.fixture
def watch() -> object:
    watch = Watch()
    yield watch
    watch.supervisor.stop([])


def test_shows_what_both_outputs_say_to_the_last_word(watch: Watch) -> None:
    code = "import sys; print('out'); print('err', file=sys.stderr); print('no newline', end='')"
    watch.supervisor.run(program("one", code))
    assert watch.text.splitlines() == ["one      | out", "one      | err", "one      | no newline"]
    assert watch.supervisor.pids() == {}


def test_a_step_that_fails_is_named(watch: Watch) -> None:
    with pytest.raises(StartError, match="`migrate` failed"):
        watch.supervisor.run(program("migrate", "raise SystemExit(3)"))


def test_one_that_dies_starts_again_and_the_delay_grows(
    watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "FIRST_DELAY_S", 0.05)
    monkeypatch.setattr(module, "LONGEST_DELAY_S", 0.15)
    watch.supervisor.start(program("sick", "raise SystemExit(7)"))
    watch.until(lambda: watch.text.count("exit code 7") == 4)
    delays = re.findall(r"sick ended \(exit code 7\); starting it again in ([0-9.]+) s", watch.text)
    assert delays == ["0.05", "0.1", "0.15", "0.15"]


def test_one_that_lived_long_enough_starts_with_the_first_delay(
    watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "FIRST_DELAY_S", 0.05)
    monkeypatch.setattr(module, "HEALTHY_S", 0.0)
    watch.supervisor.start(program("sick", "raise SystemExit(7)"))
    watch.until(lambda: watch.text.count("exit code 7") == 3)
    assert set(re.findall(r"again in ([0-9.]+) s", watch.text)) == {"0.05"}


def test_a_killed_one_says_by_what(watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FIRST_DELAY_S", 0.05)
    watch.supervisor.start(program("web", "import os, time; print('pid', os.getpid()); time.sleep(600)"))
    watch.until(lambda: "pid" in watch.text)
    first = watch.supervisor.pids()["web"]
    os.kill(first, signal.SIGKILL)
    watch.until(lambda: watch.text.count("pid") == 2)
    assert "web ended (SIGKILL)" in watch.text
    assert watch.supervisor.pids()["web"] != first


def test_waits_until_all_are_ready(watch: Watch, tmp_path: Path) -> None:
    flag = tmp_path / "ready"
    code = f"import pathlib, time; pathlib.Path({str(flag)!r}).touch(); time.sleep(600)"
    watch.supervisor.start(program("web", code, ready=flag.exists))
    watch.supervisor.wait_ready(LIMIT_S)
    assert flag.exists()


def test_one_that_never_gets_ready_is_named(watch: Watch) -> None:
    watch.supervisor.start(program("fine", "import time; time.sleep(600)"))
    watch.supervisor.start(program("never", "import time; time.sleep(600)", ready=lambda: False))
    with pytest.raises(StartError, match=r"^never not ready after 1 s"):
        watch.supervisor.wait_ready(1)


TELLS_ITS_END = """
import signal, sys, time
def end(*_):
    print("ending"); sys.exit()
signal.signal(signal.SIGTERM, end)
print("up")
while True: time.sleep(0.05)
"""


def test_stops_group_after_group(watch: Watch) -> None:
    for name in ("first", "second", "third"):
        watch.supervisor.start(program(name, TELLS_ITS_END))
    watch.until(lambda: watch.text.count("up") == 3)
    watch.supervisor.stop([["third"], ["first", "absent"], ["second"]])
    assert re.findall(r"(\w+) +\| ending", watch.text) == ["third", "first", "second"]
    assert watch.supervisor.pids() == {}


def test_one_that_does_not_stop_is_ended_with_all_it_started(watch: Watch) -> None:
    code = (
        "import signal, subprocess, sys, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "print('child', child.pid)\n"
        "time.sleep(600)\n"
    )
    watch.supervisor.start(program("deaf", code, stop_limit_s=0.2))
    watch.until(lambda: re.search(r"child \d+\n", watch.text))
    found = re.search(r"child (\d+)", watch.text)
    assert found
    watch.supervisor.stop([["deaf"]])
    wait_gone(int(found[1]))


def test_a_second_signal_means_haste(watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    """A node that drains for an hour ends at SIGINT."""
    code = (
        "import signal, sys, time\n"
        "signal.signal(signal.SIGTERM, lambda *_: print('draining'))\n"
        "signal.signal(signal.SIGINT, lambda *_: (print('at once'), sys.exit()))\n"
        "print('up')\n"
        "while True: time.sleep(0.05)\n"
    )
    watch.supervisor.start(program("node", code, stop_limit_s=3600))
    watch.until(lambda: "up" in watch.text)
    watch.supervisor.stop_requests = 1

    class Impatient(io.StringIO):
        def write(self, text: str) -> int:
            if "draining" in text:
                watch.supervisor.stop_requests = 2
            return watch.out.write(text)

    watch.supervisor._console = Console(Impatient())
    watch.supervisor.stop([["node"]])
    assert watch.text.splitlines()[-2:] == ["node     | draining", "node     | at once"]


def wait_gone(pid: int) -> None:
    deadline = time.monotonic() + LIMIT_S
    while Path(f"/proc/{pid}").exists() and "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text():
        assert time.monotonic() < deadline, f"process {pid} is still there"
        time.sleep(0.02)


def test_children_die_with_a_killed_parent() -> None:
    code = (
        "import subprocess, sys, time\n"
        "from config.local.process import spawn\n"
        "child = spawn([sys.executable, '-c', 'import time; time.sleep(600)'], output=subprocess.DEVNULL)\n"
        "print(child.pid, flush=True)\n"
        "time.sleep(600)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        parent.kill()
    wait_gone(child)
