"""What a configuration would make of past calls; nothing is stored."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from apps.agents.configuration import misplaced_in
from apps.agents.models import Agent
from apps.analysis.errors import ReadingFailed
from apps.analysis.reading.vendors import Reader
from apps.analysis.selectors import conversation_of, wanted_now
from apps.analysis.services.beginning import nothing_to_read
from apps.analysis.services.readers import reader_of, result_of
from apps.analysis.transcript import Conversation
from apps.analysis.wanted import Wanted, Wishes
from apps.calls.models import Call
from apps.calls.states import CallState
from tenants.errors import InvalidInput

MOST = 5


@dataclass(frozen=True, slots=True)
class Trial:
    """A call as it will be read; `problem` says why it cannot be."""

    call: Call
    conversation: Conversation
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Trials:
    trials: list[Trial]
    wanted: Wanted
    reader: Reader | None


def wishes_in(data: object) -> Wanted:
    """InvalidFields with the place of each fault under `config`."""
    try:
        wishes = Wishes.model_validate(data)
    except ValidationError as error:
        raise misplaced_in(data, error, field="config") from error
    return Wanted(tuple(wishes.extraction), wishes.analysis)


def prepare(
    *, agent: Agent, wanted: Wanted | None, calls: Sequence[UUID] | None = None, latest: int = 3
) -> Trials:
    """The calls `calls` of the agent, or its latest ones, and who reads them; in the tenant's scope.
    InvalidInput names a call that is none of the agent's; ReadingFailed without a key."""
    wanted = wanted or wanted_now(agent)
    rows = Call.objects.filter(agent=agent, state=CallState.ENDED).select_related("agent_version", "agent")
    if calls is None:
        found = list(rows.filter(answered_at__isnull=False).order_by("-pk")[:latest])
    else:
        known = {call.pk: call for call in rows.filter(pk__in=calls)}
        for place, call_id in enumerate(calls):
            if call_id not in known:
                raise InvalidInput(
                    "This agent has had no such call that is over.", field=f"calls.{place}", code="unknown"
                )
        found = [known[call_id] for call_id in dict.fromkeys(calls)]
    return Trials([_trial(call) for call in found], wanted, _reader(wanted))


def results(trials: Trials) -> list[dict[str, Any]]:
    """What comes of each, the columns of an analysis; `problem` where nothing does. Outside any
    transaction."""
    with ThreadPoolExecutor(max_workers=MOST) as pool:
        return list(pool.map(lambda trial: _result(trial, trials), trials.trials))


def _trial(call: Call) -> Trial:
    conversation = conversation_of(call)
    problem = nothing_to_read(call) or ("" if conversation.lines else "Nobody said anything.")
    return Trial(call, conversation, problem)


def _reader(wanted: Wanted) -> Reader | None:
    try:
        return reader_of(wanted)
    except ReadingFailed as failed:
        raise InvalidInput(failed.words, field="config.analysis.model", code="no_key") from failed


def _result(trial: Trial, trials: Trials) -> dict[str, Any]:
    if trial.problem:
        return {"problem": trial.problem}
    try:
        result = result_of(trial.conversation, trials.wanted, trials.reader)
    except ReadingFailed as failed:
        return {"problem": failed.words}
    return result.as_columns() | {"problem": ""}
