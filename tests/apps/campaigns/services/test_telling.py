"""Tenants are told of campaigns, of contacts that are done, and of numbers that rest."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.calls.services.finish_call import finish_call
from apps.calls.states import CallState
from apps.campaigns.models import Attempt, Campaign, Contact, ContactState, Place, Progress, SuppressionSource
from apps.campaigns.services import counting, lifecycle
from apps.campaigns.services.completion import complete_if_done
from apps.campaigns.services.deciding import decide, set_aside_never
from apps.campaigns.services.number_health import rest_number
from apps.campaigns.services.settling import settle
from apps.campaigns.services.suppression import add
from apps.numbers.models import PhoneNumber
from apps.webhooks.models import Event
from media_workers.contract.events import Ended, EndReason
from telephony.edge.models import MediaNode
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.apps.calls.conftest import node, token, valkey  # noqa: F401
from tests.apps.campaigns.services.conftest import NOW, Dialer
from tests.apps.webhooks.listening import heard, listen, names

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("valkey", "in_tenant")]
TALKED = Ended(reason=EndReason.AGENT_HUNG_UP, duration_ms=30_000)


@pytest.fixture
def in_tenant(dialing_tenant: Tenant) -> Iterator[None]:
    with tenant_scope(dialing_tenant.pk):
        yield


def dialed(campaign: Campaign, node: MediaNode, end: Ended) -> None:  # noqa: F811
    """Every contact that is due is called, and all calls end so."""
    decide(campaign.pk, now=NOW)
    for attempt in Attempt.objects.filter(campaign=campaign, state="open").select_related("call"):
        call = attempt.call
        call.node = node
        call.move_to(CallState.DIALING, at=NOW)
        if end.duration_ms:
            call.move_to(CallState.IN_PROGRESS, at=NOW)
        call.save()
        finish_call(call, end, at=NOW)
    settle(campaign.pk, now=NOW)


def test_a_campaign_from_its_start_to_its_end(running: Dialer) -> None:
    campaign = running(contacts=3)
    endpoint = listen("campaign.*")

    lifecycle.pause_campaign(campaign=campaign, reason="Lunch", now=NOW)
    lifecycle.resume_campaign(campaign=campaign, now=NOW + timedelta(hours=1))
    lifecycle.stop_campaign(campaign=campaign, now=NOW + timedelta(hours=2))

    paused, resumed, stopped = heard(endpoint)
    assert [e.type for e in (paused, resumed, stopped)] == [
        "campaign.paused",
        "campaign.resumed",
        "campaign.stopped",
    ]
    assert (paused.data["pause_code"], paused.data["pause_reason"]) == ("person", "Lunch")
    assert (paused.data["paused_by_itself"], paused.data["contacts"]) == (False, 3)
    assert (stopped.key, stopped.at) == (campaign.public_id, NOW + timedelta(hours=2))


def test_a_draft_that_is_started(running: Dialer) -> None:
    campaign = running(contacts=3)
    Campaign.objects.update(state="draft", started_at=None, resumed_at=None)
    endpoint = listen("campaign.started")

    lifecycle.start_campaign(campaign=campaign, now=NOW)

    (event,) = heard(endpoint)
    assert (event.data["waiting"], event.data["test"]) == (3, False)


def test_a_campaign_that_has_nobody_left(running: Dialer, node: MediaNode) -> None:  # noqa: F811
    campaign = running(contacts=2)
    endpoint = listen("campaign.completed")
    assert not complete_if_done(campaign.pk, now=NOW)
    dialed(campaign, node, TALKED)

    assert complete_if_done(campaign.pk, now=NOW)
    assert not complete_if_done(campaign.pk, now=NOW)

    (event,) = heard(endpoint)
    assert (event.data["done"], event.data["attempts"], event.data["waiting"]) == (2, 2, 0)


def test_a_contact_is_told_of_when_nobody_will_call_it_again(
    running: Dialer,
    node: MediaNode,  # noqa: F811
) -> None:
    campaign = running(contacts=2)
    endpoint = listen("contact.completed")
    dialed(campaign, node, Ended(reason=EndReason.BUSY))
    assert names(endpoint) == []  # they are tried again
    Contact.objects.filter(state=ContactState.WAITING).update(next_at=NOW)
    Progress.objects.update(granted=10, granted_until=NOW + timedelta(seconds=5))
    dialed(campaign, node, TALKED)

    events = heard(endpoint)
    contacts = {contact.public_id: contact for contact in Contact.objects.all()}
    assert {e.key for e in events} == set(contacts)
    for event in events:
        contact = contacts[event.key]
        last = Attempt.objects.filter(contact=contact).order_by("-number").select_related("call")[0]
        assert event.data["number"] == contact.e164
        assert (event.data["state"], event.data["outcome"], event.data["attempts"]) == ("done", "answered", 2)
        assert event.data["last_call"] == last.call.public_id


def test_contacts_that_the_dialer_sets_aside_are_told_with_the_reason(running: Dialer) -> None:
    campaign = running(contacts=3)
    endpoint = listen("contact.completed")
    add(e164="+12125600000", source=SuppressionSource.PERSON)
    assert decide(campaign.pk, now=NOW) == 2
    (first,) = heard(endpoint)
    assert (first.data["state"], first.data["set_aside"]) == ("set_aside", "suppressed")

    other = running(contacts=4, first=100)
    Place.objects.filter(campaign=other).update(never=True, open=False, judged_until=None, why="Never.")
    assert set_aside_never(other.pk, now=NOW) == 4

    rest = heard(endpoint)[1:]
    assert {e.data["set_aside"] for e in rest} == {"never_open"}
    assert len({e.key for e in rest}) == len(rest) == 4


def test_nobody_listens_and_nothing_is_written_or_looked_up_twice(running: Dialer, node: MediaNode) -> None:  # noqa: F811
    campaign = running(contacts=20)
    with CaptureQueriesContext(connection) as queries:
        dialed(campaign, node, TALKED)
    lifecycle.stop_campaign(campaign=campaign, now=NOW)

    assert sum('FROM "webhooks_endpoint"' in query["sql"] for query in queries) == 1
    assert not Event.objects.exists()


def test_twenty_contacts_cost_no_more_statements_than_two(running: Dialer, node: MediaNode) -> None:  # noqa: F811
    listen("contact.completed")
    spent = []
    for n, first in ((2, 0), (20, 100)):
        campaign = running(contacts=n, first=first)
        decide(campaign.pk, now=NOW)
        for attempt in Attempt.objects.filter(campaign=campaign).select_related("call"):
            attempt.call.node = node
            attempt.call.move_to(CallState.DIALING, at=NOW)
            attempt.call.move_to(CallState.IN_PROGRESS, at=NOW)
            attempt.call.save()
            finish_call(attempt.call, TALKED, at=NOW)
        with CaptureQueriesContext(connection) as queries:
            assert settle(campaign.pk, now=NOW) == n
        spent.append(len(queries))
    assert spent[0] == spent[1]


def test_what_is_undone_was_not_told(running: Dialer) -> None:
    from django.db import transaction

    campaign = running(contacts=1)
    endpoint = listen()
    with transaction.atomic():
        counting.lock(campaign.pk)
        lifecycle.pause_campaign(campaign=campaign, now=NOW)
        transaction.set_rollback(True)

    assert heard(endpoint) == []


def test_a_number_that_rests_is_told_of(caller: PhoneNumber) -> None:
    endpoint = listen("number.*")

    rest_number(number=caller, until=NOW + timedelta(days=2), now=NOW)

    (event,) = heard(endpoint)
    assert (event.type, event.key) == ("number.resting", caller.public_id)
    assert (event.data["by_itself"], event.data["e164"]) == (False, caller.e164)
