"""How many sockets one person, one API key or one tenant holds open, over all web processes.

A seat is a lease in Redis that its socket renews with every look at its credentials. Redis holds nothing
here that may stop the sockets: without it, or after it was wiped, they open as if there were room.
"""

from __future__ import annotations

from uuid import uuid4

import redis
import structlog
from django.conf import settings

from apps.calls import streams
from tenants.principals import Principal

log = structlog.get_logger(__name__)

LEASE_S = 120
"""Longer than a few looks at the credentials: a process that died gives its seats back after this."""

_TAKE = """
local now = tonumber(redis.call('TIME')[1])
for i = 1, 2 do
  redis.call('ZREMRANGEBYSCORE', KEYS[i], '-inf', now)
  if not redis.call('ZSCORE', KEYS[i], ARGV[1]) and redis.call('ZCARD', KEYS[i]) >= tonumber(ARGV[2 + i]) then
    return i
  end
end
for i = 1, 2 do
  redis.call('ZADD', KEYS[i], now + ARGV[2], ARGV[1])
  redis.call('EXPIRE', KEYS[i], ARGV[2])
end
return 0
"""


class TooManySockets(Exception):
    """Whoever asks, or their tenant, holds as many as they may."""


class Seat:
    """One socket's place among those of its principal and tenant; its methods block on Redis."""

    def __init__(self) -> None:
        self._name = uuid4().hex
        self._keys: list[str] = []

    def take(self, principal: Principal) -> None:
        """Takes the place, or keeps it. TooManySockets when there is none left."""
        tenant = f"trunkline:sockets:{{{principal.tenant_id.hex}}}"
        keys = [f"{tenant}:{principal.public_id}", tenant]
        limits = [settings.SOCKETS_PER_PRINCIPAL, settings.SOCKETS_PER_TENANT]
        try:
            full = streams.client().eval(_TAKE, 2, *keys, self._name, LEASE_S, *limits)
        except redis.RedisError as error:
            log.warning("sockets_not_counted", error=type(error).__name__)
            return
        if full:
            who = "This person or API key" if full == 1 else "This tenant"
            limit = limits[int(full) - 1]
            raise TooManySockets(f"{who} has {limit} sockets open, which is the limit: close one first.")
        self._keys = keys

    def leave(self) -> None:
        """Gives the place back; without one nothing happens."""
        keys, self._keys = self._keys, []
        try:
            for key in keys:
                streams.client().zrem(key, self._name)
        except redis.RedisError as error:
            log.warning("socket_not_given_back", error=type(error).__name__)
