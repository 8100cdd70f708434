"""A simulated phone network at the boundary of the job stream, in a process of its own.

``python -m tests.bench.phone_network [--claims]`` is a media node of many lines whose calls ring, are
answered and end by distributions, some hundred a second: it takes jobs as lines do, and moves the calls in
bulk, since it stands for machines that are not there. With --claims each call is claimed as lines claim it,
through every gate and rate.
"""

from __future__ import annotations

import argparse
import heapq
import json
import os
import random
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

sys.path[:0] = [str(Path(__file__).resolve().parents[2] / "platform")]

NODE = "bench-network"
LINES = 20_000
# Outcome, how often, and how long it takes (mean seconds, exponential, never below a tenth).
OUTCOMES = (
    ("callee_hung_up", 0.42, 2.0),
    ("no_answer", 0.30, 1.5),
    ("busy", 0.12, 0.3),
    ("rejected", 0.06, 0.5),
    ("unreachable", 0.06, 0.5),
    ("number_unknown", 0.04, 0.2),
)
ANSWERED = "callee_hung_up"
BEAT_S = 3.0

# In the order of ids: lines take calls one by one and lock no two, many at once could wait for each other.
_LOCK = "SELECT id FROM calls_call WHERE id = ANY(%s) ORDER BY id FOR UPDATE"
_TAKE = """
UPDATE calls_call SET state = 'dialing', dialing_at = now(), node_id = %s, line = 0
 WHERE id = ANY(%s) AND state = 'queued' RETURNING id
"""
_END = """
UPDATE calls_call SET state = 'ended', ended_at = now(), end_reason = t.reason,
       answered_at = CASE WHEN t.talked > 0 THEN now() - t.talked * interval '1 ms' END,
       duration_ms = t.talked, answered_by = CASE WHEN t.talked > 0 THEN 'human' ELSE '' END
  FROM unnest(%s::uuid[], %s::text[], %s::int[]) AS t(id, reason, talked)
 WHERE calls_call.id = t.id AND calls_call.state <> 'ended'
"""


class Network:
    """Calls in progress, by when they end."""

    def __init__(self, *, claims: bool, seed: int = 1) -> None:
        import django

        django.setup()
        from apps.calls import streams
        from telephony.edge.services import ensure_node, new_token

        self._rng = random.Random(seed)
        self._claims = claims
        self._ending: list[tuple[float, UUID, str, int]] = []
        self._redis = streams.client()
        streams.ensure_group()
        from tenants.scope import platform_scope

        with platform_scope():
            self._node = ensure_node(NODE, new_token())
        self._beaten_at = 0.0

    def run(self) -> None:
        while True:
            self._beat()
            self._take(self._jobs())
            self._end(time.monotonic())

    def _beat(self) -> None:
        from django.utils import timezone

        from media_workers.contract.calls import Heartbeat
        from telephony.edge.services import record_heartbeat, record_reach
        from tenants.scope import platform_scope

        if time.monotonic() - self._beaten_at < BEAT_S:
            return
        self._beaten_at = time.monotonic()
        told = Heartbeat(
            node=NODE,
            boot_id=UUID(int=1),
            sip_address="127.0.0.1:5060",
            lines=1,
            capacity=LINES,
            active=len(self._ending),
            calls=[call_id for _, call_id, _, _ in self._ending],
        )
        with platform_scope():
            record_heartbeat(self._node, told, now=timezone.now())
            record_reach(reachable=True, now=timezone.now() - timedelta(seconds=1))

    def _jobs(self) -> list[UUID]:
        from media_workers.contract.calls import JOB_GROUP, JOB_STREAM

        found: Any = self._redis.xreadgroup(JOB_GROUP, NODE, {JOB_STREAM: ">"}, count=500, block=50)
        entries = [entry for _, batch in found or [] for entry in batch]
        if entries:
            self._redis.xack(JOB_STREAM, JOB_GROUP, *[number for number, _ in entries])
        return [UUID(json.loads(fields[b"job"])["call_id"]) for _, fields in entries]

    def _take(self, calls: list[UUID]) -> None:

        if not calls:
            return
        if self._claims:
            taken = [call_id for call_id in calls if self._claimed(call_id)]
        else:
            taken = self._taken(calls)
        now = time.monotonic()
        for call_id in taken:
            reason, mean_s = self._outcome()
            lasts = max(0.1, self._rng.expovariate(1 / mean_s))
            talked = int(lasts * 1000) if reason == ANSWERED else 0
            heapq.heappush(self._ending, (now + lasts, call_id, reason, talked))

    def _taken(self, calls: list[UUID]) -> list[UUID]:
        """Again after a deadlock: the dialer notes jobs of many calls at once, in an order of its own."""
        from django.db import OperationalError, connection

        from tenants.scope import platform_scope

        while True:
            try:
                with platform_scope(), connection.cursor() as cursor:
                    cursor.execute(_LOCK, [calls])
                    cursor.execute(_TAKE, [self._node.pk, calls])
                    return [row[0] for row in cursor.fetchall()]
            except OperationalError as error:
                if "deadlock" not in str(error):
                    raise

    def _claimed(self, call_id: UUID) -> bool:
        from apps.calls.errors import CallUnknown
        from apps.calls.services import claim_call
        from media_workers.contract.calls import ClaimRequest

        try:
            return claim_call(self._node, call_id, ClaimRequest(node=NODE, line=0)) is not None
        except CallUnknown:
            return False

    def _outcome(self) -> tuple[str, float]:
        names = [(name, mean) for name, _, mean in OUTCOMES]
        return self._rng.choices(names, [weight for _, weight, _ in OUTCOMES])[0]

    def _end(self, now: float) -> None:
        from django.db import connection

        from tenants.scope import platform_scope

        over = []
        while self._ending and self._ending[0][0] <= now:
            over.append(heapq.heappop(self._ending)[1:])
        if over:
            ids, reasons, talked = zip(*over, strict=True)
            with platform_scope(), connection.cursor() as cursor:
                cursor.execute(_LOCK, [list(ids)])
                cursor.execute(_END, [list(ids), list(reasons), list(talked)])


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--claims", action="store_true")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    Network(claims=parser.parse_args().claims).run()


if __name__ == "__main__":
    main()
