"""What must be true of campaigns whatever happens, in whatever order, wherever the program dies.

A machine of hypothesis plays two campaigns of one tenant against real PostgreSQL with real commits and
virtual time. Any step may die at any of its commits: just before it (everything of it is gone) or just after
it (what would have followed never happens). After every step all promises are looked at.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import urlsplit
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
import time_machine
from celery import current_app
from hypothesis import HealthCheck
from hypothesis import settings as Settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from hypothesis.stateful import run_state_machine_as_test as run_machine

from apps.agents.services import create_agent, publish
from apps.billing.models import Hold
from apps.calls import streams
from apps.calls.models import Call
from apps.calls.services import claim_call, finish_call
from apps.calls.services.reconcile import reconcile
from apps.calls.states import CallState
from apps.campaigns.config import CampaignConfig
from apps.campaigns.hours.windows import PlaceKey
from apps.campaigns.models import (
    Attempt,
    AttemptState,
    Campaign,
    CampaignState,
    Contact,
    ContactState,
    Progress,
)
from apps.campaigns.services import counting, lifecycle, suppression
from apps.campaigns.services.advance import advance
from apps.campaigns.services.places import place_for
from apps.campaigns.services.settling import settle
from apps.campaigns.services.tick import tick
from apps.numbers.models import PhoneNumber
from media_workers.contract.calls import ClaimRequest, Heartbeat
from media_workers.contract.events import Ended, EndReason
from telephony.edge.services import ensure_node, new_token, record_heartbeat
from telephony.trunks.models import Trunk, TrunkGateway
from tenants.scope import platform_scope, tenant_scope
from tests.killing import deaths, dying
from tests.money import ensure_adds_up
from tests.tenancy import make_tenant, script_config

ZONES = ("America/New_York", "Europe/Berlin", "Asia/Tokyo")
OPENS, CLOSES = 9, 18
NUMBERS = tuple(f"+1202555{n:04d}" for n in range(1_200, 1_208))
PER_DAY = 2
BUDGET = 900_000
BEGIN = datetime(2026, 3, 4, 15, 0, tzinfo=UTC)
"""New York and Berlin are awake, Tokyo is not."""

ENDS = (
    (EndReason.CALLEE_HUNG_UP, None, 40_000),
    (EndReason.CALLEE_HUNG_UP, None, 2_000),
    (EndReason.BUSY, 486, 0),
    (EndReason.NO_ANSWER, None, 0),
    (EndReason.UNREACHABLE, 503, 0),
    (EndReason.REJECTED, 603, 0),
    (EndReason.NODE_LOST, None, 0),
)
LINES = 6


class Campaigns(RuleBasedStateMachine):
    """Virtual time only goes forward; the node lists its calls and so is alive."""

    seen: ClassVar[Counter[str]] = Counter()
    """What happened in all examples: a machine in which nothing happens promises nothing."""

    @initialize()
    def begin(self) -> None:
        self.now = BEGIN
        self.claimed: dict[UUID, datetime] = {}
        self.outcomes: dict[UUID, str] = {}
        with self._time():
            self.tenant = make_tenant("Machine")
            with tenant_scope(self.tenant.pk):
                agent = create_agent(name="Caller", config=script_config(max_duration_ms=120_000))
                publish(agent=agent)
                agent.refresh_from_db()
                trunk = Trunk.objects.create(name="Carrier", max_concurrent_calls=4, max_calls_per_second=50)
                TrunkGateway.objects.create(trunk=trunk, host="192.0.2.1")
                serial = self.tenant.pk.int % 10**7
                number = PhoneNumber.objects.create(
                    e164=f"+1415{serial:07d}", carrier="byoc", trunk=trunk, purpose="outbound"
                )
                self.campaigns = [self._campaign(agent, number, most) for most in (2, 3)]
            self.node = ensure_node(f"machine-{self.tenant.pk.hex[:12]}", new_token())
            self._beat()

        for place, number in enumerate(NUMBERS[:6]):
            self.a_contact_is_added(place % 2, number, ZONES[place % 3], None)
            self.a_contact_is_added(1 - place % 2, number, ZONES[place % 3], None)
        for which in (0, 1):
            self.a_worker_decides(which, None)  # judges the places

    def _campaign(self, agent: Any, number: PhoneNumber, most: int) -> UUID:
        config = CampaignConfig.model_validate(
            {
                "hours": {
                    "windows": [
                        {
                            "days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
                            "start": f"{OPENS:02d}:00",
                            "end": f"{CLOSES:02d}:00",
                        }
                    ],
                    "rules": [],
                    "skip_holidays": False,
                },
                "pacing": {"max_concurrent": most, "calls_per_second": 2},
                "attempts": {"max_per_day": PER_DAY, "max_per_contact": 3},
                "callers": {"numbers": [number.public_id], "daily_cap": 1_000},
                "auto_pause": {"at_least": 10_000},
                "budget_micros": BUDGET,
                "stay_open": True,
            }
        )
        campaign = lifecycle.create_campaign(name=f"Up to {most}", agent=agent, config=config)
        lifecycle.start_campaign(campaign=campaign, now=self.now)
        return campaign.pk

    # What happens.

    @rule(seconds=st.sampled_from([0.2, 1, 5, 60, 600, 3_600, 6 * 3_600]))
    def time_passes(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    @rule(which=st.integers(0, 1), number=st.sampled_from(NUMBERS), zone=st.sampled_from(ZONES), death=deaths)
    def a_contact_is_added(self, which: int, number: str, zone: str, death: Any) -> None:
        def add() -> None:
            with tenant_scope(self.tenant.pk):
                campaign = Campaign.objects.get(pk=self.campaigns[which])
                if Contact.objects.filter(campaign=campaign, e164=number).exists():
                    return
                key = PlaceKey((zone,), "US")
                place = place_for(campaign, [key])[key]
                Contact.objects.create(campaign=campaign, place=place, e164=number, next_at=self.now)
                progress = counting.lock(campaign.pk)
                counting.added(progress, state=ContactState.WAITING)
                counting.save(progress)

        self._do(add, death)

    @rule(death=deaths)
    def beat_ticks(self, death: Any) -> None:
        self._beat()
        self._do(lambda: tick(now=self.now), death)

    @rule(which=st.integers(0, 1), death=deaths)
    def a_worker_decides(self, which: int, death: Any) -> None:
        campaign = self.campaigns[which]
        before = self._live(campaign)
        self._do(lambda: advance(self.tenant.pk, campaign, now=self.now), death)
        most = (2, 3)[which]
        assert self._live(campaign) <= max(most, before), "more calls at once than the campaign allows"

    @rule(which=st.integers(0, 1), death=deaths)
    def a_worker_settles(self, which: int, death: Any) -> None:
        self._do(lambda: self._in_tenant(lambda: settle(self.campaigns[which], now=self.now)), death)

    @rule(place=st.integers(0, 20), death=deaths)
    def a_line_claims(self, place: int, death: Any) -> None:
        """Any call that has not ended, those that another line has had as well."""
        calls = self._calls()
        if not calls:
            return
        call_id = calls[place % len(calls)]
        plan: list[Any] = []
        wish = ClaimRequest(node=self.node.name, line=0)
        self._do(lambda: plan.append(claim_call(self.node, call_id, wish)), death)
        if plan and plan[0] is not None:
            assert call_id not in self.claimed, "given to two lines"
            self.seen["dialed"] += 1
            self._ensure_lawful(call_id)
        with self._time(), tenant_scope(self.tenant.pk):
            call = Call.objects.get(pk=call_id)
        if call.dialing_at is not None:
            self.claimed.setdefault(call_id, call.dialing_at)

    @rule(place=st.integers(0, 20), how=st.sampled_from(ENDS), death=deaths)
    def a_call_ends(self, place: int, how: tuple[EndReason, int | None, int], death: Any) -> None:
        calls = self._calls(carried=True)
        if not calls:
            return
        reason, code, duration_ms = how

        def end() -> None:
            with tenant_scope(self.tenant.pk):
                call = Call.objects.select_for_update(of=("self",)).get(pk=calls[place % len(calls)])
                if duration_ms and call.answered_at is None:
                    call.move_to(CallState.IN_PROGRESS, at=self.now)
                    call.save()
                finish_call(call, Ended(reason=reason, sip_code=code, duration_ms=duration_ms), at=self.now)

        self._do(end, death)

    @rule(how=st.lists(st.sampled_from(ENDS), min_size=1, max_size=4))
    def an_ordinary_minute(self, how: list[tuple[EndReason, int | None, int]]) -> None:
        """Everything in its order, and nobody dies."""
        self.beat_ticks(None)
        for which in (0, 1):
            self.a_worker_decides(which, None)
        for place, end in enumerate(how):
            self.time_passes(1)
            self.a_line_claims(place, None)
            self.a_call_ends(0, end, None)
        for which in (0, 1):
            self.a_worker_settles(which, None)

    @rule(number=st.sampled_from(NUMBERS))
    def somebody_must_not_be_called(self, number: str) -> None:
        def add() -> None:
            suppression.add(e164=number, source="person", campaign=None)

        self._do(lambda: self._in_tenant(add), None)

    @rule(which=st.integers(0, 1), death=deaths)
    def it_is_paused_or_goes_on(self, which: int, death: Any) -> None:
        def change() -> None:
            campaign = Campaign.objects.get(pk=self.campaigns[which])
            if campaign.state == CampaignState.RUNNING:
                lifecycle.pause_campaign(campaign=campaign, now=self.now)
            elif campaign.state == CampaignState.PAUSED:
                Campaign.objects.filter(pk=campaign.pk).update(
                    state=CampaignState.RUNNING, resumed_at=self.now, pause_reason=""
                )

        self._do(lambda: self._in_tenant(change), death)

    @rule(death=deaths)
    def the_reconciler_looks(self, death: Any) -> None:
        self._beat()
        self._do(lambda: reconcile(now=self.now), death)

    # What must be true.

    @invariant()
    @precondition(lambda self: hasattr(self, "node"))
    def promises_hold(self) -> None:
        with self._time(), tenant_scope(self.tenant.pk):
            calls = {call.pk: call for call in Call.objects.all()}
            attempts = list(Attempt.objects.all())
            contacts = list(Contact.objects.all())
            self._one_call_per_attempt(calls, attempts)
            self._nobody_too_often(calls, attempts)
            self._forward_only(attempts)
            self._counts_are_true(contacts, attempts)
            self._money_is_right()

    def _one_call_per_attempt(self, calls: dict[UUID, Call], attempts: list[Attempt]) -> None:
        assert sorted(calls) == sorted(attempt.call_id for attempt in attempts), "a call without its attempt"
        open_of = Counter(a.contact_id for a in attempts if calls[a.call_id].state != CallState.ENDED)
        assert max(open_of.values(), default=0) <= 1, "two calls of one contact at a time"

    def _nobody_too_often(self, calls: dict[UUID, Call], attempts: list[Attempt]) -> None:
        for number in NUMBERS:
            dialed = sorted(
                call.dialing_at
                for a in attempts
                if a.e164 == number and (call := calls[a.call_id]).dialing_at is not None
            )
            for first, over in zip(dialed, dialed[PER_DAY:], strict=False):
                assert over - first >= timedelta(hours=24), f"{number} was dialed too often in a day"

    def _forward_only(self, attempts: list[Attempt]) -> None:
        for attempt in attempts:
            if attempt.state == AttemptState.ENDED:
                assert self.outcomes.setdefault(attempt.pk, attempt.outcome) == attempt.outcome

    def _counts_are_true(self, contacts: list[Contact], attempts: list[Attempt]) -> None:
        for campaign in self.campaigns:
            progress = Progress.objects.get(campaign=campaign)
            of = Counter(contact.state for contact in contacts if contact.campaign_id == campaign)
            for state in ContactState:
                assert getattr(progress, state) == of[state], f"{state} is counted wrongly"
            mine = [a for a in attempts if a.campaign_id == campaign]
            over = [a for a in mine if a.state == AttemptState.ENDED and a.dialed]
            assert progress.attempts == len(over)
            assert progress.cost_micros == sum(a.cost_micros for a in mine)
            assert progress.held_micros == sum(a.held_micros for a in mine if a.state == AttemptState.OPEN)
            assert progress.cost_micros + progress.held_micros <= BUDGET, "over the budget"

    def _money_is_right(self) -> None:
        ensure_adds_up()
        held = Hold.objects.filter(settled_micros=None)
        alive = set(Call.objects.exclude(state=CallState.ENDED).values_list("pk", flat=True))
        assert set(held.values_list("subject_id", flat=True)) <= alive, "money held for a call that is over"

    def _ensure_lawful(self, call_id: UUID) -> None:
        """The moment at which a line was given the call."""
        with self._time(), tenant_scope(self.tenant.pk):
            attempt = Attempt.objects.select_related("contact__place", "campaign").get(call_id=call_id)
            assert attempt.campaign.state == CampaignState.RUNNING, "dialed while it was paused"
            for zone in attempt.contact.place.zones:
                there = self.now.astimezone(ZoneInfo(zone))
                assert OPENS <= there.hour < CLOSES, f"dialed at {there}"
            assert not suppression.suppressed([attempt.e164], campaign=attempt.campaign), "must not be called"
            others = [
                c.dialing_at
                for c in Call.objects.filter(pk__in=self.claimed)
                if c.dialing_at is not None
                and Attempt.objects.filter(call=c, campaign=attempt.campaign).exists()
            ]
            assert sum(self.now - at < timedelta(seconds=1) for at in others) <= 2, "faster than allowed"

    # How.

    def teardown(self) -> None:
        if hasattr(self, "tenant"):
            with self._time(), tenant_scope(self.tenant.pk):
                self.seen.update(Attempt.objects.values_list("outcome", flat=True))
            with self._time(), platform_scope():
                running = Campaign.objects.filter(tenant=self.tenant)
                running.update(state=CampaignState.STOPPED, ended_at=self.now)
            self.now += timedelta(days=1)

    def _do(self, step: Callable[[], object], death: tuple[int, bool] | None) -> None:
        after, committed = death or (None, False)
        with self._time(), dying(after, committed=committed):
            step()
            return
        self.seen["died"] += 1

    def _in_tenant(self, step: Callable[[], object]) -> None:
        with tenant_scope(self.tenant.pk):
            step()

    def _time(self) -> Any:
        return time_machine.travel(self.now, tick=False)

    def _live(self, campaign: UUID) -> int:
        with self._time(), tenant_scope(self.tenant.pk):
            live = Call.objects.exclude(state=CallState.ENDED).values("pk")
            return Attempt.objects.filter(campaign=campaign, call__in=live).count()

    def _calls(self, *, carried: bool = False) -> list[UUID]:
        with self._time(), tenant_scope(self.tenant.pk):
            rows = Call.objects.exclude(state=CallState.ENDED)
            if carried:
                rows = rows.exclude(state=CallState.QUEUED)
            return list(rows.order_by("pk").values_list("pk", flat=True))

    def _beat(self) -> None:
        told = Heartbeat(
            node=self.node.name,
            boot_id=UUID(int=1),
            sip_address="127.0.0.1:5060",
            lines=LINES,
            capacity=LINES,
            active=0,
            calls=self._calls(carried=True),
        )
        with self._time():
            record_heartbeat(self.node, told, now=self.now)


@pytest.mark.timeout(600)
@pytest.mark.django_db(transaction=True)
def test_whatever_happens_every_promise_holds(
    own_valkey: None, monkeypatch: pytest.MonkeyPatch, settings_of_examples: Settings
) -> None:
    monkeypatch.setattr(current_app, "send_task", lambda *_, **__: None)
    # By its module: the package has a function of that name.
    reconciling = sys.modules[reconcile.__module__]
    monkeypatch.setattr(reconciling, "probe_control_api", lambda *_: True)
    Campaigns.seen.clear()
    run_machine(Campaigns, settings=settings_of_examples)
    # The steps are drawn anew each time: far fewer than a usual run has, but never none.
    assert Campaigns.seen["dialed"] >= 5, Campaigns.seen
    assert Campaigns.seen["died"] >= 5, Campaigns.seen


@pytest.fixture
def own_valkey(settings: Any, worker_id: str) -> Iterator[None]:
    """An empty Valkey database of this test process alone."""
    number = 8 + int(worker_id.removeprefix("gw") if worker_id != "master" else 0) % 8
    settings.REDIS_URL = urlsplit(settings.REDIS_URL)._replace(path=f"/{number}").geturl()
    streams.client().flushdb()
    yield
    streams.client().flushdb()


@pytest.fixture
def settings_of_examples() -> Settings:
    return Settings(
        max_examples=12, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
    )
