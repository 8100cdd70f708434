"""One running program for all journeys, in production mode: sources are checked, nothing is open."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from config.local.environment import BASE_DIR
from tests.journeys import agents
from tests.journeys.client import Client
from tests.journeys.stack import Stack

RECEPTION = "+12025552001"
UNPUBLISHED = "+12025552002"
DEAD_MODEL = "+12025552003"
OUTBOUND = "+12025552010"

MAKE_TENANT = """
from tenants.permissions import ALL_PERMISSIONS
from tenants.scope import platform_scope, tenant_scope
from tenants.services import create_api_key, create_tenant, create_user
with platform_scope():
    owner = create_user(email="owner@journeys.example")
    tenant = create_tenant(name="Journeys", slug="journeys", owner=owner)
with tenant_scope(tenant.pk):
    print(create_api_key(tenant=tenant, name="journeys", scopes=ALL_PERMISSIONS, created_by=owner)[1])
"""


@dataclass
class World:
    """The running program, its customer, and what the customer has set up."""

    stack: Stack
    api: Client
    reception: str
    reminder: str

    def caller(self, number: str, caller: str, script: list[dict[str, Any]], work: Path) -> ScriptedCaller:
        """A sandbox phone that calls `number` and plays `script`, in a process of its own."""
        path = work / f"{caller}.json"
        path.write_text(json.dumps({"voice": "rms", "steps": script}))
        host, port = self.stack.sip
        command = [sys.executable, "-m", "media_workers.sandbox", "call", "--script", str(path)]
        command += ["--to", f"sip:{number}@{host}:{port}", "--from", caller]
        return ScriptedCaller(
            subprocess.Popen(command, cwd=BASE_DIR, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        )

    def place(self, to_number: str, **fields: Any) -> str:
        """An outbound call's id."""
        body = {"from_number": OUTBOUND, "to_number": to_number, "agent": self.reminder, **fields}
        return str(self.api.post("/calls", body)["id"])


@dataclass
class ScriptedCaller:
    process: subprocess.Popen[bytes]

    def result(self, timeout_s: float = 120.0) -> dict[str, Any]:
        """How the call went for the caller."""
        output, errors = self.process.communicate(timeout=timeout_s)
        assert output, errors.decode()
        result: dict[str, Any] = json.loads(output)
        return result

    def stop(self) -> None:
        """For a caller whose other side has gone without a word."""
        self.process.kill()
        self.process.communicate()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The first of a worker waits for its program to start, and maybe for others that start theirs."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents and item.get_closest_marker("timeout") is None:
            item.add_marker(pytest.mark.timeout(300))


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """`manage.py up` with a tenant whose trunk takes calls from 127.0.0.1 only."""
    # Calls begin with money for ten seconds, so that those of some length are paid on.
    stack = Stack(tmp_path_factory.mktemp("journeys"), HOLD_SLICE_S="10")
    try:
        stack.start()
        api = Client.open(stack.web_url, stack.run(MAKE_TENANT).strip())
        yield _furnish(stack, api)
    finally:
        stack.stop()


def _furnish(stack: Stack, api: Client) -> World:
    reception = api.agent("Reception", agents.reception())
    reminder = api.agent("Reminder", agents.reminder())
    unpublished = api.agent("Unpublished", agents.reception(), publish=False)
    dead_model = api.agent("Dead model", agents.dead_model(port=9))
    host, port = "127.0.0.1", stack.sip_port + 5
    trunk = api.post(
        "/trunks",
        {
            "name": "Carrier",
            "gateways": [{"host": host, "port": port}],
            "allowed_addresses": ["127.0.0.1"],
            "max_calls_per_second": 10,
        },
    )
    for number, agent in ((RECEPTION, reception), (UNPUBLISHED, unpublished), (DEAD_MODEL, dead_model)):
        api.post("/numbers", {"carrier": "byoc", "e164": number, "trunk": trunk["id"], "agent": agent})
    api.post("/numbers", {"carrier": "sandbox", "e164": OUTBOUND, "agent": reminder})
    return World(stack, api, reception, reminder)
