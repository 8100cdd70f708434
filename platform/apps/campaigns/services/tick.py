"""One beat of the dialer."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import redis
import structlog
from celery import current_app
from kombu.exceptions import OperationalError as BrokerDown

from apps.campaigns.services.allotment import allot

log = structlog.get_logger(__name__)

ADVANCE = "campaigns.advance"


def tick(*, now: datetime) -> list[tuple[UUID, UUID]]:
    """Shares the free lines out, and has every campaign that has something to do advance.

    Two at once, one that is lost or repeated: harmless. Answers whom it asked.
    """
    busy = allot(now=now)
    for tenant_id, campaign_id in busy:
        try:
            current_app.send_task(ADVANCE, args=(str(tenant_id), str(campaign_id)), queue="dial", expires=5)
        except (redis.RedisError, BrokerDown) as error:
            log.warning("campaign_delayed", campaign=str(campaign_id), error=type(error).__name__)
            break
    return busy
