"""Past calls analyzed anew: an estimate first, then given out in batches, counted, and done."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet, Sum
from django.db.models.functions import Length
from django.utils import timezone

from apps.agents.models import Agent
from apps.analysis.models import Analysis, AnalysisState, Rerun, RerunState
from apps.analysis.reading import prompt
from apps.analysis.reading.schema import answer_schema
from apps.analysis.selectors import get_rerun, wanted_now
from apps.analysis.services.beginning import wake_many
from apps.analysis.wanted import Wanted
from apps.calls.models import Call, Turn
from apps.calls.search import created
from apps.calls.states import CallState
from apps.vendors.catalog import offer_of
from media_workers.contract.analysis import AnalysisModel
from media_workers.contract.vendors import OWN_ENDPOINT
from tenants.errors import Conflict, InvalidInput
from tenants.scope import platform_scope, tenant_scope

BATCH = 250
BATCH_OF_A_MODEL = 8
"""Calls of a rerun that are given out together, to one worker: new calls must not stand behind a million old
ones. No more than two such batches wait."""

SAMPLED = 200
"""Calls whose length is looked at for an estimate."""

CHARACTERS_OF_A_TOKEN = 4
TURN_OVERHEAD = 20
TOKENS_OF_A_VALUE = 60
TOKENS_OF_THE_REST = 300
CANCELLED = "The rerun was cancelled before this call's turn came."


def estimate(*, agent: Agent, since: datetime | None = None, until: datetime | None = None) -> Rerun:
    """A rerun that has not begun: how many calls, and what a model would take for them. InvalidInput."""
    if since is not None and until is not None and until <= since:
        raise InvalidInput("`until` is not after `since`.", field="until")
    wanted = wanted_now(agent)
    if not wanted.analysis.enabled:
        raise Conflict("The agent's analysis is switched off: switch it on and publish.", code="switched_off")
    calls = calls_of(agent.pk, since, until)
    count = calls.count()
    return Rerun.objects.create(
        agent=agent,
        config=wanted.stored(),
        since=since,
        until=until,
        calls=count,
        estimate=_estimate(wanted, calls, count),
    )


def start(*, rerun_id: UUID) -> Rerun:
    """Begins what was estimated. Conflict when it has begun, or another of the agent's goes on."""
    rerun = get_rerun(rerun_id, lock=True)
    if rerun.state != RerunState.ESTIMATED:
        raise Conflict(f"This rerun is {rerun.state} already.", code="begun")
    # Two that are started at once wait for each other here.
    Agent.objects.select_for_update(no_key=True, of=("self",)).get(pk=rerun.agent_id)
    others = Rerun.objects.filter(agent_id=rerun.agent_id, state=RerunState.RUNNING)
    if others.exists():
        raise Conflict("Another rerun of this agent goes on: wait for it, or cancel it.", code="running")
    rerun.state, rerun.started_at = RerunState.RUNNING, timezone.now()
    rerun.calls = calls_of(rerun.agent_id, rerun.since, rerun.until).count()
    rerun.save(update_fields=["state", "started_at", "calls", "updated_at"])
    _give_out(rerun)
    return rerun


def cancel(*, rerun_id: UUID) -> Rerun:
    """Calls that wait keep what was known of them; those being read at the moment are finished. Conflict when
    it is over."""
    rerun = get_rerun(rerun_id, lock=True)
    if rerun.state in (RerunState.DONE, RerunState.CANCELLED):
        raise Conflict(f"This rerun is {rerun.state} already.", code="over")
    rerun.state, rerun.ended_at = RerunState.CANCELLED, timezone.now()
    rerun.save(update_fields=["state", "ended_at", "updated_at"])
    now = timezone.now()
    waiting = Analysis.objects.filter(Q(leased_until=None) | Q(leased_until__lt=now), rerun=rerun)
    waiting = waiting.filter(state=AnalysisState.WAITING)
    back = {"next_at": None, "leased_until": None, "rerun": None, "updated_at": now}
    waiting.filter(analyzed_at__isnull=False).update(state=AnalysisState.DONE, problem="", **back)
    waiting.filter(analyzed_at=None).update(state=AnalysisState.SKIPPED, problem=CANCELLED, **back)
    return rerun


def advance_all() -> int:
    """Gives out calls of every rerun that goes on, and ends those that have none left; how many go on."""
    with platform_scope():
        running = list(Rerun.objects.filter(state=RerunState.RUNNING).values_list("tenant_id", "pk"))
    for tenant_id, rerun_id in running:
        advance(tenant_id, rerun_id)
    return len(running)


def advance(tenant_id: UUID, rerun_id: UUID) -> None:
    """One step. How far it has come is written with what is given out: nothing is given out twice."""
    with tenant_scope(tenant_id):
        rows = Rerun.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
        rerun = rows.filter(pk=rerun_id, state=RerunState.RUNNING).first()
        if rerun is not None:
            _give_out(rerun)


def calls_of(agent_id: UUID, since: datetime | None, until: datetime | None) -> QuerySet[Call]:
    """Those that can be read, of an agent, made from `since` on and before `until`."""
    rows = Call.objects.filter(agent_id=agent_id, state=CallState.ENDED, answered_at__isnull=False)
    return created(rows, after=since, before=until)


def _give_out(rerun: Rerun) -> None:
    waiting = Analysis.objects.filter(rerun=rerun, state=AnalysisState.WAITING).count()
    size = BATCH_OF_A_MODEL if rerun.config["analysis"].get("model") else BATCH
    if waiting > size:
        return
    calls = calls_of(rerun.agent_id, rerun.since, rerun.until)
    # Calls that end from now on are analyzed anyway.
    calls = calls.filter(ended_at__lte=rerun.started_at)
    if rerun.last_call is not None:
        calls = calls.filter(pk__lt=rerun.last_call)
    batch = list(calls.order_by("-pk").values_list("pk", flat=True)[:size])
    if batch:
        _wait(rerun, batch)
        rerun.last_call = batch[-1]
        rerun.save(update_fields=["last_call", "updated_at"])
    elif not waiting:
        rerun.state, rerun.ended_at = RerunState.DONE, timezone.now()
        rerun.save(update_fields=["state", "ended_at", "updated_at"])


def _wait(rerun: Rerun, calls: list[UUID]) -> None:
    """What is known of the calls stays until it is replaced. One that is being read for another reason is
    read again: whoever is at it finds that it is no longer theirs."""
    now = timezone.now()
    new = [Analysis(call_id=call_id, state=AnalysisState.SKIPPED) for call_id in calls]
    Analysis.objects.bulk_create(new, ignore_conflicts=True)
    rows = Analysis.objects.filter(call_id__in=calls)
    rows.update(
        state=AnalysisState.WAITING,
        next_at=now,
        leased_until=None,
        attempts=0,
        problem="",
        anew=False,
        rerun=rerun,
        updated_at=now,
    )
    newest_first = list(rows.order_by("-call_id").values_list("pk", flat=True))
    wake_many(rerun.tenant_id, newest_first, at_once=bool(rerun.config["analysis"].get("model")))


# --- what it would take -----------------------------------------------------------------------------


def _estimate(wanted: Wanted, calls: QuerySet[Call], count: int) -> dict[str, object]:
    """By the length of some of the calls. Money in micro-units; None: nobody knows the price."""
    model = wanted.analysis.model
    if model is None:
        return {"prompt_tokens": 0, "completion_tokens": 0, "cost_micros": 0, "currency": "USD"}
    prompt_tokens = count * (_overhead(wanted) + _transcript(calls))
    values = len(wanted.fields) + len(wanted.analysis.criteria)
    completion = count * (TOKENS_OF_THE_REST + TOKENS_OF_A_VALUE * values)
    return {
        "prompt_tokens": prompt_tokens,
        "completion_tokens": completion,
        "cost_micros": _cost(model, prompt_tokens, completion),
        "currency": "USD",
    }


def _overhead(wanted: Wanted) -> int:
    """Tokens of what is the same for every call: the instructions and the schema."""
    text = prompt.instructions(wanted.analysis)
    schema = prompt.with_schema("", answer_schema(wanted.fields, wanted.analysis))
    return (len(text) + len(schema)) // CHARACTERS_OF_A_TOKEN


def _transcript(calls: QuerySet[Call]) -> int:
    """Tokens of an average transcript."""
    sample = list(calls.order_by("-pk").values_list("pk", flat=True)[:SAMPLED])
    if not sample:
        return 0
    turns = Turn.objects.filter(call_id__in=sample)
    characters = turns.aggregate(n=Sum(Length("text")))["n"] or 0
    return (characters + TURN_OVERHEAD * turns.count()) // CHARACTERS_OF_A_TOKEN // len(sample)


def _cost(model: AnalysisModel, prompt_tokens: int, completion_tokens: int) -> int | None:
    offer = offer_of("llm", model.provider, model.model) if model.provider != OWN_ENDPOINT else None
    prices = {price.unit: price.usd for price in offer.prices} if offer else {}
    read, written = prices.get("million_input_tokens"), prices.get("million_output_tokens")
    if read is None or written is None:
        return None
    return int(read * prompt_tokens + written * completion_tokens)
