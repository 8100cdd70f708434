"""One attempt: a request to a tenant's server, and what came of it, in words where it failed.

Whatever the server does, it is over after TOTAL_S and 64 KB. A 2xx counts as soon as its head is there: what
follows in the body is only kept to be shown.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import httpx
from django.utils import timezone

from apps.webhooks.services.messages import Message
from tenants.outbound_async import CONNECT_S
from tenants.standard_webhooks import signed

USER_AGENT = "Trunkline-Webhooks/1"
TOTAL_S = 10.0
BODY_S = 2.0
"""For the body of an answer, once its head is there."""

MOST_READ = 64 * 1024
MOST_KEPT = 4 * 1024
MOST_HEADERS = 40
LONGEST_HEADER = 500
HIDDEN = "••••"

UNREADABLE = "The secrets of this endpoint cannot be read: tell support, or make it anew."
TOO_SLOW = f"No answer within {TOTAL_S:.0f} seconds."
NO_CONNECTION = f"No connection to the server within {CONNECT_S:.0f} seconds."
PRIVATE = "The address is private: it cannot be reached from here."
NO_NAME = "The name of the server cannot be found."
REFUSED = "The server refuses connections at this address and port."
UNREACHABLE = "The server cannot be reached."
VANISHED = "The server ended the connection without an answer."
NO_HTTP = "What the server answered is not HTTP."
BAD_TLS = "No encrypted connection to the server could be made."
GONE = "The server says that this address is gone (410)."
LONG_BODY = f"The rest of the answer, beyond {MOST_READ // 1024} KB, was not read."
SLOW_BODY = "The rest of the answer did not come in time; it was not waited for."
OWN_FAULT = "The request could not be made."


@dataclass(frozen=True, slots=True)
class Outcome:
    """`status` None: there was no answer. A `problem` of what was `delivered` is a remark only."""

    message: Message
    at: datetime
    took_ms: int
    status: int | None
    problem: str
    request_headers: Mapping[str, str]
    answer_headers: Mapping[str, str]
    answer: str

    @property
    def delivered(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    @property
    def gone(self) -> bool:
        """The receiver wants nothing more."""
        return self.status == 410


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    headers: Mapping[str, str]
    body: str
    cut: str


async def send(transport: httpx.AsyncBaseTransport, message: Message) -> Outcome:
    """Sends `message` once. Raises nothing: what goes wrong is in the outcome."""
    at, began = timezone.now(), time.monotonic()
    headers = headers_for(message, at) if message.keys else {}
    answer, problem = None, UNREADABLE
    if message.keys:
        try:
            async with asyncio.timeout(TOTAL_S) as limit:
                answer = await _exchange(transport, message, headers, limit)
            problem = _words(answer)
        except Exception as error:  # whatever it is, it is this attempt's
            problem = in_words(error)
    return Outcome(
        message=message,
        at=at,
        took_ms=round((time.monotonic() - began) * 1000),
        status=answer.status if answer else None,
        problem=problem[:500],
        request_headers=shown(headers, message.headers),
        answer_headers=answer.headers if answer else {},
        answer=answer.body if answer else "",
    )


def headers_for(message: Message, at: datetime) -> dict[str, str]:
    """The tenant's own, and ours."""
    return {
        **message.headers,
        "Content-Type": "application/json",
        "User-Agent": USER_AGENT,
        "Accept-Encoding": "identity",
        **signed(*message.keys, id=message.id, at=at, body=message.body),
    }


def shown(headers: Mapping[str, str], own: Mapping[str, str]) -> dict[str, str]:
    """Headers for the delivery log: the values of the tenant's own are secret."""
    return {name: HIDDEN if name in own else value for name, value in headers.items()}


async def _exchange(
    transport: httpx.AsyncBaseTransport, message: Message, headers: Mapping[str, str], limit: asyncio.Timeout
) -> _Answer:
    """A connection that was kept may be closed by the server in the moment that it is used. That is no
    failure of the server's: the request goes again, on a new one."""
    fresh = _Fresh()
    try:
        return await _once(transport, message, headers, limit, fresh)
    except (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError):
        if fresh.connected:
            raise
    return await _once(transport, message, headers, limit, fresh)


class _Fresh:
    """Whether a connection was made for a request; listens to what the library tells of its work."""

    connected = False

    async def __call__(self, event: str, _: Mapping[str, Any]) -> None:
        self.connected = self.connected or event == "connection.connect_tcp.started"


async def _once(
    transport: httpx.AsyncBaseTransport,
    message: Message,
    headers: Mapping[str, str],
    limit: asyncio.Timeout,
    fresh: _Fresh,
) -> _Answer:
    request = httpx.Request(
        "POST",
        message.url,
        headers=dict(headers),
        content=message.body,
        extensions={"timeout": {"connect": CONNECT_S}, "trace": fresh},
    )
    response = await transport.handle_async_request(request)
    until = limit.when() or 0.0
    limit.reschedule(None)  # from here on it is the body's time that runs, which ends no later
    try:
        body, cut = await _body(response, until)
    finally:
        await response.aclose()
    return _Answer(response.status_code, _kept_headers(response), body, cut)


async def _body(response: httpx.Response, until: float) -> tuple[str, str]:
    """The beginning of it as text, and why there is no more, in words."""
    found, cut = bytearray(), ""
    try:
        async with asyncio.timeout_at(min(until, asyncio.get_running_loop().time() + BODY_S)):
            async with aclosing(cast(AsyncGenerator[bytes, None], response.aiter_raw())) as pieces:
                async for piece in pieces:
                    found += piece
                    if len(found) > MOST_READ:
                        cut = LONG_BODY
                        break
    except (TimeoutError, httpx.HTTPError):
        cut = SLOW_BODY
    return storable(bytes(found[:MOST_KEPT]).decode("utf-8", "replace")), cut


def _kept_headers(response: httpx.Response) -> dict[str, str]:
    pairs = list(response.headers.items())[:MOST_HEADERS]
    return {storable(name)[:100]: storable(value)[:LONGEST_HEADER] for name, value in pairs}


def storable(text: str) -> str:
    """Without what PostgreSQL takes in no text."""
    return text.replace("\x00", "�")


def _words(answer: _Answer) -> str:
    """What is wrong with an answer; of a 2xx only that it was not read to its end."""
    if 200 <= answer.status < 300:
        return answer.cut
    if answer.status == 410:
        return GONE
    if 300 <= answer.status < 400:
        where = answer.headers.get("location", "")[:200]
        to = f" to {where}" if where else ""
        return (
            f"The server redirects ({answer.status}){to}. Redirects are not followed: give the final address."
        )
    return f"The server answered {answer.status}, not 2xx."


def in_words(error: BaseException) -> str:
    """Why there is no answer."""
    said = str(error)
    if isinstance(error, httpx.ConnectTimeout):
        return NO_CONNECTION
    if isinstance(error, TimeoutError | httpx.TimeoutException):
        return TOO_SLOW
    if isinstance(error, httpx.ConnectError):
        return _not_connected(error, said)
    if isinstance(error, httpx.RemoteProtocolError):
        return VANISHED if "disconnected" in said else NO_HTTP
    if isinstance(error, httpx.TransportError):
        return VANISHED
    return OWN_FAULT


def _not_connected(error: BaseException, said: str) -> str:
    if "not a public one" in said:
        return PRIVATE
    if "cannot be resolved" in said:
        return NO_NAME
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"The server's certificate is not valid: {cause.verify_message}."
        if isinstance(cause, ssl.SSLError):
            return BAD_TLS
        if isinstance(cause, ConnectionRefusedError):
            return REFUSED
    return UNREACHABLE


def _causes(error: BaseException | None) -> list[BaseException]:
    found: list[BaseException] = []
    while error is not None and error not in found:
        found.append(error)
        error = error.__cause__ or error.__context__
    return found
