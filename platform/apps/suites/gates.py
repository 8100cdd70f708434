"""What suites have to do with publishing and with calls: receivers of other domains' signals."""

from __future__ import annotations

from typing import Any

from apps.agents.models import Agent
from apps.calls.models import Call
from apps.suites.models import CaseRun
from apps.suites.services.enqueue import call_over_after_commit
from apps.suites.services.publications import hold, note_skipped
from tenants.models import User


def hold_publication(
    sender: object, *, agent: Agent, note: str, by: User | None, skip: bool, **_: object
) -> dict[str, Any] | None:
    """Receiver of `publication_asked`: the publication that waits for gating suites, as the API shows it."""
    from apps.suites.api.serializers import PublicationSerializer

    if skip:
        note_skipped(agent=agent, note=note)
        return None
    publication = hold(agent=agent, note=note, asked_by=by)
    return dict(PublicationSerializer(publication).data) if publication is not None else None


def call_is_over(sender: object, *, call: Call, **_: object) -> None:
    """Receiver of `call_finished`."""
    if not call.test:
        return
    for case in CaseRun.objects.filter(call=call):
        call_over_after_commit(case)
