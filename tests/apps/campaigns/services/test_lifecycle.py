"""The life of a campaign, on calls that a decision made and a media node has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.utils import timezone

from apps.agents.models import Agent
from apps.agents.services import archive_agent, create_agent, publish
from apps.calls.models import Call
from apps.calls.services.finish_call import finish_call
from apps.calls.states import CallState
from apps.campaigns.config import Arm, CampaignConfig
from apps.campaigns.models import Attempt, Campaign, Contact, Place, Progress
from apps.campaigns.services import lifecycle
from apps.campaigns.services.arms import arm_of, versions_of
from apps.campaigns.services.contacts import take_out
from apps.campaigns.services.deciding import decide, set_aside_never
from apps.campaigns.services.settling import settle
from apps.campaigns.services.suppression import opted_out
from apps.followups.models import Callback
from apps.followups.services import ask_callback
from apps.numbers.models import PhoneNumber
from apps.numbers.services import release_number
from media_workers.contract.events import Ended, EndReason
from media_workers.contract.requests import CallbackRequest
from telephony.edge.models import MediaNode
from tenants.errors import Conflict, InvalidFields, InvalidInput
from tenants.ids import new_id
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.apps.calls.conftest import node, script, token, valkey  # noqa: F401
from tests.apps.campaigns.services.conftest import NOW, Dialer

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("valkey", "in_tenant")]


@pytest.fixture
def in_tenant(dialing_tenant: Tenant) -> Iterator[None]:
    with tenant_scope(dialing_tenant.pk):
        yield


def calls_of(campaign: Campaign) -> list[Call]:
    return list(Call.objects.filter(pk__in=Attempt.objects.filter(campaign=campaign).values("call")))


def on_the_line(call: Call, node: MediaNode) -> None:  # noqa: F811
    call.node = node
    call.move_to(CallState.DIALING, at=NOW)
    call.move_to(CallState.IN_PROGRESS, at=NOW)
    call.save()


def counts(campaign: Campaign) -> tuple[int, int, int]:
    progress = Progress.objects.get(campaign=campaign)
    return progress.waiting, progress.calling, progress.done


def test_a_pause_takes_the_queue_back_and_lets_calls_talk_on(running: Dialer, node: MediaNode) -> None:  # noqa: F811
    campaign = running(contacts=3)
    assert decide(campaign.pk, now=NOW) == 3
    talking = calls_of(campaign)[0]
    on_the_line(talking, node)
    paused = lifecycle.pause_campaign(campaign=campaign, reason="Lunch", now=NOW)
    assert (paused.state, paused.pause_reason, paused.paused_by_itself) == ("paused", "Lunch", False)
    assert paused.pause_code == "person"
    assert Counter(call.state for call in calls_of(campaign)) == {"in_progress": 1, "ended": 2}
    assert settle(campaign.pk, now=NOW) == 2
    assert counts(campaign) == (2, 1, 0)
    with pytest.raises(Conflict):
        lifecycle.pause_campaign(campaign=campaign, now=NOW)

    again = lifecycle.resume_campaign(campaign=campaign, now=NOW + timedelta(minutes=5))
    assert (again.state, again.pause_code, again.pause_reason, again.started_at) == ("running", "", "", NOW)
    assert again.resumed_at == NOW + timedelta(minutes=5)
    late = NOW + timedelta(minutes=5)
    Progress.objects.update(granted=10, granted_until=late + timedelta(seconds=5))
    assert decide(campaign.pk, now=late) == 2


@pytest.mark.parametrize(("how", "asked"), [("finish", False), ("hang_up", True)])
def test_a_stop_ends_or_spares_what_talks(
    running: Dialer,
    node: MediaNode,  # noqa: F811
    how: lifecycle.RunningCalls,
    asked: bool,
) -> None:
    campaign = running(contacts=2)
    decide(campaign.pk, now=NOW)
    talking, queued = calls_of(campaign)
    on_the_line(talking, node)
    stopped = lifecycle.stop_campaign(campaign=campaign, running_calls=how, now=NOW)
    talking.refresh_from_db()
    queued.refresh_from_db()
    assert (stopped.state, stopped.ended_at, queued.end_reason) == ("stopped", NOW, EndReason.WITHDRAWN)
    assert (talking.state, talking.hangup_requested_at is not None) == ("in_progress", asked)
    with pytest.raises(Conflict):
        lifecycle.archive_campaign(campaign=campaign)
    finish_call(talking, Ended(reason=EndReason.API_HUNG_UP, duration_ms=20_000), at=NOW)
    assert settle(campaign.pk, now=NOW) == 2
    assert counts(campaign) == (1, 0, 1)
    lifecycle.archive_campaign(campaign=campaign)


def test_a_campaign_is_changed_while_it_runs(running: Dialer, dialing_agent: Agent) -> None:
    campaign = running(contacts=5, pacing={"max_concurrent": 1})
    assert decide(campaign.pk, now=NOW) == 1
    config = CampaignConfig.model_validate(campaign.config | {"pacing": {"max_concurrent": 3}})
    changed = lifecycle.change_campaign(campaign=campaign, name=" Summer ", config=config)
    assert changed.name == "Summer"
    assert decide(campaign.pk, now=NOW) == 2
    assert Place.objects.get().judged_until is not None

    hours = {"windows": [{"days": ["sun"], "start": "09:00", "end": "10:00"}]}
    config = CampaignConfig.model_validate(campaign.config | {"hours": hours})
    lifecycle.change_campaign(campaign=campaign, config=config)
    assert Place.objects.get().judged_until is None
    other = create_agent(name="Other", config=script())
    with pytest.raises(Conflict):
        lifecycle.change_campaign(campaign=campaign, agent=other)


@pytest.mark.parametrize(
    ("part", "value", "field"),
    [
        ("callers", {"numbers": [f"num_{new_id().hex}"]}, "config.callers.numbers.0"),
        ("arms", [{"version": f"agv_{new_id().hex}"}], "config.arms.0.version"),
    ],
)
def test_what_is_not_the_tenants_own_is_refused(
    running: Dialer, part: str, value: object, field: str
) -> None:
    campaign = running()
    config = CampaignConfig.model_validate(campaign.config | {part: value})
    with pytest.raises(InvalidFields) as refused:
        lifecycle.change_campaign(campaign=campaign, config=config)
    assert [error.field for error in refused.value.errors] == [field]
    with pytest.raises(InvalidInput, match="name"):
        lifecycle.change_campaign(campaign=campaign, name="  ")
    campaign.refresh_from_db()
    assert campaign.name == "Spring"


def test_a_clone_begins_anew_without_those_taken_out(running: Dialer) -> None:
    campaign = running(contacts=5)
    rows = list(Contact.objects.order_by("e164"))
    fields = {"state": "set_aside", "next_at": None}
    for row, why in ((rows[0], "removed"), (rows[1], "not_dialable"), (rows[2], "suppressed")):
        Contact.objects.filter(pk=row.pk).update(set_aside=why, **fields)
    Contact.objects.filter(pk=rows[3].pk).update(
        state="done", next_at=None, attempts=3, last_outcome="busy", variables={"name": "Guest"}
    )
    clone = lifecycle.clone_campaign(campaign=campaign, with_contacts=True, now=NOW)
    assert (clone.name, clone.state, clone.config) == (
        "Copy of Spring",
        "draft",
        CampaignConfig.model_validate(campaign.config).model_dump(mode="json"),
    )
    copies = {c.e164: c for c in Contact.objects.filter(campaign=clone)}
    assert sorted(copies) == [row.e164 for row in rows[1:]]
    assert [copies[row.e164].state for row in rows[1:]] == ["set_aside", "waiting", "waiting", "waiting"]
    done = copies[rows[3].e164]
    assert (done.attempts, done.last_outcome, done.next_at, done.variables) == (0, "", NOW, {"name": "Guest"})
    progress = Progress.objects.get(campaign=clone)
    assert (progress.contacts, progress.waiting, progress.set_asides) == (4, 3, {"not_dialable": 1})
    empty = lifecycle.clone_campaign(campaign=campaign, name="Empty")
    assert not Contact.objects.filter(campaign=empty).exists()


def test_more_than_anybody_waits_for_are_not_copied(running: Dialer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lifecycle, "MOST_COPIED", 2)
    campaign = running(contacts=3)
    with pytest.raises(InvalidInput) as refused:
        lifecycle.clone_campaign(campaign=campaign, with_contacts=True, now=NOW)
    assert (refused.value.field, refused.value.code) == ("with_contacts", "too_many")
    assert Campaign.objects.count() == 1


def test_versions_share_the_contacts_by_weight_for_good(running: Dialer, dialing_agent: Agent) -> None:
    second = publish(agent=dialing_agent)
    first = dialing_agent.published_version
    campaign = running()
    assert versions_of(Campaign.objects.get(), CampaignConfig()) == [second]
    config = CampaignConfig(
        arms=[Arm(version=first.public_id, weight=1), Arm(version=second.public_id, weight=3)]
    )
    assert set(versions_of(campaign, config)) == {first, second}
    contacts = [new_id() for _ in range(2_000)]
    drawn = [arm_of(config, contact) for contact in contacts]
    assert drawn == [arm_of(config, contact) for contact in contacts]
    assert set(drawn) == {first.pk, second.pk}
    assert 1_350 < drawn.count(second.pk) < 1_650  # 1,500 and eight deviations
    assert arm_of(CampaignConfig(), contacts[0]) is None


@pytest.mark.parametrize(("keep", "state"), [(True, "taken"), (False, "waiting")])
def test_a_callback_asked_for_in_the_call_is_the_campaigns(
    running: Dialer,
    node: MediaNode,  # noqa: F811
    keep: bool,
    state: str,
) -> None:
    campaign = running(contacts=1, attempts={"keep_callbacks": keep})
    decide(campaign.pk, now=NOW)
    (call,) = calls_of(campaign)
    on_the_line(call, node)
    at = timezone.now() + timedelta(hours=2)
    wish = CallbackRequest.model_validate({"node": node.name, "key": "key-of-one-request", "at": at})
    assert ask_callback(node, call.pk, wish).ok
    assert Callback.objects.get().state == state

    finish_call(call, Ended(reason=EndReason.CALLEE_HUNG_UP, duration_ms=20_000), at=NOW)
    settle(campaign.pk, now=NOW)
    contact = Contact.objects.get()
    assert (contact.promised, contact.next_at) == ((True, at) if keep else (False, None))

    lifecycle.stop_campaign(campaign=campaign, now=NOW)
    callback = Callback.objects.get()
    told = ("failed", "The campaign was stopped.") if keep else ("waiting", "")
    assert (callback.state, callback.problem) == told


def test_what_a_live_campaign_needs_is_not_taken_away(
    running: Dialer, caller: PhoneNumber, dialing_agent: Agent
) -> None:
    campaign = running()
    for state in ("running", "paused"):
        Campaign.objects.update(state=state)
        with pytest.raises(Conflict, match="Spring"):
            release_number(number=caller)
        with pytest.raises(Conflict, match="Spring"):
            archive_agent(agent=dialing_agent)
    lifecycle.stop_campaign(campaign=campaign, now=NOW)
    release_number(number=caller)
    archive_agent(agent=dialing_agent)


def _take_out(campaign: Campaign) -> None:
    take_out(contact=Contact.objects.get(), now=NOW)


def _suppress(campaign: Campaign) -> None:
    contact = Contact.objects.get()
    opted_out(e164=contact.e164, campaign=campaign, call=None)
    Contact.objects.update(next_at=NOW)
    decide(campaign.pk, now=NOW)


def _close_for_good(campaign: Campaign) -> None:
    Place.objects.update(never=True, open=False)
    set_aside_never(campaign.pk, now=NOW)


@pytest.mark.parametrize(
    ("ends", "why"),
    [
        (_take_out, "The contact was taken out of the campaign."),
        (_suppress, "On a do-not-call list"),
        (_close_for_good, "No calling hours are left before the campaign's end"),
    ],
)
def test_a_promise_that_nobody_keeps_any_more_says_so(
    running: Dialer,
    node: MediaNode,  # noqa: F811
    ends: Callable[[Campaign], None],
    why: str,
) -> None:
    campaign = running(contacts=1)
    decide(campaign.pk, now=NOW)
    (call,) = calls_of(campaign)
    on_the_line(call, node)
    at = timezone.now() + timedelta(hours=2)
    wish = CallbackRequest.model_validate({"node": node.name, "key": "key-of-one-request", "at": at})
    assert ask_callback(node, call.pk, wish).ok
    finish_call(call, Ended(reason=EndReason.CALLEE_HUNG_UP, duration_ms=20_000), at=NOW)
    settle(campaign.pk, now=NOW)
    assert Contact.objects.get().promised

    ends(campaign)

    callback = Callback.objects.get()
    assert (callback.state, callback.problem) == ("failed", why)
