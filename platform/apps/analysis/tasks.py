"""Background work of the analysis. Each may run twice, and after a restart again."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task

from apps.analysis.services.beginning import RUN, RUN_MANY
from apps.analysis.services.reruns import advance_all
from apps.analysis.services.running import run, run_due, run_many


@shared_task(name=RUN, ignore_result=True)
def run_analysis(tenant_id: str, analysis_id: str) -> None:
    """Analyzes one call."""
    run(UUID(tenant_id), UUID(analysis_id))


@shared_task(name=RUN_MANY, ignore_result=True)
def run_analyses(tenant_id: str, analysis_ids: list[str], at_once: bool) -> None:
    """Analyzes some calls of a rerun."""
    run_many(UUID(tenant_id), [UUID(one) for one in analysis_ids], at_once=at_once)


@shared_task(name="analysis.look", ignore_result=True)
def look() -> None:
    """Finds what waits or was lost, and goes on with reruns. Beat asks every 2 s; two at once do no harm."""
    run_due()
    advance_all()
