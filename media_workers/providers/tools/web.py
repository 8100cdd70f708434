"""Requests to addresses that tenants have typed in: guarded, bounded, nothing of one left for the next."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpx2

from media_workers.providers import sharing
from media_workers.providers.outside import http_options

MOST_BYTES = 1_000_000
"""Of one answer; the model is given a fiftieth of it at most."""

LIMITS = httpx2.Limits(max_connections=200, max_keepalive_connections=40, keepalive_expiry=60.0)
AGENT = "Trunkline"
AGAIN_AFTER_S = 0.2

IDEMPOTENT = frozenset({"GET", "PUT", "DELETE", "HEAD", "OPTIONS"})


class NoAnswer(Exception):
    """The text is for the model and for people."""


@dataclass(frozen=True, slots=True)
class Answer:
    """`cut`: the rest of the body was not read."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    cut: bool = False

    @property
    def media_type(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


class Web:
    """The connections that all calls of a loop share."""

    def __init__(self, *, public_only: bool) -> None:
        # Two tenants may speak to the same server: what it would have one of them remember is not kept.
        forgetful = CookieJar(DefaultCookiePolicy(allowed_domains=[]))
        options = http_options(LIMITS, public_only=public_only, most_bytes=2 * MOST_BYTES)
        self.client = httpx2.AsyncClient(**options, cookies=forgetful, headers={"User-Agent": AGENT})

    async def ask(
        self, method: str, url: str, *, headers: Mapping[str, str], content: bytes | None, timeout_s: float
    ) -> Answer:
        """All of it within `timeout_s`. Asked once more when the connection fails, and nothing has been sent
        or may be sent twice. Raises `NoAnswer`."""
        try:
            async with asyncio.timeout(timeout_s):
                try:
                    return await self._ask(method, url, headers, content)
                except httpx2.TransportError as error:
                    if not _may_repeat(method, error):
                        raise
                    await asyncio.sleep(AGAIN_AFTER_S)
                    return await self._ask(method, url, headers, content)
        except TimeoutError:
            raise NoAnswer(f"the server did not answer within {timeout_s:g} s") from None
        except httpx2.TimeoutException:
            raise NoAnswer("the server did not answer in time") from None
        except (httpx2.HTTPError, httpx2.InvalidURL, ValueError) as error:
            raise NoAnswer(_words(error)) from None

    async def _ask(self, method: str, url: str, headers: Mapping[str, str], content: bytes | None) -> Answer:
        request = self.client.build_request(
            method, url, headers=dict(headers), content=content, timeout=httpx2.Timeout(None)
        )
        response = await self.client.send(request, stream=True)
        try:
            body, cut = await _start_of(response)
            return Answer(response.status_code, response.headers, body, cut)
        finally:
            await response.aclose()

    async def close(self) -> None:
        await self.client.aclose()


def web(*, public_only: bool) -> Web:
    """The running loop's."""
    return sharing.shared(("tools", public_only), lambda: Web(public_only=public_only))


async def _start_of(response: httpx2.Response) -> tuple[bytes, bool]:
    body = bytearray()
    async for chunk in response.aiter_raw():
        body += chunk
        if len(body) > MOST_BYTES:
            return bytes(body[:MOST_BYTES]), True
    return bytes(body), False


def _may_repeat(method: str, error: httpx2.TransportError) -> bool:
    if "public internet" in str(error) or isinstance(error, httpx2.TimeoutException):
        return False
    return isinstance(error, httpx2.ConnectError) or method in IDEMPOTENT


def _words(error: Exception) -> str:
    """Without the request: its address and headers may hold what nobody is to read."""
    if isinstance(error, httpx2.ConnectError):
        reason = str(error)
        known = "public internet" in reason or "looked up" in reason
        return f"the server cannot be reached: {reason}" if known else "the server cannot be reached"
    if isinstance(error, httpx2.DecodingError):
        return "the server's answer is packed, though that was not asked for"
    if isinstance(error, httpx2.TransportError):
        return "the connection to the server broke"
    return "the request cannot be sent as it is"
