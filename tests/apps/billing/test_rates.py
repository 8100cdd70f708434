"""Plans, their minutes, and the rates of carriers."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from django.core.management import CommandError, call_command
from django.db import ProgrammingError, connections, transaction
from django.test.utils import override_settings

from apps.billing.models import MinutesUsed, Plan, PlanOfTenant, Rate
from apps.billing.services import rates
from tenants.errors import Conflict, InvalidInput
from tenants.models import Tenant
from tenants.scope import platform_scope, tenant_scope
from tenants.services import add_member, create_user
from tenants.signals import seat_wanted
from tests.tenancy import make_tenant

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
NEXT_MONTH = datetime(2026, 12, 1, tzinfo=UTC)


@pytest.fixture
def tenant(db: None) -> Tenant:
    return make_tenant()


@pytest.fixture
def in_tenant(tenant: Tenant, team: Plan) -> Iterator[Tenant]:
    with tenant_scope(tenant.pk):
        yield tenant


@pytest.fixture
def team(db: None) -> Plan:
    with platform_scope():
        return Plan.objects.create(
            code="team", name="Team", included_minutes=10, seats=2, concurrency=3, number_micros_month=500_000
        )


def rate(prefix: str, micros: int, carrier: str = "twilio", since: datetime = NOW, **fields: object) -> Rate:
    with platform_scope():
        return Rate.objects.create(
            **{
                "carrier": carrier,
                "direction": "outbound",
                "prefix": prefix,
                "micros_per_minute": micros,
                "effective_from": since,
            }
            | fields
        )


def found(e164: str, at: datetime = NOW, direction: str = "outbound", carrier: str = "twilio") -> int | None:
    row = rates.rate_for(carrier=carrier, direction=direction, e164=e164, at=at)
    return row.micros_per_minute if row else None


# --- plans --------------------------------------------------------------------------------------------


def test_who_has_no_plan_has_the_first_one_as_the_settings_say(in_tenant: Tenant) -> None:
    with override_settings(CALL_PRICE_MICROS_PER_MINUTE=7, VENDOR_MARGIN_PERCENT=3):
        plan = rates.plan_of()
        assert (plan.code, plan.minute_micros, plan.margin_percent) == ("pay_as_you_go", 7, 3)
    assert rates.plan_since() is None


def test_the_first_plan_is_there_even_when_staff_have_deleted_it(in_tenant: Tenant) -> None:
    with platform_scope():
        Plan.objects.filter(code="pay_as_you_go").delete()
    assert rates.plan_of().code == "pay_as_you_go"


def test_a_plan_holds_from_its_day_and_the_one_before_until_then(in_tenant: Tenant, team: Plan) -> None:
    with platform_scope():
        Plan.objects.create(code="large", name="Large")
    rates.put_on_plan(code="team", at=NOW)
    assert rates.put_on_plan(code="team", at=NOW + timedelta(days=1)).since == NOW
    rates.put_on_plan(code="large", at=NOW + timedelta(days=3))
    at = {days: rates.plan_of(at=NOW + timedelta(days=days)).code for days in (-1, 0, 2, 3, 99)}
    assert at == {-1: "pay_as_you_go", 0: "team", 2: "team", 3: "large", 99: "large"}
    assert PlanOfTenant.objects.count() == 2


@pytest.mark.parametrize("code", ["", "gold", "old"])
def test_what_cannot_be_chosen_is_refused(in_tenant: Tenant, code: str) -> None:
    with platform_scope():
        Plan.objects.create(code="old", name="Old", archived_at=NOW)
    with pytest.raises(InvalidInput) as refused:
        rates.put_on_plan(code=code, at=NOW)
    assert (refused.value.field, refused.value.code) == ("plan", "unknown")


def test_tenants_read_plans_and_rates_and_write_none(in_tenant: Tenant, team: Plan) -> None:
    rate("1", 1)
    assert {plan.code for plan in Plan.objects.all()} >= {"team"}
    assert found("+12025550100") == 1
    assert Plan.objects.filter(pk=team.pk).update(price_micros_month=0) == 0
    assert Rate.objects.update(micros_per_minute=0) == 0
    with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
        Plan.objects.create(code="mine", name="Mine")


# --- included minutes ---------------------------------------------------------------------------------


def test_included_minutes_are_used_up_by_the_month(in_tenant: Tenant) -> None:
    assert rates.use_included(seconds=60, at=NOW) == 0
    rates.put_on_plan(code="team", at=NOW - timedelta(days=30))
    assert [rates.use_included(seconds=n, at=NOW) for n in (400, 150, 100, 1)] == [400, 150, 50, 0]
    assert rates.included_left_s(rates.plan_of(), at=NOW) == 0
    assert rates.use_included(seconds=60, at=NEXT_MONTH) == 60
    assert rates.included_left_s(rates.plan_of(), at=NEXT_MONTH) == 540


@pytest.mark.django_db(transaction=True)
def test_calls_that_end_at_once_use_no_second_twice(tenant: Tenant, team: Plan) -> None:
    with tenant_scope(tenant.pk):
        rates.put_on_plan(code="team", at=NOW)

    def end(_: int) -> int:
        try:
            with tenant_scope(tenant.pk):
                return rates.use_included(seconds=70, at=NOW)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        used = list(pool.map(end, range(12)))
    assert sum(used) == 600
    with tenant_scope(tenant.pk):
        assert MinutesUsed.objects.get().seconds == 600


# --- seats and calls at a time ------------------------------------------------------------------------


def test_a_plan_has_so_many_seats(in_tenant: Tenant) -> None:
    for n in range(2):
        seat_wanted.send(Tenant, tenant=in_tenant)
        add_member(tenant=in_tenant, user=create_user(email=f"{n}@example.com"), role="analyst")
    seat_wanted.send(Tenant, tenant=in_tenant)
    rates.put_on_plan(code="team", at=NOW - timedelta(days=1))
    with pytest.raises(Conflict) as full:
        seat_wanted.send(Tenant, tenant=in_tenant)
    assert full.value.code == "no_seat_left"


@pytest.mark.django_db(transaction=True)
def test_of_people_who_come_at_once_a_plan_seats_as_many_as_it_has(tenant: Tenant, team: Plan) -> None:
    people = [create_user(email=f"{n}@example.com") for n in range(4)]
    with tenant_scope(tenant.pk):
        rates.put_on_plan(code="team", at=NOW - timedelta(days=1))
    start = Barrier(4)

    def joins(which: int) -> bool:
        try:
            start.wait(30)
            with tenant_scope(tenant.pk):
                seat_wanted.send(Tenant, tenant=tenant)
                add_member(tenant=tenant, user=people[which], role="analyst")
            return True
        except Conflict:
            return False
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(joins, range(4))) == team.seats


def test_calls_at_a_time_are_those_of_the_plan(in_tenant: Tenant) -> None:
    assert rates.concurrency_of([in_tenant.pk], at=NOW) == {}
    rates.put_on_plan(code="team", at=NOW)
    assert rates.concurrency_of([in_tenant.pk], at=NOW) == {in_tenant.pk: 3}


# --- rates --------------------------------------------------------------------------------------------


def test_the_longest_prefix_of_the_carrier_that_is_in_force_counts(in_tenant: Tenant) -> None:
    for prefix, micros in (("", 9), ("1", 10), ("1202", 20), ("44", 30)):
        rate(prefix, micros)
    rate("12025", 99, since=NOW + timedelta(days=1))
    rate("120255", 98, effective_until=NOW, since=NOW - timedelta(days=9))
    rate("1202555", 97, direction="inbound")
    rate("1202555", 96, carrier="telnyx")
    assert [found(n) for n in ("+12025550100", "+13105550100", "+442071838750", "+4930901820")] == [
        20,
        10,
        30,
        9,
    ]
    assert found("+12025550100", at=NOW + timedelta(days=1)) == 99
    assert found("+12025550100", at=NOW - timedelta(days=2)) == 98
    assert found("+12025550100", direction="inbound") == 97
    assert found("+4930901820", carrier="telnyx") is None


def test_many_numbers_take_one_query(in_tenant: Tenant, django_assert_num_queries: object) -> None:
    rate("1", 10)
    rate("1202", 20)
    numbers = ["+12025550100", "+13105550100", "+4930901820"]
    with django_assert_num_queries(1):  # type: ignore[operator]
        told = rates.rates_for(carrier="twilio", direction="outbound", numbers=numbers, at=NOW)
    assert {n: r.micros_per_minute for n, r in told.items()} == {"+12025550100": 20, "+13105550100": 10}


def test_a_number_and_a_message_cost_what_plan_and_rate_say(in_tenant: Tenant) -> None:
    assert rates.number_price_micros(1_150_000) == 1_150_000
    rates.put_on_plan(code="team", at=NOW - timedelta(days=1))
    assert rates.number_price_micros(1_150_000) == 1_650_000
    rate("1", 8_000, direction="message", since=NOW - timedelta(days=9))
    assert rates.message_price_micros(carrier="twilio", e164="+12025550100", parts=3, at=NOW) == 24_000
    assert rates.message_price_micros(carrier="twilio", e164="+4930901820", parts=1, at=NOW) is None


# --- the command --------------------------------------------------------------------------------------


def test_staff_put_a_tenant_on_a_plan(tenant: Tenant, team: Plan) -> None:
    call_command("plan", tenant.slug, "team", verbosity=0)
    with tenant_scope(tenant.pk):
        assert rates.plan_of().code == "team"
    for arguments in (["nobody", "team"], [tenant.slug, "gold"]):
        with pytest.raises(CommandError):
            call_command("plan", *arguments)
