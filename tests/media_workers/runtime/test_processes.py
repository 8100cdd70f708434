import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from media_workers.runtime.processes import Busy, FileLock
from tests.sip.wait import until


def test_a_lock_belongs_to_one_process_until_it_ends(tmp_path: Path) -> None:
    path = tmp_path / "spool" / "line-0.lock"
    script = (
        "import sys, time; from pathlib import Path;"
        "from media_workers.runtime.processes import FileLock;"
        "FileLock(Path(sys.argv[1])).acquire(); print('held', flush=True); time.sleep(600)"
    )
    with subprocess.Popen([sys.executable, "-c", script, str(path)], stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        lock = FileLock(path)
        with pytest.raises(Busy):
            lock.acquire()
        with pytest.raises(Busy):
            lock.acquire(timeout_s=0.2)
        holder.kill()
        lock.acquire(timeout_s=30)
        lock.release()


def test_a_process_that_runs_no_python_any_more_is_ended() -> None:
    """The watchdog needs nothing of the process: here the interpreter itself is stuck."""
    script = (
        "import ctypes, signal; from media_workers.runtime.processes import set_watchdog;"
        "signal.signal(signal.SIGALRM, signal.SIG_DFL); set_watchdog(0.2);"
        "ctypes.PyDLL(None).sleep(600)"  # PyDLL: keeps the interpreter's lock
    )
    done = subprocess.run([sys.executable, "-c", script], timeout=60, check=False)
    assert done.returncode == -signal.SIGALRM


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_a_child_does_not_outlive_its_parent(how: signal.Signals) -> None:
    child = (
        "import signal, sys, time; from media_workers.runtime.processes import die_with_parent;"
        f"die_with_parent(signal.Signals({int(how)})); print('ready', flush=True); time.sleep(600)"
    )
    parent = (
        "import subprocess, sys; child = subprocess.Popen([sys.executable, '-c', sys.argv[1]]);"
        "print(child.pid, flush=True); child.wait()"
    )
    with subprocess.Popen([sys.executable, "-c", parent, child], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        pid = int(process.stdout.readline())
        assert process.stdout.readline() == b"ready\n"
        process.kill()
        until(lambda: not _alive(pid), "the child has ended")


def _alive(pid: int) -> bool:
    """A zombie that nobody has collected yet is dead."""
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False
