from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from django.conf import settings
from redis import Redis

from config.celery import app

PREFIX = settings.CELERY_BROKER_TRANSPORT_OPTIONS["global_keyprefix"]


@pytest.fixture
def broker() -> Iterator[Redis]:
    client = Redis.from_url(settings.REDIS_URL)
    wipe(client)
    yield client
    wipe(client)
    client.close()


def wipe(client: Redis) -> None:
    """Forget the two queues of this file, and what the broker knows of them."""
    for queue in ("billing", "webhooks"):
        for key in client.scan_iter(f"{PREFIX}*{queue}*"):
            client.delete(key)


def waiting(client: Redis, queue: str) -> list[str]:
    """Names of the tasks in `queue`."""
    messages = client.lrange(f"{PREFIX}{queue}", 0, -1)
    return [json.loads(m)["headers"]["task"] for m in messages]


def test_a_task_finds_its_queue_by_its_name(broker: Redis) -> None:
    app.send_task("webhooks.deliver", args=["some-id"])

    assert waiting(broker, "webhooks") == ["webhooks.deliver"]


def test_tasks_go_on_after_the_broker_was_wiped(broker: Redis) -> None:
    app.send_task("billing.settle", args=["first"])
    wipe(broker)

    app.send_task("billing.settle", args=["second"])

    assert waiting(broker, "billing") == ["billing.settle"]


def test_every_scheduled_task_exists() -> None:
    app.loader.import_default_modules()

    scheduled = {entry["task"] for entry in app.conf.beat_schedule.values()}
    assert scheduled
    assert scheduled <= set(app.tasks)


def test_a_task_that_a_dying_worker_had_is_run_again() -> None:
    assert app.conf.task_acks_late
    assert app.conf.task_reject_on_worker_lost
    assert {q.name for q in app.conf.task_queues} == {"dial", "after_call", "webhooks", "billing"}
