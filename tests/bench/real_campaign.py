"""A campaign of real calls, killed with -9 three times: a Celery worker, the media node, the database.

The whole program with servers of its own. A hundred contacts of the sandbox's crowd; afterwards the phones'
own log of INVITEs is held against the attempts.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

from tests.journeys import campaigning
from tests.journeys.client import Client
from tests.sip.ports import free_block, free_port

ROOT = Path(__file__).resolve().parents[2]
CONTACTS = 100
ENDINGS = (1, 7, 8, 9, 10, 99, 4, 3)
KILLS = {15: "celery", 40: "node", 65: "postgres"}
"""What is killed when so many contacts are done."""

UP_WITHIN_S = 600.0
"""A new database is migrated first."""

LIMIT_S = 900.0
TENANT = """
import json
from pathlib import Path
from apps.agents.services import create_agent, publish
from apps.numbers.services import assign_number
from media_workers.contract.agent import AgentConfig
from tenants.permissions import ALL_PERMISSIONS
from tenants.scope import platform_scope, tenant_scope
from tenants.services import create_api_key, create_tenant
with platform_scope():
    tenant = create_tenant(name="Bench", slug="bench")
with tenant_scope(tenant.pk):
    text = Path("platform/config/demo/reminder.json").read_text()
    agent = create_agent(name="Reminder", config=AgentConfig.model_validate(json.loads(text)))
    publish(agent=agent)
    number = assign_number(carrier="sandbox", e164="+12025552020")
    key = create_api_key(tenant=tenant, name="bench", scopes=ALL_PERMISSIONS)[1]
print("WORLD", key, agent.public_id, number.public_id)
"""

Figure = dict[str, Any]


def run() -> list[Figure]:
    with _program() as program:
        begin = time.monotonic()
        done, wrong = _campaign(program)
        took_s = time.monotonic() - begin
    for words in wrong:
        print(f"  {words}", flush=True)
    return [
        _figure("real_campaign.contacts_done", done, "contacts", "higher", CONTACTS),
        _figure("real_campaign.dialed_otherwise_than_attempts_say", len(wrong), "contacts", "lower", 0),
        _figure("real_campaign.took_s", took_s, "s", "lower", None),
    ]


class Program:
    """`manage.py up` in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        sip_port = free_block()
        self.folder, self.log = folder, folder / "up.log"
        self.url = f"http://127.0.0.1:{(port := free_port())}"
        own = {"DATABASE_URL", "REDIS_URL", "SECRET_KEY", "NODE_TOKEN", "FIELD_ENCRYPTION_KEYS"}
        self.env = {name: value for name, value in os.environ.items() if name not in own} | {
            "DATA_DIR": str(folder),
            "WEB_PORT": str(port),
            "SIP_PORT": str(sip_port),
            "SANDBOX_PORT": str(sip_port + 5),
            "RTP_PORT_FIRST": "16000",
            "RTP_PORT_LAST": "16998",
            "MEDIA_LINES": "4",
            "API_REQUESTS_PER_MINUTE": "1000000",
        }

    def state(self) -> dict[str, Any]:
        from config.local.stack import STATE_FILE

        try:
            found: dict[str, Any] = json.loads((self.folder / STATE_FILE).read_text())
        except (OSError, ValueError):
            return {}
        return found

    def kill(self, name: str) -> None:
        print(f"  killing {name} ...", flush=True)
        os.kill(self.state()["processes"][name], signal.SIGKILL)

    def shell(self, code: str) -> str:
        env = self.env | _read_env(self.folder / "local.env")
        command = [sys.executable, ROOT / "manage.py", "shell", "-v0", "-c", code]
        done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(done.stderr)
        return done.stdout


def _read_env(path: Path) -> dict[str, str]:
    from config.local.environment import read_env_file

    return dict(read_env_file(path))


@contextlib.contextmanager
def _program() -> Iterator[Program]:
    sys.path.insert(0, str(ROOT / "platform"))
    folder = Path(tempfile.mkdtemp(prefix="trunkline-bench-"))
    folder.chmod(0o711)  # PostgreSQL runs as another user when we are root
    program = Program(folder)
    with program.log.open("wb") as output:
        up = subprocess.Popen(
            [sys.executable, ROOT / "manage.py", "up"],
            cwd=ROOT,
            env=program.env,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        deadline = time.monotonic() + UP_WITHIN_S
        while not program.state().get("ready"):
            if up.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(program.log.read_text()[-2000:])
            time.sleep(0.2)
        yield program
    finally:
        up.terminate()
        up.wait(60)
        shutil.rmtree(folder, ignore_errors=True)


def _campaign(program: Program) -> tuple[int, list[str]]:
    """How many contacts are done at the end, and where attempts and phones disagree."""
    line = next(text for text in program.shell(TENANT).splitlines() if text.startswith("WORLD"))
    _, key, agent, caller = line.split()
    api = Client.open(program.url, key)
    numbers = campaigning.crowd(CONTACTS, ENDINGS)
    campaign = campaigning.make(api, agent=agent, caller=caller, numbers=numbers)
    api.post(f"/campaigns/{campaign}/start", {})
    kills = dict(KILLS)
    deadline = time.monotonic() + LIMIT_S
    progress: dict[str, Any] = {"done": 0, "state": ""}
    while progress["state"] != "completed" and time.monotonic() < deadline:
        time.sleep(0.5)
        # The database is away for a moment, and the API with it.
        with contextlib.suppress(httpx.HTTPError, AssertionError):
            progress = api.get(f"/campaigns/{campaign}/progress")
        for at in [at for at in kills if progress["done"] >= at]:
            program.kill(kills.pop(at))
    if kills:
        raise RuntimeError(f"never killed: {', '.join(kills.values())}")
    attempts = campaigning.listed(api, f"/campaigns/{campaign}/attempts")
    return progress["done"], campaigning.disagreements(attempts, campaigning.rung(program.log))


def _figure(name: str, value: float, unit: str, better: str, goal: float | None) -> Figure:
    figure = {"name": name, "value": value, "unit": unit, "better": better, "goal": goal}
    return figure | {"peer": None, "peer_value": None, "ratio": None}
