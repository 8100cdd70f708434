"""Requests to addresses that a customer wrote: never into our own network."""

from __future__ import annotations

import functools
import socket
import time
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError, NewConnectionError, ReadTimeoutError

from media_workers.contract.addresses import is_public

TIMEOUT_S = 5
_PIECE = 64 * 1024


class _Guarded:
    """Looks at every address before it connects, and at the peer afterwards: a name may change meanwhile."""

    host: str
    port: int
    _dns_host: str

    def _new_conn(self) -> socket.socket:
        try:
            found = socket.getaddrinfo(self._dns_host, self.port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise NewConnectionError(self, f"the name cannot be resolved: {error}") from error  # type: ignore[arg-type]
        self._refuse_private(str(info[4][0]) for info in found)
        connection: socket.socket = super()._new_conn()  # type: ignore[misc]
        try:
            self._refuse_private([connection.getpeername()[0]])
        except NewConnectionError:
            connection.close()
            raise
        return connection

    def _refuse_private(self, addresses: Any) -> None:
        if not all(is_public(address) for address in addresses):
            raise NewConnectionError(self, "the address is not a public one")  # type: ignore[arg-type]


class _GuardedHTTP(_Guarded, HTTPConnection):
    pass


class _GuardedHTTPS(_Guarded, HTTPSConnection):
    pass


class _HTTPPool(HTTPConnectionPool):
    ConnectionCls = _GuardedHTTP


class _HTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _GuardedHTTPS


class _Adapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _HTTPPool, "https": _HTTPSPool}


class TooLong(ValueError):
    """The answer has more bytes than it may."""


def body_of(answer: requests.Response, *, most: int, until: float) -> bytes:
    """What a streamed answer says, all of it before `until` (`time.monotonic`): the library's own limit is of
    each piece, and a server may send one byte at a time. Counted as it is unpacked, so that gigabytes packed
    into little end as well. Raises TooLong and what `requests` raises."""
    found = bytearray()
    try:
        while piece := answer.raw.read1(_PIECE, decode_content=True):
            found += piece
            if len(found) > most:
                raise TooLong
            if time.monotonic() > until:
                raise requests.Timeout("the answer takes too long")
    except ReadTimeoutError as error:
        raise requests.Timeout(str(error)) from error
    except HTTPError as error:
        raise requests.ConnectionError(str(error)) from error
    return bytes(found)


def guarded_session(*, allow_private: bool) -> requests.Session:
    """A session that reaches public addresses only, unless `allow_private`, and gives up after 5 s without
    an answer.

    No proxy of the environment is used: behind one the guard would see the proxy's address.
    """
    session = requests.Session()
    session.trust_env = False
    session.max_redirects = 3
    if not allow_private:
        session.mount("https://", _Adapter())
        session.mount("http://", _Adapter())
    session.request = functools.partial(session.request, timeout=TIMEOUT_S)  # type: ignore[method-assign]
    return session
