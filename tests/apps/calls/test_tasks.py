from __future__ import annotations

import pytest
import redis
from django.conf import settings

from apps.calls import tasks
from apps.calls.models import Call
from config.celery import app
from media_workers.contract.calls import JOB_STREAM
from tests.apps.calls.wire import fresh


def test_beat_asks_for_a_task_that_exists() -> None:
    app.loader.import_default_modules()
    entry = settings.CELERY_BEAT_SCHEDULE["reconcile-calls"]
    assert app.tasks[entry["task"]].run.__name__ == tasks.reconcile_calls.run.__name__
    assert entry["schedule"] == 5.0
    assert entry["options"]["queue"] in {queue.name for queue in settings.CELERY_TASK_QUEUES}


def test_a_round(queued: Call, valkey: redis.Redis) -> None:
    """Without an internal API nothing is concluded of nodes; the queue is looked after all the same."""
    tasks.reconcile_calls()
    assert valkey.exists(JOB_STREAM)
    assert fresh(queued.pk).state == "queued"


@pytest.mark.django_db(transaction=True)
def test_the_time_has_come_to_dial(queued: Call, valkey: redis.Redis) -> None:
    tasks.enqueue_dial_job(str(queued.tenant_id), str(queued.pk))
    ((entry, _),) = valkey.xrange(JOB_STREAM)[-1:]
    assert fresh(queued.pk).job_id == entry.decode()
