"""Spend limits: what is held and settled is counted with the wallet, and no limit is ever exceeded."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
import time_machine
from django.db import connections
from django.utils import timezone

from apps.billing.errors import NotEnoughMoney
from apps.billing.models import Hold, LimitPeriod, LimitScope, Spend, SpendLimit
from apps.billing.periods import ends_at, start_of
from apps.billing.selectors import counted, spent
from apps.billing.services import extend_holds, hold_call, hold_many, settle
from apps.billing.services.limit_changes import add_limit, change_limit, delete_limit
from apps.billing.values import HoldRequest
from apps.webhooks.models import Endpoint
from tenants.errors import Conflict, InvalidInput, LimitReached, NotFound
from tenants.ids import new_id, to_public
from tenants.mail import SEND_MAIL
from tenants.models import ApiKey, Tenant
from tenants.scope import tenant_scope
from tenants.services import create_api_key
from tests.apps.webhooks.listening import heard, listen
from tests.money import MINUTE_MS, ensure_adds_up, line, set_balance
from tests.tenancy import make_member, make_tenant

pytestmark = pytest.mark.django_db
USD = 1_000_000
CAMPAIGN, TRUNK = UUID(int=7), UUID(int=8)


@pytest.fixture
def tenant(db: None) -> Tenant:
    tenant = make_tenant()
    set_balance(tenant, 100 * USD)
    return tenant


def limit(
    amount: int, scope: str = "tenant", period: str = "day", scope_id: UUID | None = None
) -> SpendLimit:
    return SpendLimit.objects.create(scope=scope, scope_id=scope_id, period=period, amount_micros=amount)


def costs(per_minute: int = USD, *, on: tuple[tuple[str, UUID], ...] = (), minutes: int = 30) -> HoldRequest:
    """A call that holds its first minute."""
    return HoldRequest(per_minute, MINUTE_MS, minutes * MINUTE_MS, {"test": True}, counted_on=on)


def begin(request: HoldRequest) -> UUID | None:
    call = new_id()
    return call if hold_many(holds={call: request}) else None


def today(of: SpendLimit) -> int:
    return spent(of, start_of(of.period, timezone.now()))


def test_no_call_begins_beyond_a_limit(tenant: Tenant) -> None:
    with tenant_scope(tenant.pk):
        day = limit(2 * USD + USD // 2)
        calls = [begin(costs()) for _ in range(3)]
        assert [bool(call) for call in calls] == [True, True, False]
        assert today(day) == 2 * USD
        ensure_adds_up()


def test_what_a_call_did_not_cost_is_there_for_the_next(tenant: Tenant) -> None:
    with tenant_scope(tenant.pk):
        day = limit(USD)
        first = begin(costs())
        assert first is not None
        assert begin(costs()) is None
        settle(tenant_id=tenant.pk, call_id=first, lines=[line(USD // 4)])
        assert today(day) == USD // 4
        assert begin(costs(USD // 2)) is not None
        assert today(day) == USD // 4 + USD // 2


def test_a_call_that_cost_more_than_was_held_counts_whole(tenant: Tenant) -> None:
    with tenant_scope(tenant.pk):
        day = limit(2 * USD)
        call = begin(costs())
        assert call is not None
        settle(tenant_id=tenant.pk, call_id=call, lines=[line(5 * USD)])
        assert today(day) == 5 * USD
        assert begin(costs()) is None


def test_a_call_that_costs_nothing_needs_no_room(tenant: Tenant) -> None:
    with tenant_scope(tenant.pk):
        limit(0)
        assert begin(costs()) is None
        assert begin(costs(0)) is not None


def test_a_limit_of_something_counts_the_calls_of_that_alone(tenant: Tenant) -> None:
    with tenant_scope(tenant.pk):
        campaign = limit(USD, "campaign", scope_id=CAMPAIGN)
        trunk = limit(3 * USD, "trunk", scope_id=TRUNK)
        both = (("campaign", CAMPAIGN), ("trunk", TRUNK))
        assert begin(costs(on=both)) is not None
        assert begin(costs(on=both)) is None
        assert begin(costs(on=(("trunk", TRUNK),))) is not None
        assert begin(costs(on=(("campaign", TRUNK),))) is not None
        assert begin(costs()) is not None
        assert (today(campaign), today(trunk)) == (USD, 2 * USD)


def test_a_new_limit_counts_what_was_spent_before_it(tenant: Tenant) -> None:
    with tenant_scope(tenant.pk):
        done, going_on = begin(costs(on=(("trunk", TRUNK),))), begin(costs(on=(("trunk", TRUNK),)))
        assert done is not None
        assert going_on is not None
        settle(tenant_id=tenant.pk, call_id=done, lines=[line(USD // 2)])
        begin(costs())
        of_trunk = limit(2 * USD, "trunk", "month", TRUNK)
        assert today(of_trunk) == USD // 2 + USD
        assert begin(costs(on=(("trunk", TRUNK),))) is None
        settle(tenant_id=tenant.pk, call_id=going_on, lines=[])
        assert today(of_trunk) == USD // 2
        assert begin(costs(on=(("trunk", TRUNK),))) is not None


def test_a_call_lasts_as_long_as_the_limit_pays(tenant: Tenant) -> None:
    with tenant_scope(tenant.pk):
        day = limit(2 * USD + USD // 2)
        call = begin(costs())
        assert call is not None
        assert extend_holds(needed={call: 2 * MINUTE_MS}) == {call: 2 * MINUTE_MS}
        assert extend_holds(needed={call: 4 * MINUTE_MS}) == {call: 5 * MINUTE_MS // 2}
        assert today(day) == day.amount_micros
        change_limit(limit_id=day.pk, amount_micros=10 * USD)
        assert extend_holds(needed={call: 4 * MINUTE_MS}) == {call: 4 * MINUTE_MS}
        ensure_adds_up()


def test_a_refused_call_says_which_limit_and_what_to_do(tenant: Tenant) -> None:
    with tenant_scope(tenant.pk):
        limit(50 * USD)
        limit(USD // 2, "trunk", "month", TRUNK)
        with pytest.raises(
            LimitReached, match=r"The spend limit of this Trunk of 0\.50 USD a month"
        ) as refused:
            hold_call(call_id=new_id(), request=costs(on=(("trunk", TRUNK),)))
        assert refused.value.code == "spend_limit"
        assert "raise the limit, or wait until" in refused.value.detail
        set_balance(tenant, 0)
        with pytest.raises(NotEnoughMoney):
            hold_call(call_id=new_id(), request=costs())


def test_its_people_are_told_once_that_little_is_left(
    tenant: Tenant, sent_tasks: list[tuple[str, dict[str, str]]], django_capture_on_commit_callbacks: object
) -> None:
    payer = make_member(tenant, "billing")
    make_member(tenant, "developer")
    with django_capture_on_commit_callbacks(execute=True), tenant_scope(tenant.pk):  # type: ignore[operator]
        endpoint: Endpoint = listen("billing.limit_near")
        day = limit(10 * USD)
        for _ in range(10):
            assert begin(costs()) is not None
        (event,) = heard(endpoint)
        assert (event.data["limit"], event.data["spent_micros"]) == (day.public_id, 9 * USD)
    mails = [told for name, told in sent_tasks if name == SEND_MAIL]
    assert [mail["to"] for mail in mails] == [payer.email]
    assert "9.00 USD of the 10.00 USD" in mails[0]["text"]


def test_nobody_is_told_of_a_day_that_is_over(tenant: Tenant, sent_tasks: list[tuple[str, object]]) -> None:
    """A call that began yesterday counts there, when it ends today; today all of the limit is left."""
    late = datetime(2031, 5, 31, 23, 59, tzinfo=UTC)
    with tenant_scope(tenant.pk):
        day = limit(2 * USD)
        with time_machine.travel(late, tick=False) as clock:
            endpoint: Endpoint = listen("billing.limit_near")
            call = begin(costs())
            clock.shift(timedelta(minutes=2))
            assert call is not None
            settle(tenant_id=tenant.pk, call_id=call, lines=[line(2 * USD)])
        assert (spent(day, late.date()), spent(day, date(2031, 6, 1))) == (2 * USD, 0)
        assert list(heard(endpoint)) == []


@pytest.mark.parametrize("seed", range(3))
def test_whatever_happens_the_counters_are_what_the_holds_say(tenant: Tenant, seed: int) -> None:
    chance = random.Random(seed)
    with tenant_scope(tenant.pk):
        all_limits = [
            limit(20 * USD),
            limit(9 * USD, "campaign", "day", CAMPAIGN),
            limit(12 * USD, "trunk", "month", TRUNK),
        ]
        calls: list[UUID] = []
        for _ in range(40):
            on = tuple(one for one in (("campaign", CAMPAIGN), ("trunk", TRUNK)) if chance.random() < 0.6)
            what = chance.choice(["begin", "begin", "extend", "settle"])
            if what == "begin" and (call := begin(costs(chance.randrange(3 * USD), on=on))):
                calls.append(call)
            elif what == "extend" and calls:
                extend_holds(needed={chance.choice(calls): chance.randrange(6 * MINUTE_MS)})
            elif what == "settle" and calls:
                ended = calls.pop(chance.randrange(len(calls)))
                held = Hold.objects.get(subject_id=ended).amount_micros
                settle(tenant_id=tenant.pk, call_id=ended, lines=[line(chance.randint(0, held))])
            for one in all_limits:
                start = start_of(one.period, timezone.now())
                row = Spend.objects.filter(limit=one, period_start=start).first()
                assert row is None or row.micros == counted(one, start)
                assert spent(one, start) <= one.amount_micros
        ensure_adds_up()


@pytest.mark.django_db(transaction=True)
def test_calls_that_begin_at_once_share_what_is_left() -> None:
    tenant = make_tenant()
    set_balance(tenant, 100 * USD)
    with tenant_scope(tenant.pk):
        day = limit(3 * USD)

    def play(_: int) -> bool:
        try:
            with tenant_scope(tenant.pk):
                return begin(costs()) is not None
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as threads:
        begun = list(threads.map(play, range(8)))
    assert sum(begun) == 3
    with tenant_scope(tenant.pk):
        assert today(day) == 3 * USD
        ensure_adds_up()


def test_limits_are_added_changed_and_deleted(tenant: Tenant) -> None:
    key, _ = create_api_key(tenant=tenant, name="Shop", scopes=["calls.place"], mode="live")
    with tenant_scope(tenant.pk):
        add_limit(scope="tenant", scope_id="", period="day", amount_micros=5 * USD)
        own = add_limit(scope="api_key", scope_id=key.public_id, period="day", amount_micros=USD)
        assert begin(costs(on=(("api_key", key.pk),))) is not None
        assert begin(costs(on=(("api_key", key.pk),))) is None
        with pytest.raises(Conflict):
            add_limit(scope="tenant", scope_id="", period="day", amount_micros=6 * USD)
        change_limit(limit_id=own.pk, amount_micros=2 * USD)
        assert begin(costs(on=(("api_key", key.pk),))) is not None
        delete_limit(limit_id=own.pk)
        assert begin(costs(on=(("api_key", key.pk),))) is not None
        with pytest.raises(NotFound):
            change_limit(limit_id=own.pk, amount_micros=1)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"scope": "tenant", "scope_id": "key_1"}, "scope_id"),
        ({"scope": "api_key", "scope_id": ""}, "scope_id"),
        ({"scope": "api_key", "scope_id": to_public(ApiKey.id_prefix, UUID(int=1))}, "scope_id"),
        ({"scope": "trunk", "scope_id": "key_1"}, "scope_id"),
        ({"amount_micros": -1}, "amount_micros"),
        ({"amount_micros": 10**16}, "amount_micros"),
    ],
)
def test_a_limit_that_makes_no_sense_is_refused(
    tenant: Tenant, changes: dict[str, object], field: str
) -> None:
    usual = {"scope": "tenant", "scope_id": "", "period": "day", "amount_micros": USD}
    with tenant_scope(tenant.pk), pytest.raises(InvalidInput) as refused:
        add_limit(**usual | changes)  # type: ignore[arg-type]
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("period", "at", "start", "end"),
    [
        ("day", datetime(2026, 3, 4, 23, 59, tzinfo=UTC), date(2026, 3, 4), datetime(2026, 3, 5, tzinfo=UTC)),
        (
            "day",
            datetime(2026, 12, 31, 0, 0, tzinfo=UTC),
            date(2026, 12, 31),
            datetime(2027, 1, 1, tzinfo=UTC),
        ),
        (
            "month",
            datetime(2026, 1, 31, 9, 0, tzinfo=UTC),
            date(2026, 1, 1),
            datetime(2026, 2, 1, tzinfo=UTC),
        ),
        (
            "month",
            datetime(2026, 12, 1, 0, 0, tzinfo=UTC),
            date(2026, 12, 1),
            datetime(2027, 1, 1, tzinfo=UTC),
        ),
    ],
)
def test_periods_are_those_of_the_calendar(period: str, at: datetime, start: date, end: datetime) -> None:
    assert (start_of(LimitPeriod(period), at), ends_at(LimitPeriod(period), at)) == (start, end)


def test_every_scope_can_be_limited(db: None) -> None:
    from apps.billing.limit_scopes import prefix_of

    prefixes = {scope: prefix_of(scope) for scope in LimitScope}
    assert prefixes == {"tenant": "", "api_key": "key_", "campaign": "cmp_", "trunk": "trk_"}
