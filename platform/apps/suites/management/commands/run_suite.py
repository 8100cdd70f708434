"""`manage.py run_suite`: a test suite from the command line, for a pipeline; exit code 1 when it fails."""

from __future__ import annotations

import json
import time
from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from apps.agents.models import Agent
from apps.agents.selectors import get_version
from apps.suites.api.serializers import WholeRunSerializer
from apps.suites.models import CaseRun, CaseState, RunState, Suite, SuiteRun
from apps.suites.selectors import cases_of, get_run
from apps.suites.services.dispatch import advance
from apps.suites.services.runs import cancel_run, start_run
from tenants.errors import DomainError
from tenants.ids import from_public
from tenants.scope import platform_scope, tenant_scope

ASK_EVERY_S = 0.5
OVER = (CaseState.PASSED, CaseState.FAILED, CaseState.CANCELLED)


class Command(BaseCommand):
    """AGENT and SUITE by id or by name. Needs the running program: its media nodes play the cases."""

    help = "Run a test suite of an agent, and exit with 1 when it fails"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("agent", help="agt_... or its name")
        parser.add_argument("suite", help="suite_... or its name")
        source = parser.add_mutually_exclusive_group()
        source.add_argument("--version", dest="number", type=int, help="a published version")
        source.add_argument("--draft", action="store_true", help="the draft (default)")
        parser.add_argument("--json", action="store_true", help="print the run as the API shows it")
        parser.add_argument("--timeout", type=float, default=1800, help="seconds until it is cancelled")

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> Any:
        """`--version` is the agent's here, not Django's."""
        return super().create_parser(prog_name, subcommand, conflict_handler="resolve", **kwargs)

    def handle(self, *, agent: str, suite: str, **options: Any) -> None:
        found = _suite(agent, suite)
        try:
            with tenant_scope(found.tenant_id):
                number = options["number"]
                version = get_version(found.agent, number) if number is not None else None
                run = start_run(suite=found, version=version)
            run = self._follow(run, options["timeout"], quiet=options["json"])
        except DomainError as error:
            raise CommandError(error.detail) from error
        if options["json"]:
            with tenant_scope(run.tenant_id):
                run.shown_cases = cases_of(run)  # type: ignore[attr-defined]
                self.stdout.write(json.dumps(WholeRunSerializer(run).data, indent=2, default=str))
        else:
            self.stdout.write(f"{run.passed} of {run.total} cases passed ({run.public_id}).")
        if run.state != RunState.PASSED:
            raise SystemExit(1)

    def _follow(self, run: SuiteRun, timeout_s: float, *, quiet: bool) -> SuiteRun:
        shown: set[UUID] = set()
        deadline = time.monotonic() + timeout_s
        while True:
            advance(run.tenant_id, run.pk, again=False)
            with tenant_scope(run.tenant_id):
                run = get_run(run.pk)
                if run.state == RunState.RUNNING and time.monotonic() > deadline:
                    run = cancel_run(run=run)
                cases = cases_of(run)
            fresh = [case for case in cases if case.state in OVER and case.pk not in shown]
            shown.update(case.pk for case in fresh)
            for case in () if quiet else fresh:
                self.stdout.write(_line(case))
            if run.state != RunState.RUNNING:
                return run
            time.sleep(ASK_EVERY_S)


def _line(case: CaseRun) -> str:
    lines = [f"{case.state:<9} {case.name}"]
    lines += [f"          {case.problem}"] if case.problem else []
    lines += [f"          {failure['kind']}: {failure['detail']}" for failure in case.failures]
    return "\n".join(lines)


def _suite(agent: str, suite: str) -> Suite:
    """By ids or names; CommandError when they name nothing, or several."""
    with platform_scope():
        agents = Agent.objects.filter(archived_at=None)
        owner = _one(_by_id(agents, agent, Agent.id_prefix), agents.filter(name=agent), f"agent {agent!r}")
        suites = Suite.objects.filter(agent=owner).select_related("agent")
        return _one(_by_id(suites, suite, Suite.id_prefix), suites.filter(name=suite), f"suite {suite!r}")  # type: ignore[no-any-return]


def _by_id(rows: Any, text: str, prefix: str) -> list[Any]:
    try:
        return list(rows.filter(pk=from_public(prefix, text)))
    except ValueError:
        return []


def _one(by_id: list[Any], by_name: Any, what: str) -> Any:
    found = by_id or list(by_name[:2])
    if not found:
        raise CommandError(f"There is no {what}.")
    if len(found) > 1:
        raise CommandError(f"More than one {what}: give its id.")
    return found[0]
