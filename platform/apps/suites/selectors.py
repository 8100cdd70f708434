"""Reads of suites and their runs, in the tenant's scope."""

from __future__ import annotations

from uuid import UUID

from django.db.models import OuterRef, QuerySet, Subquery

from apps.agents.models import Agent, AgentVersion
from apps.suites.models import OPEN, CaseRun, Publication, RunState, Suite, SuiteRun
from tenants.errors import NotFound


def list_suites(agent: Agent) -> QuerySet[Suite]:
    """The suites of `agent` by name, each with `last_run_id`."""
    last = SuiteRun.objects.filter(suite=OuterRef("pk")).order_by("-id").values("pk")[:1]
    return Suite.objects.filter(agent=agent).annotate(last_run_id=Subquery(last))


def get_suite(suite_id: UUID, *, lock: bool = False) -> Suite:
    """A suite of an agent that is not archived. NotFound when there is none."""
    rows = Suite.objects.filter(agent__archived_at=None).select_related("agent")
    if lock:
        rows = rows.select_for_update(of=("self",), no_key=True)
    suite = rows.filter(pk=suite_id).first()
    if suite is None:
        raise NotFound("There is no such suite.")
    return suite


def gates_of(agent: Agent) -> list[Suite]:
    """The suites that a draft of `agent` must pass before it is published."""
    return [suite for suite in Suite.objects.filter(agent=agent, gate=True) if suite.cases]


def list_runs(suite: Suite) -> QuerySet[SuiteRun]:
    """Newest first."""
    return SuiteRun.objects.filter(suite=suite).select_related(
        "suite", "version", "started_by", "publication"
    )


def get_run(run_id: UUID, *, lock: bool = False) -> SuiteRun:
    """NotFound when there is none."""
    rows = SuiteRun.objects.select_related("suite__agent", "version", "started_by", "publication")
    if lock:
        rows = rows.select_for_update(of=("self",), no_key=True)
    run = rows.filter(pk=run_id).first()
    if run is None:
        raise NotFound("There is no such run.")
    return run


def cases_of(run: SuiteRun) -> list[CaseRun]:
    """In the suite's order."""
    return list(CaseRun.objects.filter(run=run).select_related("call").order_by("position"))


def open_cases(run: SuiteRun) -> QuerySet[CaseRun]:
    """Those that are not over."""
    return CaseRun.objects.filter(run=run, state__in=OPEN)


def running() -> QuerySet[SuiteRun]:
    return SuiteRun.objects.filter(state=RunState.RUNNING)


def list_publications(agent: Agent) -> QuerySet[Publication]:
    """Newest first."""
    rows = Publication.objects.filter(agent=agent)
    return rows.select_related("version", "asked_by").prefetch_related("runs__suite", "runs__version")


def get_publication(publication_id: UUID) -> Publication:
    """NotFound when there is none."""
    rows = Publication.objects.select_related("version", "asked_by")
    found = rows.prefetch_related("runs__suite", "runs__version").filter(pk=publication_id).first()
    if found is None:
        raise NotFound("There is no such publication.")
    return found


def runs_of_version(version: AgentVersion) -> list[SuiteRun]:
    """What its suites said of `version`, each suite's last run first: runs of the version itself, and those
    that it was published after."""
    direct = SuiteRun.objects.filter(version=version)
    before = SuiteRun.objects.filter(publication__version=version)
    rows = (direct | before).exclude(state=RunState.RUNNING).select_related("suite").order_by("-id")
    last: dict[UUID, SuiteRun] = {}
    for run in rows[:200]:
        last.setdefault(run.suite_id, run)
    return list(last.values())
