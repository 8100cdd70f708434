"""What is extracted of a call counts for its campaign, before the attempt is settled and after."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from apps.analysis.models import Analysis
from apps.analysis.services.running import run
from apps.analysis.signals import call_analyzed
from apps.calls.models import Call
from apps.campaigns.config import CampaignConfig, Condition, Goal
from apps.campaigns.goals import holds, values_of
from apps.campaigns.models import Attempt, Campaign, Contact, ContactState, Minute, Progress, Suppression
from apps.campaigns.outcomes import Outcome
from media_workers.contract.events import EndReason
from tests.apps.calls.conftest import agent, node, number, tenant, token, valkey  # noqa: F401
from tests.apps.campaigns.services.test_settling import calling, campaign, end, in_tenant, settled  # noqa: F401

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("valkey", "in_tenant")]


def extracted(attempt: Attempt, **values: Any) -> None:
    """The call is analyzed, and these were found."""
    told = {name: {"value": value} for name, value in values.items()}
    row, _ = Analysis.objects.update_or_create(
        call=attempt.call,
        defaults={
            "state": "done",
            "revision": 1,
            "values": told,
            "analyzed_at": timezone.now(),
            "next_at": None,
        },
    )
    call_analyzed.send(Analysis, call=Call.objects.select_for_update().get(pk=attempt.call_id), analysis=row)


def now_of(attempt: Attempt) -> tuple[Attempt, Contact, Progress]:
    attempt.refresh_from_db()
    return (
        attempt,
        Contact.objects.get(pk=attempt.contact_id),
        Progress.objects.get(campaign=attempt.campaign_id),
    )


def test_values_that_were_known_before_settling(calling: Any, end: Any) -> None:  # noqa: F811
    attempt = calling()
    end(attempt, EndReason.AGENT_HUNG_UP, answered=True)
    extracted(attempt, booked=True)
    attempt, contact, progress = settled(attempt)
    assert (attempt.converted, contact.converted, progress.converted) == (True, True, 1)


def test_the_goal_is_reached_after_all_and_once(
    calling: Any,  # noqa: F811
    end: Any,  # noqa: F811
    campaign: Campaign,  # noqa: F811
) -> None:
    attempt = calling()
    end(attempt, EndReason.AGENT_HUNG_UP, answered=True)
    attempt, contact, progress = settled(attempt)
    assert (attempt.converted, contact.state) == (False, ContactState.DONE)

    for _ in range(2):
        extracted(attempt, booked="yes")
        attempt, contact, progress = now_of(attempt)
        assert (attempt.converted, contact.converted, progress.converted) == (True, True, 1)
        assert progress.by_version[attempt.version.public_id]["converted"] == 1
        assert sum(Minute.objects.values_list("converted", flat=True)) == 1
    extracted(attempt, booked="no")
    assert now_of(attempt)[0].converted, "nothing is taken back"


def test_a_contact_that_waits_is_not_called_again(calling: Any, end: Any) -> None:  # noqa: F811
    attempt = calling()
    end(attempt, EndReason.CALLEE_HUNG_UP, answered=True)
    attempt, contact, progress = settled(attempt)
    Contact.objects.filter(pk=contact.pk).update(state=ContactState.WAITING, next_at=timezone.now())
    Progress.objects.filter(pk=progress.pk).update(waiting=1, done=0)
    extracted(attempt, booked="yes")
    attempt, contact, progress = now_of(attempt)
    assert (contact.state, contact.next_at) == (ContactState.DONE, None)
    assert (progress.waiting, progress.done) == (0, 1)


def test_who_asked_not_to_be_called_is_not_and_counts_once(
    calling: Any,  # noqa: F811
    end: Any,  # noqa: F811
) -> None:
    attempt = calling()
    end(attempt, EndReason.AGENT_HUNG_UP, answered=True)
    settled(attempt)
    for _ in range(2):
        extracted(attempt, do_not_call=True)
        attempt, _, progress = now_of(attempt)
        assert (attempt.outcome, progress.opted_out) == (Outcome.ANSWERED, 1)
        assert Suppression.objects.filter(call=attempt.call).count() == 1


def test_what_no_condition_names_changes_nothing(calling: Any, end: Any) -> None:  # noqa: F811
    attempt = calling()
    end(attempt, EndReason.AGENT_HUNG_UP, answered=True)
    settled(attempt)
    before = now_of(attempt)[2].updated_at
    extracted(attempt, booked="no", weather="fine", do_not_call=False)
    attempt, contact, progress = now_of(attempt)
    assert (attempt.converted, contact.converted, progress.updated_at) == (False, False, before)


def test_a_call_that_never_rang_converts_nobody(calling: Any, end: Any) -> None:  # noqa: F811
    attempt = calling()
    end(attempt, EndReason.WITHDRAWN, dialed=False)
    settled(attempt)
    extracted(attempt, booked="yes")
    assert not now_of(attempt)[0].converted


def test_nothing_else_of_an_ended_attempt_changes(calling: Any, end: Any) -> None:  # noqa: F811
    attempt = calling()
    end(attempt, EndReason.AGENT_HUNG_UP, answered=True, slots={"booked": "yes"})
    attempt, _, _ = settled(attempt)
    rows = Attempt.objects.filter(pk=attempt.pk)
    for change in ({"converted": False}, {"outcome": Outcome.BUSY}, {"talk_ms": 1}):
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.update(**change)


def test_a_real_call_through_the_rules(
    calling: Any,  # noqa: F811
    end: Any,  # noqa: F811
    campaign: Campaign,  # noqa: F811
) -> None:
    """A slot called as a field counts first; what the rules extract of the words counts as well."""
    attempt = calling()
    call = attempt.call
    draft = {**call.agent.draft, "extraction": [{"name": "booked", "type": "boolean", "keywords": ["book"]}]}
    call.agent.draft = draft
    call.agent.published_version = None
    call.agent.save()
    end(attempt, EndReason.AGENT_HUNG_UP, answered=True)
    settled(attempt)
    for index, (who, text) in enumerate([("agent", "Shall I book it?"), ("caller", "Yes please.")]):
        call.turns.create(seq=index + 100, index=index, speaker=who, text=text, start_ms=0, end_ms=1)
    row = Analysis.objects.get(call=call)
    Analysis.objects.filter(pk=row.pk).update(next_at=timezone.now(), anew=True)
    assert run(call.tenant_id, row.pk)
    assert now_of(attempt)[0].converted


def test_slots_count_before_what_was_extracted() -> None:
    values = values_of({"booked": "no", "empty": ""}, {"booked": {"value": True}, "empty": {"value": 3}})
    assert values == {"booked": "no", "empty": 3}


@pytest.mark.parametrize(
    ("value", "equals", "held"),
    [
        (True, ["yes"], True),
        (True, ["TRUE"], True),
        (False, [], False),
        (False, ["no"], True),
        (["red", "blue"], ["Blue"], True),
        ([], [], False),
        (7, ["7"], True),
        ({"amount_micros": 12_500_000, "currency": "USD"}, ["12.50 usd"], True),
        (None, [], False),
    ],
)
def test_values_of_every_kind(value: Any, equals: list[str], held: bool) -> None:
    assert holds([Condition(slot="x", equals=equals)], {"x": value}) is held


def test_the_goal_of_these_tests_names_a_field(campaign: Campaign) -> None:  # noqa: F811
    config = CampaignConfig.model_validate(campaign.config)
    assert config.goal == Goal(conditions=[Condition(slot="booked", equals=["yes"])])
