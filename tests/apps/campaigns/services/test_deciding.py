from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.agents.models import Agent, AgentVersion
from apps.billing.prices import price_of
from apps.billing.services import credit, open_wallet
from apps.calls.models import Call
from apps.campaigns.models import Attempt, Campaign, Contact, Place, Progress, Suppression
from apps.campaigns.services.allotment import allot
from apps.campaigns.services.consents import record_consent
from apps.campaigns.services.deciding import NO_BUDGET, NO_VERSION, decide, set_aside_never
from apps.campaigns.services.refusing import LIVE
from apps.numbers.models import PhoneNumber
from telephony.edge.models import MediaNode
from telephony.trunks.models import Trunk, TrunkGateway
from tenants.ids import new_id
from tenants.scope import tenant_scope
from tests.apps.campaigns.services.conftest import NOW, Dialer


def decided(campaign: Campaign, **late: float) -> int:
    with tenant_scope(campaign.tenant_id):
        return decide(campaign.pk, now=NOW + timedelta(**late))


def progress_of(campaign: Campaign) -> Progress:
    with tenant_scope(campaign.tenant_id):
        return Progress.objects.get(campaign=campaign)


def contacts_of(campaign: Campaign) -> list[Contact]:
    with tenant_scope(campaign.tenant_id):
        return list(Contact.objects.filter(campaign=campaign).order_by("e164"))


def change(campaign: Campaign, **fields: object) -> None:
    with tenant_scope(campaign.tenant_id):
        Campaign.objects.filter(pk=campaign.pk).update(**fields)


def test_due_contacts_are_called(running: Dialer, caller: PhoneNumber) -> None:
    campaign = running(contacts=3, granted=10)
    assert decided(campaign) == 3
    with tenant_scope(campaign.tenant_id):
        attempts = list(Attempt.objects.select_related("call", "contact"))
        calls = list(Call.objects.all())
    assert {a.e164 for a in attempts} == {call.to_number for call in calls}
    assert {(a.number, a.state, a.caller_id, a.contact.state) for a in attempts} == {
        (1, "open", caller.pk, "calling")
    }
    progress = progress_of(campaign)
    assert (progress.waiting, progress.calling, progress.granted) == (0, 3, 7)
    assert decided(campaign) == 0


def test_no_more_than_was_granted_and_not_after_the_grant(running: Dialer) -> None:
    campaign = running(contacts=5, granted=2)
    assert (decided(campaign), decided(campaign)) == (2, 0)
    late = running(contacts=5, granted=2, first=100)
    assert decided(late, seconds=5) == 0


def test_no_more_at_once_than_the_campaign_may(running: Dialer) -> None:
    campaign = running(contacts=9, pacing={"max_concurrent": 4, "calls_per_second": 100})
    assert (decided(campaign), decided(campaign)) == (4, 0)


def test_ramping_up(running: Dialer) -> None:
    pacing = {"max_concurrent": 11, "calls_per_second": 100, "ramp_up_s": 10}
    campaign = running(contacts=20, pacing=pacing)
    assert [decided(campaign), decided(campaign, seconds=2), decided(campaign, seconds=4)] == [1, 2, 2]


@pytest.mark.parametrize("state", ["paused", "stopped", "completed", "draft"])
def test_only_a_running_campaign_calls(running: Dialer, state: str) -> None:
    campaign = running()
    change(campaign, state=state)
    assert decided(campaign) == 0


def test_a_closed_place_or_a_verdict_that_ran_out_calls_nobody(running: Dialer) -> None:
    campaign = running()
    with tenant_scope(campaign.tenant_id):
        Place.objects.update(judged_until=NOW)
    assert decided(campaign) == 0
    with tenant_scope(campaign.tenant_id):
        Place.objects.update(open=False, judged_until=NOW + timedelta(hours=1))
    assert decided(campaign) == 0


def test_a_promised_time_goes_first(running: Dialer) -> None:
    campaign = running(contacts=5, granted=1)
    with tenant_scope(campaign.tenant_id):
        promised = Contact.objects.order_by("e164").last()
        assert promised is not None
        Contact.objects.filter(pk=promised.pk).update(promised=True)
        Contact.objects.exclude(pk=promised.pk).update(next_at=NOW - timedelta(days=1))
    assert decided(campaign) == 1
    assert [c.state for c in contacts_of(campaign)].index("calling") == 4


def test_suppressed_numbers_are_set_aside_and_others_go_in_their_place(running: Dialer) -> None:
    campaign = running(contacts=4, granted=2)
    with tenant_scope(campaign.tenant_id):
        for contact in contacts_of(campaign)[:2]:
            Suppression.objects.create(e164=contact.e164, source="person")
    assert decided(campaign) == 2
    assert [(c.state, c.set_aside) for c in contacts_of(campaign)] == [
        ("set_aside", "suppressed"),
        ("set_aside", "suppressed"),
        ("calling", ""),
        ("calling", ""),
    ]
    assert progress_of(campaign).set_asides == {"suppressed": 2}


def test_without_a_consent_nobody_is_called(running: Dialer) -> None:
    campaign = running(contacts=2, consent={"required": True})
    assert decided(campaign) == 0
    assert {c.set_aside for c in contacts_of(campaign)} == {"no_consent"}


def test_who_agrees_later_is_called_then(running: Dialer) -> None:
    campaign = running(contacts=2, consent={"required": True})
    other = running(contacts=1, first=10, consent={"required": True})
    assert decided(campaign) == decided(other) == 0
    agrees = contacts_of(campaign)[0]

    with tenant_scope(campaign.tenant_id):
        record_consent(e164=agrees.e164, source="A form", given_at=NOW, text="Yes.", now=NOW)

    assert [c.e164 for c in contacts_of(campaign) if c.state == "waiting"] == [agrees.e164]
    assert {c.state for c in contacts_of(other)} == {"set_aside"}
    progress = progress_of(campaign)
    assert (progress.waiting, progress.set_aside, progress.set_asides["no_consent"]) == (1, 1, 1)
    assert decided(campaign) == 1


def test_a_number_is_called_as_often_as_it_may_by_all_campaigns(running: Dialer) -> None:
    caps = {"max_per_day": 1}
    one, other = running(contacts=1, attempts=caps), running(contacts=1, attempts=caps)
    assert (decided(one), decided(other)) == (1, 0)
    (contact,) = contacts_of(other)
    assert (contact.state, contact.next_at) == ("waiting", NOW + timedelta(days=1))


def dialed(campaign: Campaign, **late: float) -> None:
    """A line took its calls so long after they were decided; nobody answered."""
    with tenant_scope(campaign.tenant_id):
        calls = Attempt.objects.filter(campaign=campaign).values("call")
        Call.objects.filter(pk__in=calls).update(
            state="ended",
            end_reason="no_answer",
            dialing_at=NOW + timedelta(**late),
            ended_at=NOW + timedelta(**late),
        )


def test_nobodys_telephone_rings_for_two_campaigns_at_once(running: Dialer) -> None:
    caps = {"max_per_day": 5}
    one, other = running(contacts=1, attempts=caps), running(contacts=1, attempts=caps)
    assert (decided(one), decided(other)) == (1, 0)
    (contact,) = contacts_of(other)
    assert (contact.state, contact.next_at) == ("waiting", NOW + LIVE)
    dialed(one)
    with tenant_scope(other.tenant_id):
        Progress.objects.update(granted_until=NOW + timedelta(days=3))
    assert decided(other, seconds=LIVE.total_seconds()) == 1


def test_a_call_that_waited_counts_from_when_it_was_dialed(running: Dialer) -> None:
    caps = {"max_per_day": 1}
    one, other = running(contacts=1, attempts=caps), running(contacts=1, attempts=caps)
    assert decided(one) == 1
    dialed(one, minutes=9)
    with tenant_scope(other.tenant_id):
        Progress.objects.update(granted_until=NOW + timedelta(days=3))
        Place.objects.update(judged_until=NOW + timedelta(days=3))
    assert decided(other, days=1) == 0
    (contact,) = contacts_of(other)
    assert contact.next_at == NOW + timedelta(days=1, minutes=9)
    assert decided(other, days=1, minutes=9) == 1


def test_a_call_that_still_waits_counts_as_dialed_just_now(running: Dialer) -> None:
    caps = {"max_per_day": 1}
    one, other = running(contacts=1, attempts=caps), running(contacts=1, attempts=caps)
    assert (decided(one), decided(other, seconds=3)) == (1, 0)
    (contact,) = contacts_of(other)
    assert contact.next_at == NOW + timedelta(days=1, seconds=3)


def test_a_call_that_no_line_ever_took_does_not_count(running: Dialer) -> None:
    caps = {"max_per_day": 1}
    one, other = running(contacts=1, attempts=caps), running(contacts=1, attempts=caps)
    assert decided(one) == 1
    with tenant_scope(one.tenant_id):
        Call.objects.update(state="ended", end_reason="withdrawn", ended_at=NOW)
    assert decided(other) == 1


def test_the_budget_is_never_exceeded_even_if_all_calls_last(
    running: Dialer, caller: PhoneNumber, settings: object
) -> None:
    from telephony.trunks.models import Trunk, TrunkGateway

    campaign = running(contacts=9, budget_micros=3_200_000)
    with tenant_scope(campaign.tenant_id):
        trunk = Trunk.objects.create(name="Carrier", max_calls_per_second=50, max_concurrent_calls=50)
        TrunkGateway.objects.create(trunk=trunk, host="192.0.2.1")
        PhoneNumber.objects.filter(pk=caller.pk).update(carrier="byoc", trunk=trunk)
    assert (decided(campaign), decided(campaign)) == (2, 0)  # 30 minutes at 0.05 a minute are 1.50
    assert progress_of(campaign).held_micros == 3_000_000


def test_whom_alone_nothing_can_be_begun_for_keeps_nobody_waiting(
    running: Dialer, dialing_agent: Agent, caller: PhoneNumber
) -> None:
    """A call with the long version costs more than the budget; a version of the arms is gone."""
    campaign = running(contacts=60, granted=10)
    with tenant_scope(campaign.tenant_id):
        trunk = Trunk.objects.create(name="Carrier", max_concurrent_calls=500, max_calls_per_second=200)
        TrunkGateway.objects.create(trunk=trunk, host="192.0.2.1")
        PhoneNumber.objects.filter(pk=caller.pk).update(carrier="byoc", trunk=trunk)
        open_wallet(tenant=campaign.tenant)
        credit(tenant=campaign.tenant, amount_micros=10**9, why="Test")
        usual = AgentVersion.objects.get(agent=dialing_agent).config
        short, long = (
            AgentVersion.objects.create(
                agent=dialing_agent, number=number, config=usual | {"max_duration_ms": minutes * 60_000}
            )
            for number, minutes in ((2, 1), (3, 60))
        )
        gone = f"agv_{new_id().hex}"
        arms = [{"version": v, "weight": 1} for v in (short.public_id, long.public_id, gone)]
        price = price_of(duration_ms=60_000, per_minute=settings.CALL_PRICE_MICROS_PER_MINUTE)
        config = campaign.config | {"arms": arms, "budget_micros": 10 * price}
    change(campaign, config=config)
    assert decided(campaign) == 10
    with tenant_scope(campaign.tenant_id):
        assert {a.version_id for a in Attempt.objects.all()} == {short.pk}
    put_off = {c.detail for c in contacts_of(campaign) if c.next_at and c.next_at > NOW}
    assert put_off == {NO_VERSION, NO_BUDGET}
    assert progress_of(campaign).held_micros == 10 * price


def test_a_full_trunk_leaves_the_contacts_as_they_were(running: Dialer, caller: PhoneNumber) -> None:
    from telephony.trunks.models import Trunk, TrunkGateway

    campaign = running(contacts=9)
    with tenant_scope(campaign.tenant_id):
        trunk = Trunk.objects.create(name="Carrier", max_calls_per_second=50, max_concurrent_calls=2)
        TrunkGateway.objects.create(trunk=trunk, host="192.0.2.1")
        PhoneNumber.objects.filter(pk=caller.pk).update(carrier="byoc", trunk=trunk)
    assert (decided(campaign), decided(campaign)) == (2, 0)
    assert [c.state for c in contacts_of(campaign)].count("waiting") == 7


def on_trunk(name: str, e164: str, calls: int, **gateway: object) -> PhoneNumber:
    """A number of its own on a trunk that carries so many calls."""
    from telephony.trunks.models import Trunk, TrunkGateway

    trunk = Trunk.objects.create(name=name, max_calls_per_second=50, max_concurrent_calls=calls)
    TrunkGateway.objects.create(trunk=trunk, host="192.0.2.1", **gateway)
    return PhoneNumber.objects.create(e164=e164, carrier="byoc", trunk=trunk, purpose="outbound")


def test_a_full_or_resting_trunk_does_not_stop_the_numbers_of_others(
    running: Dialer, caller: PhoneNumber
) -> None:
    with tenant_scope(caller.tenant_id):
        full = on_trunk("Full", "+12125551001", 1)
        resting = on_trunk("Resting", "+12125551002", 50, rests_until=NOW + timedelta(minutes=1))
        free = on_trunk("Free", "+13105551003", 50)  # farther from the callees than the others
        open_wallet(tenant=caller.tenant)
        credit(tenant=caller.tenant, amount_micros=1_000_000_000, why="Top-up")
    numbers = [full.public_id, resting.public_id, free.public_id]
    campaign = running(contacts=9, callers={"numbers": numbers})
    assert decided(campaign) == 9
    with tenant_scope(campaign.tenant_id):
        by_trunk = Counter(Call.objects.values_list("trunk__name", flat=True))
    assert by_trunk == {"Full": 1, "Free": 8}


def test_without_a_free_caller_no_contact_is_looked_at_and_the_lines_go_to_others(running: Dialer) -> None:
    rests = {"rest_s": 20}
    campaign = running(contacts=9, callers=rests)
    assert decided(campaign) == 1
    assert progress_of(campaign).idle_until == NOW + timedelta(seconds=20)
    with CaptureQueriesContext(connection) as told:
        assert decided(campaign, seconds=1) == 0
    assert not any("campaigns_contact" in query["sql"] for query in told.captured_queries)
    other = running(contacts=9, first=100, granted=0)
    MediaNode.objects.create(name="node-1", capacity=12, last_heartbeat_at=NOW)
    allot(now=NOW)
    assert (progress_of(campaign).granted, progress_of(other).granted) == (0, 8)
    MediaNode.objects.update(last_heartbeat_at=NOW + timedelta(seconds=20))
    allot(now=NOW + timedelta(seconds=20))
    assert progress_of(campaign).granted == 4


def test_a_number_that_cannot_place_calls_does_not_stop_the_campaign(
    running: Dialer, caller: PhoneNumber
) -> None:
    with tenant_scope(caller.tenant_id):
        alone = PhoneNumber.objects.create(e164="+12125551009", carrier="elsewhere", purpose="outbound")
    campaign = running(contacts=3, callers={"numbers": [alone.public_id, caller.public_id]})
    assert decided(campaign) == 3


@pytest.mark.parametrize(("default", "why"), [("", "no_time_zone"), ("America/New_York", "never_open")])
def test_a_place_without_zones_has_those_of_the_campaign(running: Dialer, default: str, why: str) -> None:
    campaign = running(contacts=2, hours={"default_time_zone": default})
    with tenant_scope(campaign.tenant_id):
        Place.objects.update(zones=[], never=True, open=False, judged_until=None, why="Never.")
        assert set_aside_never(campaign.pk, now=NOW) == 2
    assert {c.set_aside for c in contacts_of(campaign)} == {why}


def test_contacts_of_a_place_that_never_opens_are_set_aside(running: Dialer) -> None:
    campaign = running(contacts=3)
    with tenant_scope(campaign.tenant_id):
        Place.objects.update(never=True, open=False, judged_until=None, why="The campaign has ended there.")
    with tenant_scope(campaign.tenant_id):
        assert set_aside_never(campaign.pk, now=NOW) == 3
    assert {c.set_aside for c in contacts_of(campaign)} == {"never_open"}
    assert progress_of(campaign).set_asides == {"never_open": 3}


@pytest.mark.django_db(transaction=True)
def test_two_at_once_start_no_call_twice_and_no_more_than_granted(running: Dialer) -> None:
    campaign = running(contacts=40, granted=30)

    def run(decision: Callable[[], int]) -> int:
        try:
            return decision()
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        started = list(pool.map(run, [lambda: decided(campaign)] * 4))
    assert sum(started) == 30
    with tenant_scope(campaign.tenant_id):
        assert Attempt.objects.values("contact").distinct().count() == 30
        assert Call.objects.count() == 30
