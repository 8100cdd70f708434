"""PostgreSQL, Valkey and one web process of ours for a benchmark, as `manage.py up` starts them."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Web:
    """A running web process: where it is, and what it was told."""

    url: str
    env: dict[str, str]


@contextlib.contextmanager
def serving_web(
    prepare: Callable[[Path, dict[str, str]], None], *, kept: str = "", durable: bool = True
) -> Iterator[Web]:
    """Servers of its own and one uvicorn, all gone afterwards; `prepare` fills the database before it starts.

    `kept` names a folder whose data stay. Not `durable`: PostgreSQL waits for no disk.
    """
    sys.path.insert(0, str(ROOT / "platform"))
    from config.local.environment import local_secrets
    from config.local.ports import free_port
    from config.local.servers import LocalServers

    folder = Path(kept or tempfile.mkdtemp(prefix="trunkline-bench-"))
    folder.mkdir(exist_ok=True)
    folder.chmod(0o711)  # PostgreSQL runs as another user when we are root
    port = free_port()
    with contextlib.ExitStack() as stack:
        if not kept:
            stack.callback(shutil.rmtree, folder, ignore_errors=True)
        servers = LocalServers(folder, durable=durable)
        env = os.environ | servers.start()
        stack.callback(servers.stop)
        env |= local_secrets(env) | {
            "DATA_DIR": str(folder),
            "WEB_PORT": str(port),
            "API_REQUESTS_PER_MINUTE": "1000000",
            "LOG_FORMAT": "json",
            "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'platform'}",
        }
        prepare(folder, env)
        log = stack.enter_context((folder / "web.log").open("wb"))
        command = [sys.executable, "-m", "uvicorn", "config.asgi:application", "--no-access-log"]
        web = subprocess.Popen(
            [*command, "--host", "127.0.0.1", "--port", str(port)], env=env, cwd=ROOT, stdout=log, stderr=log
        )
        stack.callback(web.wait)
        stack.callback(web.terminate)
        url = f"http://127.0.0.1:{port}"
        _wait_for(lambda: httpx.get(f"{url}/healthz", trust_env=False, timeout=30).is_success)
        yield Web(url, env)


def manage(env: dict[str, str], *arguments: str) -> str:
    """What a management command printed. RuntimeError with its last words when it failed."""
    done = subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), *arguments],
        env=env,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"manage.py {arguments[0]} failed:\n{done.stderr[-2_000:]}")
    return done.stdout


def _wait_for(ready: Callable[[], bool], timeout_s: float = 60.0) -> None:
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        with contextlib.suppress(httpx.TransportError):
            if ready():
                return
        time.sleep(0.1)
    raise TimeoutError("the web server did not answer")
