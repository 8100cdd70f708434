"""So many requests a minute for each API key or person, counted in the cache."""

from __future__ import annotations

import time
from typing import Any

import structlog
from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from redis.exceptions import RedisError
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from tenants.principals import Person, Principal

log = structlog.get_logger(__name__)
WINDOW_S = 60


class PrincipalThrottle(BaseThrottle):
    """A counter per principal and minute; whoever gives no credentials is counted by address."""

    def allow_request(self, request: Request, view: Any) -> bool:
        self._wait_s = wait_after(request._request, _who(request))
        return self._wait_s is None

    def wait(self) -> float | None:
        return self._wait_s


def wait_after(request: HttpRequest, who: str) -> int | None:
    """Counts one request of `who`: None, or the seconds until the next minute when it is one too many.

    What is left is noted on the request for the RateLimit headers. Without the cache requests pass:
    it holds nothing that may stop the API.
    """
    limit: int = settings.API_REQUESTS_PER_MINUTE
    window, passed = divmod(time.time(), WINDOW_S)
    reset_s = max(1, round(WINDOW_S - passed))
    used = _count(f"throttle:{who}:{int(window)}")
    request.rate_limit = (limit, max(0, limit - used), reset_s)  # type: ignore[attr-defined]
    return None if used <= limit else reset_s


def _who(request: Request) -> str:
    if isinstance(request.auth, Principal | Person):
        return request.auth.public_id
    return f"address:{request.META.get('REMOTE_ADDR', '')}"


def _count(key: str) -> int:
    """How often `key` was counted, this time included; 0 when the cache cannot be reached."""
    try:
        # Django's `add` and `incr` would be three round trips for each request of the API.
        client = cache._cache.get_client(None, write=True)  # type: ignore[attr-defined]
        with client.pipeline(transaction=False) as pipe:
            pipe.set(cache.make_and_validate_key(key), 0, ex=2 * WINDOW_S, nx=True)
            pipe.incr(cache.make_and_validate_key(key))
            return int(pipe.execute()[1])
    except RedisError as error:
        log.warning("throttle_without_cache", error=str(error))
        return 0
