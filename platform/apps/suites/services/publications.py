"""Publishing behind gates: the draft is published when its gating suites have passed it."""

from __future__ import annotations

from uuid import UUID

import pghistory
from django.db import IntegrityError, transaction
from django.utils import timezone

from apps.agents.models import Agent
from apps.agents.selectors import get_agent
from apps.agents.services import publish, review
from apps.suites.models import Publication, PublicationState, RunState, SuiteRun
from apps.suites.selectors import gates_of
from apps.suites.services.runs import start_run
from media_workers.contract.agent import AgentConfig
from tenants.audit.services import record
from tenants.errors import Conflict, DomainError, InvalidFields, InvalidInput
from tenants.models import User
from tenants.scope import tenant_scope

CHANGED = "The draft was changed while its suites ran: publish it again."


def hold(*, agent: Agent, note: str, asked_by: User | None) -> Publication | None:
    """Starts the gating suites of `agent`; it is published when they have passed. None: it has none.

    Conflict while another publication waits, InvalidFields when the draft cannot be published at all.
    """
    gates = gates_of(agent)
    if not gates:
        return None
    missing, _ = review(AgentConfig.model_validate(agent.draft))
    if missing:
        raise InvalidFields([InvalidInput(r.detail, field=f"config.{r.place}", code=r.code) for r in missing])
    try:
        with transaction.atomic():
            publication = Publication.objects.create(agent=agent, note=note, asked_by=asked_by)
    except IntegrityError as error:
        words = "The suites of an earlier publication run still: wait for them, or cancel one."
        raise Conflict(words, code="publication_running") from error
    for suite in gates:
        start_run(suite=suite, publication=publication, started_by=asked_by)
    return publication


def settle_publication(tenant_id: UUID, publication_id: UUID) -> None:
    """Publishes, or does not, once all its runs are over. Twice does no harm."""
    with tenant_scope(tenant_id):
        rows = Publication.objects.select_for_update(of=("self",), no_key=True).select_related("asked_by")
        publication = rows.filter(pk=publication_id, state=PublicationState.RUNNING).first()
        if publication is None:
            return
        runs = list(SuiteRun.objects.filter(publication=publication).select_related("suite"))
        if any(run.state == RunState.RUNNING for run in runs):
            return
        failed = [run.suite.name for run in runs if run.state == RunState.FAILED]
        if any(run.state == RunState.CANCELLED for run in runs):
            _end(publication, PublicationState.CANCELLED, "A run was cancelled.")
        elif failed:
            _end(publication, PublicationState.FAILED, f"Suites failed: {', '.join(failed)}.")
        else:
            _publish(publication, runs)


def _publish(publication: Publication, runs: list[SuiteRun]) -> None:
    by = publication.asked_by
    who = {"actor": by.public_id, "label": by.email, "kind": "user"} if by else {}
    try:
        with transaction.atomic(), pghistory.context(**who):
            agent = get_agent(publication.agent_id, lock=True)
            if any(run.config != agent.draft for run in runs):
                _end(publication, PublicationState.OUTDATED, CHANGED)
                return
            publication.version = publish(agent=agent, note=publication.note, created_by=by)
    except DomainError as error:
        _end(publication, PublicationState.FAILED, error.detail)
        return
    _end(publication, PublicationState.PUBLISHED)


def _end(publication: Publication, state: PublicationState, detail: str = "") -> None:
    publication.state, publication.detail, publication.ended_at = state, detail[:500], timezone.now()
    publication.save(update_fields=["state", "detail", "version", "ended_at", "updated_at"])


def note_skipped(*, agent: Agent, note: str) -> None:
    """An owner publishes without asking the gating suites: everybody can read why."""
    skipped = [suite.name for suite in gates_of(agent)]
    if not skipped:
        return
    if not note.strip():
        raise InvalidInput("Say why the suites are left out.", field="note", code="required")
    record("suites_skipped", of=agent, after={"suites": skipped, "note": note})
