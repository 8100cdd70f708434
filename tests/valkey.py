"""Databases of the tests' Valkey that nobody else uses at the moment, not another test run either."""

from __future__ import annotations

import os
from urllib.parse import urlsplit

import redis

FIRST, LAST = 1, 7
"""The others are used by number: 0 by the tests themselves, 8 to 15 by fixtures, one for each worker."""

_TAKEN = "tests:database:{}"


def claim_database(server: str) -> str:
    """The address of an empty database of the server at `server`, this process's until `give_back`."""
    own = urlsplit(server).path.strip("/")
    with _client(server, 0) as registry:
        for number in range(FIRST, LAST + 1):
            if str(number) == own or not _claim(registry, number):
                continue
            with _client(server, number) as candidate:
                if candidate.dbsize() == 0:
                    return _address(server, number)
            registry.delete(_TAKEN.format(number))
    raise RuntimeError(f"no database of {FIRST} to {LAST} is free on the tests' Valkey")


def give_back(address: str) -> None:
    """Empties the database and lets others have it."""
    number = int(urlsplit(address).path.strip("/"))
    with _client(address, number) as database, _client(address, 0) as registry:
        database.flushdb()
        registry.delete(_TAKEN.format(number))


def _claim(registry: redis.Redis, number: int) -> bool:
    """Whether the database is this process's now."""
    name = _TAKEN.format(number)
    if registry.set(name, os.getpid(), nx=True):
        return True
    owner = int(registry.get(name) or 0)  # type: ignore[arg-type]
    if owner and not _lives(owner):  # a run that was killed
        registry.set(name, os.getpid())
        registry.execute_command("SELECT", number)
        registry.flushdb()
        registry.execute_command("SELECT", 0)
        return True
    return False


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _client(server: str, number: int) -> redis.Redis:
    return redis.Redis.from_url(_address(server, number), socket_timeout=10, single_connection_client=True)


def _address(server: str, number: int) -> str:
    return urlsplit(server)._replace(path=f"/{number}").geturl()
