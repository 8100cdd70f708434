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
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.db import connection
from pytest_django import DjangoDbBlocker

from config.local.environment import local_secrets
from config.local.servers import LocalServers
from tests.template import migrated_template


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

# The same algorithm, at the least that it takes: half a second a password is for attackers.
Argon2PasswordHasher.time_cost = 1
Argon2PasswordHasher.memory_cost = 8
Argon2PasswordHasher.parallelism = 1


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, django_db_blocker: DjangoDbBlocker
) -> None:
    """Of several workers the first migrates a database, and each has a copy of it."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        with django_db_blocker.unblock():
            connection.settings_dict["TEST"]["TEMPLATE"] = migrated_template()


@pytest.fixture(autouse=True)
def _ids_follow_the_clock() -> None:
    """uuid7 never goes back: after a test that travelled into the future, ids would stay there."""
    uuid6._last_v7_timestamp = None


def pytest_unconfigure(config: pytest.Config) -> None:
    if _servers is not None:
        _servers.stop()
        shutil.rmtree(_servers.data_dir, ignore_errors=True)
