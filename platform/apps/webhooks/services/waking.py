"""A word to the workers that something is to be delivered."""

from __future__ import annotations

import contextlib

import redis
import structlog
from celery import current_app
from django.core.cache import cache
from django.db import connection, transaction
from kombu.exceptions import OperationalError as BrokerDown

log = structlog.get_logger(__name__)

DELIVER = "webhooks.deliver"
_SAID = "webhooks:said"
_HOLDS_S = 1


def wake_after_commit() -> None:
    """Once for a transaction. Beat would find the deliveries within a second: a broker that is down keeps
    nobody waiting."""
    if not any(entry[1] is _wake for entry in connection.run_on_commit):
        transaction.on_commit(_wake, robust=True)


def looking() -> None:
    """Whoever tells of something from now on says so anew. Call it before looking at what is due."""
    with contextlib.suppress(redis.RedisError, OSError):
        cache.delete(_SAID)


def _wake() -> None:
    """Not again while nobody has looked since the last time: a thousand calls that end are not a thousand
    messages, and without a worker the broker does not fill."""
    try:
        if cache.add(_SAID, 1, timeout=_HOLDS_S):
            current_app.send_task(DELIVER, expires=5)
    except (redis.RedisError, BrokerDown, OSError) as error:
        log.warning("webhooks_not_woken", error=type(error).__name__)
