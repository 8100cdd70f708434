"""Settled once, with everything that follows from it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from apps.agents.models import Agent
from apps.agents.services import archive_agent
from apps.calls.models import Call, Direction
from apps.calls.services.finish_call import correct_end, finish_call
from apps.calls.states import CallState
from apps.campaigns.config import CallerNumbers, CampaignConfig, Condition, Goal
from apps.campaigns.models import (
    Attempt,
    Campaign,
    CampaignState,
    Contact,
    ContactState,
    NumberDay,
    Place,
    Progress,
    Suppression,
)
from apps.campaigns.outcomes import Outcome
from apps.campaigns.services import counting, lifecycle
from apps.campaigns.services.completion import complete_if_done
from apps.campaigns.services.pausing import pause_if_wrong
from apps.campaigns.services.settling import settle
from apps.followups.models import Callback, CallbackState
from apps.followups.takers import is_taken
from apps.numbers.models import PhoneNumber
from media_workers.contract.events import Ended, EndReason
from telephony.edge.models import MediaNode
from tenants.audit.models import AuditEntry
from tenants.errors import Conflict, InvalidFields
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.apps.calls.conftest import agent, node, number, tenant, token, valkey  # noqa: F401

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("valkey", "in_tenant")]
NOW = timezone.now().replace(second=0, microsecond=0)


@pytest.fixture
def in_tenant(tenant: Tenant) -> Any:  # noqa: F811
    with tenant_scope(tenant.pk):
        yield


@pytest.fixture
def campaign(in_tenant: None, agent: Agent, number: PhoneNumber) -> Campaign:  # noqa: F811
    config = CampaignConfig(
        callers=CallerNumbers(numbers=[number.public_id], inbound_too=True),
        goal=Goal(conditions=[Condition(slot="booked", equals=["yes"])]),
        test=True,
    )
    return lifecycle.create_campaign(name="Spring", agent=agent, config=config)


@pytest.fixture
def calling(campaign: Campaign, number: PhoneNumber, agent: Agent) -> Callable[..., Attempt]:  # noqa: F811
    """An attempt whose call is in the queue, as a decision writes it."""

    def make(last: int = 1, **fields: Any) -> Attempt:
        e164 = f"+1202555{last:04}"
        place, _ = Place.objects.get_or_create(campaign=campaign, zones=["America/New_York"], country="US")
        contact, new = Contact.objects.get_or_create(
            campaign=campaign, e164=e164, defaults={"place": place, "next_at": NOW}
        )
        progress = counting.lock(campaign.pk)
        if new:
            counting.added(progress, state=ContactState.WAITING)
        call = Call.objects.create(
            direction=Direction.OUTBOUND,
            from_number=number.e164,
            to_number=e164,
            agent=agent,
            agent_version=agent.published_version,
            number=number,
            test=True,
            queued_at=NOW,
            dial_at=NOW,
        )
        contact.state, contact.next_at = ContactState.CALLING, None
        contact.save()
        counting.decided(progress, n=1, held_micros=100, now=NOW)
        counting.save(progress)
        return Attempt.objects.create(
            campaign=campaign,
            contact=contact,
            number=Attempt.objects.filter(contact=contact).count() + 1,
            e164=e164,
            call=call,
            caller=number,
            version=agent.published_version,
            decided_at=NOW,
            held_micros=100,
            **fields,
        )

    return make


@pytest.fixture
def end(node: MediaNode) -> Callable[..., None]:  # noqa: F811
    def finish(attempt: Attempt, reason: EndReason, *, answered: bool = False, **fields: Any) -> None:
        call = attempt.call
        if fields.pop("dialed", True):
            call.node = node
            call.move_to(CallState.DIALING, at=NOW)
            if answered:
                call.move_to(CallState.IN_PROGRESS, at=NOW)
            call.save()
        duration = 30_000 if answered else 0
        finish_call(call, Ended(reason=reason, **{"duration_ms": duration, **fields}), at=NOW)

    return finish


def settled(attempt: Attempt) -> tuple[Attempt, Contact, Progress]:
    settle(attempt.campaign_id, now=NOW)
    attempt.refresh_from_db()
    contact = Contact.objects.get(pk=attempt.contact_id)
    return attempt, contact, Progress.objects.get(campaign=attempt.campaign_id)


def test_a_talk_is_done_once(calling: Any, end: Any, campaign: Campaign) -> None:
    attempt = calling()
    assert settle(campaign.pk, now=NOW) == 0
    end(attempt, EndReason.AGENT_HUNG_UP, answered=True, slots={"booked": "Yes"})
    attempt, contact, progress = settled(attempt)

    assert (attempt.state, attempt.outcome, attempt.converted) == ("ended", Outcome.ANSWERED, True)
    assert (contact.state, contact.attempts, contact.converted) == (ContactState.DONE, 1, True)
    told = (progress.attempts, progress.human, progress.converted, progress.done, progress.held_micros)
    assert told == (1, 1, 1, 1, 0)
    assert progress.talk_ms == 30_000
    assert progress.by_version[attempt.version.public_id]["converted"] == 1
    day = NumberDay.objects.get()
    assert (day.attempts, day.answered, day.short, day.blocked) == (1, 1, 0, 0)
    assert settle(campaign.pk, now=NOW) == 0
    assert NumberDay.objects.get().attempts == 1


def test_the_sandbox_says_nothing_of_a_number_that_calls_people(
    calling: Any,
    end: Any,
    number: PhoneNumber,  # noqa: F811
) -> None:
    PhoneNumber.objects.filter(pk=number.pk).update(carrier="telnyx")
    attempt = calling()
    end(attempt, EndReason.REJECTED, sip_code=608)
    settled(attempt)
    assert not NumberDay.objects.exists()


def test_a_busy_line_is_tried_again(calling: Any, end: Any) -> None:
    attempt = calling()
    end(attempt, EndReason.BUSY, sip_code=486)
    attempt, contact, progress = settled(attempt)
    assert (contact.state, contact.last_outcome) == (ContactState.WAITING, Outcome.BUSY)
    assert contact.next_at is not None
    assert abs((contact.next_at - NOW).total_seconds() - 600) <= 60
    assert (progress.waiting, progress.calling, progress.outcomes) == (1, 0, {"busy": 1})


def test_a_call_that_was_withdrawn_counts_nowhere(calling: Any, end: Any) -> None:
    attempt = calling()
    end(attempt, EndReason.WITHDRAWN, dialed=False)
    attempt, contact, progress = settled(attempt)
    assert (attempt.outcome, attempt.dialed) == (Outcome.NOT_DIALED, False)
    assert (contact.state, contact.attempts, contact.last_outcome) == (ContactState.WAITING, 0, "")
    assert (progress.attempts, progress.outcomes, progress.held_micros) == (0, {}, 0)
    assert not NumberDay.objects.exists()


@pytest.mark.parametrize(
    ("action", "fallback", "waits"),
    [
        ("deny", None, timedelta(hours=1)),
        (None, "refuse", timedelta(minutes=5)),
        ("allow", None, timedelta(seconds=30)),
        (None, "go_on", timedelta(seconds=30)),
    ],
)
def test_a_call_that_a_hook_stopped_is_not_placed_again_at_once(
    calling: Any, end: Any, action: str | None, fallback: str | None, waits: timedelta
) -> None:
    attempt = calling()
    attempt.call.hook = {"action": action, "fallback": fallback}
    attempt.call.save()
    end(attempt, EndReason.WITHDRAWN, dialed=False, detail="The call hook denied the call.")
    attempt, contact, _ = settled(attempt)
    assert (attempt.outcome, attempt.call.end_detail) == ("not_dialed", "The call hook denied the call.")
    assert (contact.state, contact.next_at, contact.attempts) == (ContactState.WAITING, NOW + waits, 0)


def test_a_wish_not_to_be_called_is_on_the_list(calling: Any, end: Any) -> None:
    attempt = calling()
    end(attempt, EndReason.AGENT_HUNG_UP, answered=True, slots={"do_not_call": "Yes"})
    attempt, contact, progress = settled(attempt)
    assert (attempt.outcome, contact.state, progress.opted_out) == ("opted_out", "done", 1)
    assert Suppression.objects.get(e164=contact.e164).call_id == attempt.call_id


def test_a_callback_is_kept_by_the_campaign(calling: Any, end: Any) -> None:
    first, at = calling(), NOW + timedelta(days=1)
    assert is_taken(first.call)
    callback = Callback.objects.create(
        call=first.call, key="k" * 20, to_number=first.e164, at=at, state=CallbackState.TAKEN
    )
    end(first, EndReason.AGENT_HUNG_UP, answered=True)
    first, contact, _ = settled(first)
    assert (first.outcome, contact.state, contact.next_at) == (Outcome.CALLBACK, ContactState.WAITING, at)
    assert contact.promised

    second = calling()
    end(second, EndReason.AGENT_HUNG_UP, answered=True)
    second, contact, _ = settled(second)
    callback.refresh_from_db()
    assert (callback.state, callback.placed_call_id) == (CallbackState.PLACED, second.call_id)
    assert (contact.state, contact.promised) == (ContactState.DONE, False)


def test_a_corrected_end_does_not_settle_again(calling: Any, end: Any) -> None:
    attempt = calling()
    end(attempt, EndReason.NODE_LOST, answered=True)
    attempt, _, before = settled(attempt)
    correct_end(attempt.call, Ended(reason=EndReason.CALLEE_HUNG_UP, duration_ms=50_000), at=NOW)
    attempt, _, after = settled(attempt)
    assert attempt.outcome == Outcome.FAILED
    assert before.outcomes == after.outcomes == {"failed": 1}


def run(campaign: Campaign) -> Campaign:
    Campaign.objects.filter(pk=campaign.pk).update(
        state=CampaignState.RUNNING, started_at=NOW, resumed_at=NOW - timedelta(hours=1)
    )
    return Campaign.objects.get(pk=campaign.pk)


def test_stopping_takes_the_queue_back(calling: Any, campaign: Campaign) -> None:
    attempt = calling()
    stopped = lifecycle.stop_campaign(campaign=run(campaign), now=NOW)
    attempt.call.refresh_from_db()
    assert (stopped.state, attempt.call.end_reason) == (CampaignState.STOPPED, EndReason.WITHDRAWN)
    with pytest.raises(Conflict):
        lifecycle.resume_campaign(campaign=stopped, now=NOW)
    with pytest.raises(Conflict):  # its attempt is not settled yet
        lifecycle.archive_campaign(campaign=stopped, now=NOW)
    settled(attempt)
    lifecycle.archive_campaign(campaign=stopped, now=NOW)


def test_it_pauses_itself_with_its_figures(calling: Any, end: Any, campaign: Campaign) -> None:
    run(campaign)
    for last in range(30):
        attempt = calling(last + 1)
        if last < 12:
            end(attempt, EndReason.UNREACHABLE, sip_code=503)
        else:
            end(attempt, EndReason.AGENT_HUNG_UP, answered=True)
    assert pause_if_wrong(campaign.pk, now=NOW) == ""
    settle(campaign.pk, now=NOW)
    why = pause_if_wrong(campaign.pk, now=NOW)
    assert "12 of the last 30 attempts (40 %) met trunk trouble" in why
    campaign.refresh_from_db()
    assert (campaign.state, campaign.paused_by_itself, campaign.pause_reason) == ("paused", True, why)
    entry = AuditEntry.objects.get(action="paused_itself")
    assert (entry.actor_kind, entry.actor_label) == ("system", "Trunkline")
    assert pause_if_wrong(campaign.pk, now=NOW) == ""


def test_it_completes_when_nobody_is_left(calling: Any, end: Any, campaign: Campaign) -> None:
    attempt = calling()
    run(campaign)
    assert not complete_if_done(campaign.pk, now=NOW)
    end(attempt, EndReason.NUMBER_UNKNOWN, sip_code=404)
    settled(attempt)
    assert complete_if_done(campaign.pk, now=NOW)
    assert not complete_if_done(campaign.pk, now=NOW)


def test_every_reason_against_a_start_is_told_at_once(agent: Agent) -> None:  # noqa: F811
    config = CampaignConfig.model_validate({"hours": {"windows": []}, "budget_micros": 0})
    campaign = lifecycle.create_campaign(name="Empty", agent=agent, config=config)
    with pytest.raises(InvalidFields) as refused:
        lifecycle.start_campaign(campaign=campaign, now=NOW)
    codes = {error.code for error in refused.value.errors}
    assert codes >= {"no_windows", "no_contacts", "no_numbers", "budget"}


def test_a_live_campaign_keeps_its_agent(agent: Agent, campaign: Campaign) -> None:  # noqa: F811
    PhoneNumber.objects.update(agent=None)
    run(campaign)
    with pytest.raises(Conflict, match="Spring"):
        archive_agent(agent=agent)
