from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
import redis

from apps.calls import streams
from media_workers.contract.calls import JOB_GROUP, JOB_STREAM, CallCommand, CallJob, command_stream


def take(valkey: redis.Redis, count: int = 1) -> list[str]:
    """What a line does: reads the next jobs as a consumer of the group."""
    answer: Any = valkey.xreadgroup(JOB_GROUP, "node-1:1", {JOB_STREAM: ">"}, count=count)
    return [entry.decode() for entry, _ in answer[0][1]] if answer else []


def add(count: int) -> list[str]:
    return list(streams.add_jobs([uuid4() for _ in range(count)]).values())


def test_a_job_carries_the_calls_id(valkey: redis.Redis) -> None:
    call_id = uuid4()
    entry = streams.add_jobs([call_id])[call_id]
    assert valkey.xrange(JOB_STREAM) == [
        (entry.encode(), {b"job": CallJob(call_id=call_id).model_dump_json().encode()})
    ]


def test_nothing_to_add(valkey: redis.Redis) -> None:
    assert streams.add_jobs([]) == {}
    assert streams.waiting_jobs([]) == set()


def test_a_job_waits_until_a_line_is_given_it(valkey: redis.Redis) -> None:
    streams.ensure_group()
    entries = add(3)
    assert streams.waiting_jobs(entries) == set(entries)
    assert take(valkey, 2) == entries[:2]
    assert streams.waiting_jobs(entries) == {entries[2]}
    take(valkey)
    assert streams.waiting_jobs(entries) == set()


def test_jobs_added_before_the_group_are_given_to_lines(valkey: redis.Redis) -> None:
    entries = add(2)
    assert streams.waiting_jobs(entries) == set(entries)
    assert take(valkey, 5) == entries


def test_acknowledged_and_deleted_jobs_wait_for_nobody(valkey: redis.Redis) -> None:
    streams.ensure_group()
    entries = add(2)
    take(valkey)
    valkey.xack(JOB_STREAM, JOB_GROUP, entries[0])
    valkey.xdel(JOB_STREAM, *entries)
    assert streams.waiting_jobs(entries) == set()


def test_flushed_jobs_wait_for_nobody_even_when_new_ones_wait(valkey: redis.Redis) -> None:
    streams.ensure_group()
    old = add(2)
    valkey.flushdb()
    assert streams.waiting_jobs(old) == set()
    new = add(1)
    assert streams.waiting_jobs([*old, *new]) == set(new)
    assert take(valkey, 5) == new


def test_ids_that_are_no_entries(valkey: redis.Redis) -> None:
    assert streams.waiting_jobs(["", "1-1"]) == set()


def test_the_group_is_made_once(valkey: redis.Redis) -> None:
    streams.ensure_group()
    entry = add(1)
    take(valkey)
    streams.ensure_group()
    assert take(valkey) == []
    assert streams.waiting_jobs(entry) == set()


def test_a_broken_stream_is_not_hidden(valkey: redis.Redis) -> None:
    valkey.set(JOB_STREAM, "not a stream")
    with pytest.raises(redis.ResponseError, match="WRONGTYPE"):
        streams.ensure_group()


def test_a_command_goes_to_its_node(valkey: redis.Redis) -> None:
    command = CallCommand(call_id=uuid4(), action="say", text="Hello.")
    streams.send_command("node-9", command)
    ((_, fields),) = valkey.xrange(command_stream("node-9"))
    assert CallCommand.model_validate_json(fields[b"command"]) == command


def test_redis_that_is_down_is_told_soon(settings: Any) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    with pytest.raises(redis.ConnectionError):
        streams.add_jobs([uuid4()])
