"""The Redis streams between the planes: jobs to dial, commands to live calls.

Nothing here is the truth: the reconciler puts back what a flushed server forgot.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import cast
from uuid import UUID

import redis
from django.conf import settings

from media_workers.contract.calls import JOB_GROUP, JOB_STREAM, CallCommand, CallJob, command_stream

TIMEOUT_S = 2.0
JOBS_KEPT = 100_000
COMMANDS_KEPT = 1_000


@cache
def _client(url: str) -> redis.Redis:
    return redis.Redis.from_url(
        url, socket_timeout=TIMEOUT_S, socket_connect_timeout=TIMEOUT_S, health_check_interval=30
    )


def client() -> redis.Redis:
    """The process's client of REDIS_URL; one pool, safe between threads. Calls raise redis.RedisError."""
    return _client(settings.REDIS_URL)


def ensure_group() -> None:
    """Makes the job stream and its consumer group when they are missing; a group reads from the beginning."""
    try:
        client().xgroup_create(JOB_STREAM, JOB_GROUP, id="0", mkstream=True)
    except redis.ResponseError as error:
        if not str(error).startswith("BUSYGROUP"):
            raise


def add_jobs(call_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Asks the lines to dial these calls. The answer gives the stream entry of each."""
    ids = list(call_ids)
    with client().pipeline(transaction=False) as pipe:
        for call_id in ids:
            job = CallJob(call_id=call_id).model_dump_json()
            pipe.xadd(JOB_STREAM, {"job": job}, maxlen=JOBS_KEPT, approximate=True)
        return dict(zip(ids, [entry.decode() for entry in pipe.execute()], strict=True))


def waiting_jobs(job_ids: Iterable[str]) -> set[str]:
    """Those stream entries that exist and that no line has been given yet.

    An entry that was delivered, trimmed or flushed away waits for nobody: whoever had it must have
    claimed its call within seconds, or never will.
    """
    ids = [job_id for job_id in job_ids if job_id]
    delivered = _last_delivered()
    with client().pipeline(transaction=False) as pipe:
        for job_id in ids:
            pipe.xrange(JOB_STREAM, min=job_id, max=job_id, count=1)
        found = pipe.execute() if ids else []
    return {i for i, entries in zip(ids, found, strict=True) if entries and _order(i) > delivered}


def send_command(node: str, command: CallCommand) -> None:
    """Puts a command on the control stream of the node called `node`."""
    client().xadd(
        command_stream(node), {"command": command.model_dump_json()}, maxlen=COMMANDS_KEPT, approximate=True
    )


def _last_delivered() -> tuple[int, int]:
    ensure_group()
    groups = cast(list[dict[str, object]], client().xinfo_groups(JOB_STREAM))
    for group in groups:
        if group["name"] in (JOB_GROUP, JOB_GROUP.encode()):
            return _order(group["last-delivered-id"])
    return (0, 0)


def _order(entry_id: object) -> tuple[int, int]:
    text = entry_id.decode() if isinstance(entry_id, bytes) else str(entry_id)
    milliseconds, _, number = text.partition("-")
    return int(milliseconds), int(number or 0)
