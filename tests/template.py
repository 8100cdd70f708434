"""One migrated database that every test's own is a copy of: migrating takes many times as long."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from config.local.environment import BASE_DIR


def migrated_template() -> str:
    """The name of the database; the first to ask makes it, the other processes of the run wait."""
    url = os.environ["DATABASE_URL"]
    name = f"test_{urlsplit(url).path.lstrip('/')}_template"
    made = Path(os.environ["DATA_DIR"]) / "template.made"
    with made.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            _make(url, name)
            made.touch()
    return name


@contextmanager
def copy_of_template(suffix: str) -> Iterator[str]:
    """A new database's name; it is dropped afterwards."""
    url, template = os.environ["DATABASE_URL"], migrated_template()
    name = f"test_{urlsplit(url).path.lstrip('/')}_{suffix}"
    copy = sql.Identifier(name)
    drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(copy)
    make = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(copy, sql.Identifier(template))
    for statement in (drop, make):
        with psycopg.connect(url, autocommit=True) as server:
            server.execute(statement)
    yield name
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(drop)


def _make(url: str, name: str) -> None:
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    migrate = [sys.executable, str(BASE_DIR / "manage.py"), "migrate", "-v0"]
    env = os.environ | {"DATABASE_URL": urlunsplit(urlsplit(url)._replace(path=f"/{name}"))}
    subprocess.run(migrate, env=env, cwd=BASE_DIR, check=True)


if __name__ == "__main__":
    migrated_template()
