"""Servers and settings for the tests.

Without DATABASE_URL or REDIS_URL a run gets servers of its own in a temporary folder, started once
and shared by all xdist workers, each with a database of its own; under `tests.serving` those that run
already. The role is the program's own, so that row-level security is exercised for real. `var/` is never
touched.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack

import django
import pytest
import uuid6
from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.db import connection
from django.test import TransactionTestCase
from pytest_django import DjangoDbBlocker

from tests.serving import FOLDER, servers
from tests.template import copy_of_template

# xdist's workers inherit them from the process that started them. Held at import, because the conftest
# files of subfolders import models.
_running = ExitStack()
if "PYTEST_XDIST_WORKER" not in os.environ and FOLDER not in os.environ:
    _running.enter_context(servers())
django.setup()

# The same algorithm, at the least that it takes: half a second a password is for attackers.
Argon2PasswordHasher.time_cost = 1
Argon2PasswordHasher.memory_cost = 8
Argon2PasswordHasher.parallelism = 1


@pytest.fixture(autouse=True, scope="session")
def _emptied_by_deleting() -> None:
    from tests.emptying import empty_database

    TransactionTestCase._fixture_teardown = empty_database  # type: ignore[attr-defined]


@pytest.fixture(scope="session")
def django_db_setup(request: pytest.FixtureRequest, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Each process of a run with several has a copy of one migrated database; nothing is migrated again.

    A process alone has pytest-django's own database, which `--reuse-db` and `--create-db` are about.
    """
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker is None:
        request.getfixturevalue("django_db_setup")
        yield
        return
    with copy_of_template(worker) as name:
        connection.settings_dict["NAME"] = settings.DATABASES["default"]["NAME"] = name
        yield
        with django_db_blocker.unblock():
            connection.close()


@pytest.fixture(autouse=True)
def _ids_follow_the_clock() -> None:
    """uuid7 never goes back: after a test that travelled into the future, ids would stay there."""
    uuid6._last_v7_timestamp = None


def pytest_unconfigure(config: pytest.Config) -> None:
    _running.close()
