"""Writes of suites."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import IntegrityError, transaction

from apps.agents.models import Agent
from apps.suites.cases import stored
from apps.suites.models import RunState, Suite, SuiteRun
from apps.suites.selectors import get_suite
from media_workers.contract.simulation import Case
from tenants.errors import Conflict, InvalidInput, LimitReached

MOST_SUITES = 50
"""Of an agent."""


def create_suite(*, agent: Agent, name: str, gate: bool = False, cases: Sequence[Case] = ()) -> Suite:
    """InvalidInput for a name that is taken, LimitReached."""
    if Suite.objects.filter(agent=agent).count() >= MOST_SUITES:
        raise LimitReached(f"An agent has {MOST_SUITES} suites at most.")
    suite = Suite(agent=agent, name=_name(name), gate=gate, cases=stored(cases))
    _save(suite)
    return suite


def change_suite(
    *,
    suite: Suite,
    name: str | None = None,
    gate: bool | None = None,
    cases: Sequence[Case] | None = None,
) -> Suite:
    """What is left out stays. Runs that have begun keep their cases."""
    fresh = get_suite(suite.pk, lock=True)
    fresh.name = fresh.name if name is None else _name(name)
    fresh.gate = fresh.gate if gate is None else gate
    fresh.cases = fresh.cases if cases is None else stored(cases)
    _save(fresh)
    return fresh


def delete_suite(*, suite: Suite) -> None:
    """With its runs. Conflict while one goes on."""
    if SuiteRun.objects.filter(suite=suite, state=RunState.RUNNING).exists():
        raise Conflict("The suite is running: cancel the run first, or wait.", code="running")
    suite.delete()


def _save(suite: Suite) -> None:
    try:
        with transaction.atomic():
            suite.save()
    except IntegrityError as error:
        words = "The agent has a suite of this name already."
        raise InvalidInput(words, field="name", code="duplicate") from error


def _name(name: str) -> str:
    if not name.strip():
        raise InvalidInput("Give the suite a name.", field="name")
    return name.strip()
