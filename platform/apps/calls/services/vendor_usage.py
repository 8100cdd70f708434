"""What vendors did for a call, by the accounts of its turns, and what that takes by their list prices."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from apps.billing.prices import Usage
from apps.calls.models import Call, Turn
from apps.vendors.names import PIPECAT, label_of
from apps.vendors.prices import Measure, unit_prices
from media_workers.contract.vendors import OWN_ENDPOINT, Kind


@dataclass(frozen=True, slots=True)
class Worker:
    """Who did a part of a call's work, by whose key."""

    kind: Kind
    vendor: str
    model: str
    own_key: bool

    @property
    def words(self) -> str:
        """``Deepgram nova-3``."""
        if self.vendor == PIPECAT:
            vendor, _, model = self.model.partition("/")
            return f"{label_of(vendor)} {model}".strip()
        return f"{label_of(self.vendor)} {self.model}".strip()


Work = dict[Kind, Counter[Measure]]


def usage_of(call: Call) -> list[Usage]:
    """Of the whole call, one of each vendor's model and unit; nothing of what has no price."""
    rows = Turn.objects.filter(call=call, account__isnull=False).order_by("index", "seq")
    return list(usage_in([account for account in rows.values_list("account", flat=True) if account]))


def usage_in(accounts: Iterable[Mapping[str, Any]]) -> Iterator[Usage]:
    """The same of the accounts (contract TurnAccount) of a call's turns, in their order."""
    done = _done(list(accounts))
    for worker in sorted(done, key=lambda w: (w.kind, w.vendor, w.model, w.own_key)):
        prices, counted = unit_prices(worker.kind, worker.vendor, worker.model), done[worker]
        if "cached_token" not in prices:
            counted["input_token"] += counted.pop("cached_token", 0)
        for measure, price in prices.items():
            if counted[measure]:
                yield Usage(
                    component=worker.kind,
                    what=worker.words[:200],
                    quantity=counted[measure],
                    unit=measure,
                    cost_micros=price.cost_micros,
                    per=price.per,
                    own_key=worker.own_key,
                )


def _done(accounts: list[Mapping[str, Any]]) -> dict[Worker, Counter[Measure]]:
    """What each did. Work of a turn that does not say who did it (one that nobody heard was carried to it) is
    of whoever does that kind of work next in the call, or else did last."""
    done: dict[Worker, Counter[Measure]] = defaultdict(Counter)
    last: dict[Kind, Worker] = {}
    waiting: Work = defaultdict(Counter)
    for account in accounts:
        workers = {worker.kind: worker for worker in map(_worker, account.get("served_by", []))}
        work = _work(account.get("usage", {}), speaks_itself="realtime" in workers or "realtime" in last)
        for kind, counted in work.items():
            if kind in workers:
                done[workers[kind]] += counted + waiting.pop(kind, Counter())
            elif kind in last:
                done[last[kind]] += counted
            else:
                waiting[kind] += counted
        last |= workers
    for kind, counted in waiting.items():
        if kind in last:
            done[last[kind]] += counted
    return done


def _worker(told: Mapping[str, Any]) -> Worker:
    vendor = told["vendor"]
    own = bool(told.get("own_key")) or vendor == OWN_ENDPOINT
    return Worker(cast(Kind, told["component"]), vendor, told.get("model", ""), own)


def _work(usage: Mapping[str, int], *, speaks_itself: bool) -> Work:
    """By kind. A model that hears and speaks itself has the tokens, and nobody else listens."""
    cached = min(usage.get("cached_tokens", 0), usage.get("input_tokens", 0))
    tokens: Counter[Measure] = Counter(
        {
            "input_token": usage.get("input_tokens", 0) - cached,
            "cached_token": cached,
            "output_token": usage.get("output_tokens", 0),
            "audio_input_token": usage.get("audio_input_tokens", 0),
            "audio_output_token": usage.get("audio_output_tokens", 0),
        }
    )
    spoken: Counter[Measure] = Counter({"character": usage.get("characters", 0)})
    heard: Counter[Measure] = Counter({"millisecond": usage.get("audio_ms", 0)})
    work: Work = (
        {"realtime": tokens, "tts": spoken} if speaks_itself else {"llm": tokens, "tts": spoken, "stt": heard}
    )
    return {kind: counted for kind, counted in work.items() if counted.total()}
