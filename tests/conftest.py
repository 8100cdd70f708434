"""Servers and settings for the tests.

Without DATABASE_URL or REDIS_URL a run gets servers of its own in a temporary folder, started once
and shared by all xdist workers, each with a database of its own. The role is the program's own, so
that row-level security is exercised for real. `var/` is never touched.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import django
import pytest
import uuid6

from config.local.environment import local_secrets
from config.local.servers import LocalServers


def _start_servers() -> LocalServers | None:
    """Starts what the environment does not name, and names it there: xdist workers inherit it."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        return None
    folder = Path(tempfile.mkdtemp(prefix="trunkline-test-"))
    folder.chmod(0o711)  # PostgreSQL runs as another user when we are root
    servers = LocalServers(
        folder,
        postgres=not os.environ.get("DATABASE_URL"),
        valkey=not os.environ.get("REDIS_URL"),
        durable=False,
    )
    os.environ.update(servers.start())
    os.environ["DATA_DIR"] = str(folder)
    for name, value in local_secrets(os.environ).items():
        os.environ.setdefault(name, value)
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    return servers


# At import, because the conftest files of subfolders import models.
_servers = _start_servers()
django.setup()


@pytest.fixture(autouse=True)
def _ids_follow_the_clock() -> None:
    """uuid7 never goes back: after a test that travelled into the future, ids would stay there."""
    uuid6._last_v7_timestamp = None


def pytest_unconfigure(config: pytest.Config) -> None:
    if _servers is not None:
        _servers.stop()
        shutil.rmtree(_servers.data_dir, ignore_errors=True)
