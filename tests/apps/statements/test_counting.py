"""Sums of usage, from the ledger's charges."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from apps.billing.models import AccountKind, ChargeLine, Entry, EntryKind, Posting
from apps.followups.models import MessageState, TextMessage
from apps.statements.models import Fact, FactKind, UsageDay
from apps.statements.selectors import UsageWish, usage
from apps.statements.services import counting
from apps.statements.services.counting import count, count_all, recount
from apps.statements.services.preferences import change_settings
from tenants.ids import new_id
from tenants.scope import platform_scope, tenant_scope
from tests.apps.statements.conftest import BEGAN, LINES, PERSON, Workspace, make_workspace, platform

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 10, 5, 12, tzinfo=UTC)
DAY = date(2026, 10, 5)


def sums(workspace: Workspace) -> set[tuple[Any, ...]]:
    with tenant_scope(workspace.tenant.pk):
        rows = UsageDay.objects.exclude(calls=0, quantity=0, micros=0)
        names = ("day", "agent", "campaign", "number", "component", "calls", "seconds", "quantity", "micros")
        return set(rows.values_list(*names))


def shown(workspace: Workspace, *, group_by: Any = "component", days: tuple[date, date] = (DAY, DAY)) -> Any:
    with tenant_scope(workspace.tenant.pk):
        return usage(UsageWish(*days, group_by=group_by))


def test_a_charged_call_is_in_the_sums_of_what_it_was_for(workspace: Workspace) -> None:
    campaign = workspace.campaign()
    workspace.call(NOON, campaign=campaign, seconds=59)

    assert count_all() >= 1

    where = (DAY, workspace.agent.pk, campaign.pk, workspace.number.pk)
    assert sums(workspace) == {
        (*where, "", 1, 59, 0, 0),
        (*where, "platform", 1, 59, 60, 50_000),
        (*where, "telephony", 1, 59, 60, 10_000),
        # Two models, one call.
        (*where, "llm", 1, 59, 500, 2_000),
    }


def test_counting_again_adds_nothing_and_more_calls_add_up(workspace: Workspace) -> None:
    workspace.call(NOON)
    count_all()
    before = sums(workspace)

    assert count_all() == 0
    assert sums(workspace) == before

    workspace.call(NOON + timedelta(hours=1))
    count_all()
    found = shown(workspace)
    assert (found.total.calls, found.total.seconds, found.total.micros) == (2, 120, 124_000)
    assert found.total.components == {"platform": 100_000, "telephony": 20_000, "llm": 4_000}


def test_a_call_that_costs_nothing_is_counted_too(workspace: Workspace) -> None:
    """Minutes of the plan: no money moves, and no entry is made."""
    included = [platform(60, 0)]
    workspace.call(NOON, lines=included)
    count_all()

    found = shown(workspace)
    assert (found.total.calls, found.total.micros) == (1, 0)


def test_calls_that_are_not_charged_are_not_in_it(workspace: Workspace) -> None:
    workspace.call(NOON, lines=None)
    workspace.call(NOON, lines=[], seconds=0)
    count_all()

    assert shown(workspace).total.calls == 0


def test_rental_is_its_numbers_and_a_message_its_agents(workspace: Workspace) -> None:
    workspace.rental(NOON)
    call = workspace.call(NOON)
    with tenant_scope(workspace.tenant.pk):
        message = TextMessage.objects.create(
            call=call,
            key="1",
            from_number=workspace.number.e164,
            to_number=PERSON,
            text="Hello.",
            state=MessageState.SENT,
            next_at=NOON,
        )
    workspace.charge(
        NOON, f"message:{message.pk}", 8_000, kind=EntryKind.MESSAGE, account=AccountKind.MESSAGES
    )
    workspace.charge(NOON, "storage:2026-10-05", 30, kind=EntryKind.STORAGE, account=AccountKind.STORAGE)
    count_all()

    agent, number = workspace.agent.pk, workspace.number.pk
    of_entries = {row for row in sums(workspace) if row[4] in ("numbers", "messages", "storage")}
    assert of_entries == {
        (DAY, None, None, number, "numbers", 0, 0, 1, 1_150_000),
        (DAY, agent, None, number, "messages", 0, 0, 1, 8_000),
        (DAY, None, None, None, "storage", 0, 0, 1, 30),
    }


def test_what_is_paid_in_is_no_usage(workspace: Workspace) -> None:
    workspace.credit(NOON, 20_000_000)
    count_all()

    assert shown(workspace).total.micros == 0
    with tenant_scope(workspace.tenant.pk):
        assert not Fact.objects.filter(counted_at=None).exists()


def test_a_day_is_the_tenants(workspace: Workspace) -> None:
    """22:30 UTC is the next day in Kathmandu, and the same in New York."""
    late = datetime(2026, 10, 5, 22, 30, tzinfo=UTC)
    workspace.call(late)
    count_all()
    assert {row[0] for row in sums(workspace)} == {DAY}
    in_utc = {row[1:] for row in sums(workspace)}

    for zone, day in (("Asia/Kathmandu", date(2026, 10, 6)), ("America/New_York", DAY)):
        with tenant_scope(workspace.tenant.pk):
            change_settings(zone=zone, bill_to="")
        count_all()
        assert {row[0] for row in sums(workspace)} == {day}
        assert {row[1:] for row in sums(workspace)} == in_utc

    workspace.call(late + timedelta(minutes=1))
    count_all()
    assert {row[0] for row in sums(workspace)} == {DAY}


def test_until_all_is_counted_anew_days_are_those_of_before(workspace: Workspace) -> None:
    """So that no sum is of both."""
    late = datetime(2026, 10, 5, 22, 30, tzinfo=UTC)
    workspace.call(late)
    count_all()
    with tenant_scope(workspace.tenant.pk):
        change_settings(zone="Asia/Kathmandu", bill_to="")
    workspace.call(late)

    count(workspace.tenant.pk)
    assert {row[0] for row in sums(workspace)} == {DAY}
    assert shown(workspace).timezone == "UTC"

    count_all()
    found = shown(workspace, days=(DAY, date(2026, 10, 6)), group_by="day")
    assert ([row.calls for row in found.rows], found.timezone) == ([0, 2], "Asia/Kathmandu")


def test_sums_can_be_made_anew_when_the_calls_are_gone(workspace: Workspace) -> None:
    call = workspace.call(NOON, campaign=workspace.campaign())
    workspace.rental(NOON)
    count_all()
    before = sums(workspace)
    with tenant_scope(workspace.tenant.pk), connection.cursor() as cursor:
        cursor.execute("DELETE FROM campaigns_attempt")
        cursor.execute("DELETE FROM calls_call WHERE id = %s", [call.pk])

    recount(workspace.tenant.pk)
    recount(workspace.tenant.pk)

    assert sums(workspace) == before


def test_who_dies_while_counting_has_counted_nothing(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace.call(NOON)

    def dies(*_: object) -> None:
        raise RuntimeError("killed")

    with monkeypatch.context() as broken:
        broken.setattr(counting, "_add", dies)
        with pytest.raises(RuntimeError):
            count(workspace.tenant.pk)
    assert sums(workspace) == set()

    count_all()
    assert shown(workspace).total.calls == 1


def test_many_are_counted_in_batches(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "BATCH", 3)
    for n in range(7):
        workspace.call(NOON + timedelta(days=n))
    count_all()

    found = shown(workspace, group_by="day", days=(DAY, DAY + timedelta(days=9)))
    assert [row.calls for row in found.rows] == [1] * 7 + [0] * 3


def test_what_waits_is_counted_for_each_tenant_alone(workspace: Workspace) -> None:
    other = make_workspace("+12025551001")
    workspace.call(NOON)
    other.call(NOON)
    other.call(NOON)
    count_all()

    assert (shown(workspace).total.calls, shown(other).total.calls) == (1, 2)


@pytest.mark.parametrize("scope", ["tenant", "platform"])
def test_the_database_puts_every_charge_down(workspace: Workspace, scope: str) -> None:
    """Whoever writes it, in whichever scope."""
    entered = tenant_scope(workspace.tenant.pk) if scope == "tenant" else platform_scope()
    with entered:
        entry = Entry.objects.create(
            tenant=workspace.tenant, kind=EntryKind.RENTAL, why="Test", reference=f"rental:{new_id()}:x"
        )
        rows = [(AccountKind.NUMBERS, 5), (AccountKind.WALLET, -5)]
        for account, amount in rows:
            Posting.objects.create(
                tenant=workspace.tenant, entry=entry, account=account, amount_micros=amount
            )
        fact = Fact.objects.get(pk=entry.pk)

    assert (fact.kind, fact.tenant_id, fact.at) == (FactKind.ENTRY, workspace.tenant.pk, entry.created_at)


def test_groups_name_what_they_are_of(workspace: Workspace) -> None:
    campaign, another = workspace.campaign(), workspace.another_agent("Bookings")
    workspace.call(NOON, campaign=campaign)
    workspace.call(NOON, agent=another)
    workspace.call(NOON, agent=another)
    workspace.rental(NOON, 200_000)
    count_all()

    def rows(group_by: str) -> list[tuple[Any, ...]]:
        found = shown(workspace, group_by=group_by).rows
        return [(row.key, row.name, row.calls, row.seconds, row.micros) for row in found]

    assert rows("agent") == [
        (None, "Without an agent", 0, 0, 200_000),
        (another.public_id, "Bookings", 2, 120, 124_000),
        (workspace.agent.public_id, "Reception", 1, 60, 62_000),
    ]
    assert rows("campaign") == [
        (None, "Not of a campaign", 2, 120, 324_000),
        (campaign.public_id, "Spring", 1, 60, 62_000),
    ]
    assert rows("number") == [(workspace.number.public_id, workspace.number.e164, 3, 180, 386_000)]
    assert rows("component") == [
        ("numbers", "Phone numbers", 0, 0, 200_000),
        ("platform", "Platform minutes", 3, 180, 150_000),
        ("telephony", "Telephony", 3, 180, 30_000),
        ("llm", "Language models", 3, 180, 6_000),
    ]


def test_what_is_gone_keeps_its_money(workspace: Workspace) -> None:
    with tenant_scope(workspace.tenant.pk):
        UsageDay.objects.create(day=DAY, agent=UUID(int=7), component="platform", calls=1, micros=5)

    (row,) = shown(workspace, group_by="agent").rows
    assert (row.key, row.name, row.micros) == (f"agt_{7:032x}", "Deleted", 5)


def test_usage_can_be_narrowed(workspace: Workspace) -> None:
    campaign, another = workspace.campaign(), workspace.another_agent("Bookings")
    workspace.call(NOON, campaign=campaign)
    workspace.call(NOON, agent=another, seconds=30)
    count_all()

    def total(**narrowed: Any) -> tuple[int, int, int]:
        with tenant_scope(workspace.tenant.pk):
            found = usage(UsageWish(DAY, DAY, **narrowed)).total
        return found.calls, found.seconds, found.micros

    assert total(agent=another.pk) == (1, 30, 62_000)
    assert total(campaign=campaign.pk) == (1, 60, 62_000)
    assert total(component="telephony") == (2, 90, 20_000)
    assert total(component="llm", campaign=campaign.pk) == (1, 60, 2_000)
    assert total(number=UUID(int=1)) == (0, 0, 0)


class TestAnyOrder(TestCase):
    """Whatever is charged, and whenever it is counted or all is counted anew: the sums are the ledger's."""

    @hypothesis_settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(
        steps=st.lists(
            st.one_of(
                st.tuples(st.just("call"), st.integers(0, 40 * 24), st.integers(0, 4)),
                st.tuples(st.just("rental"), st.integers(0, 40 * 24), st.integers(1, 9_999)),
                st.tuples(st.sampled_from(["count", "recount"]), st.just(0), st.just(0)),
            ),
            max_size=12,
        )
    )
    def test_sums_are_the_ledgers(self, steps: Sequence[tuple[str, int, int]]) -> None:
        workspace = make_workspace(f"+1202{new_id().int % 10**7:07}")
        for step, hours, n in steps:
            at = BEGAN + timedelta(hours=hours)
            if step == "call":
                workspace.call(at, lines=LINES[:n])
            elif step == "rental":
                workspace.rental(at, n)
            elif step == "count":
                count(workspace.tenant.pk)
            else:
                recount(workspace.tenant.pk)
        while count(workspace.tenant.pk):
            pass
        days = (BEGAN.date(), BEGAN.date() + timedelta(days=45))
        found = shown(workspace, days=days)
        with tenant_scope(workspace.tenant.pk):
            of_calls = sum(ChargeLine.objects.values_list("amount_micros", flat=True))
            rentals = Posting.objects.filter(account=AccountKind.NUMBERS)
            of_numbers = sum(rentals.values_list("amount_micros", flat=True))
            charged = ChargeLine.objects.values("charge").distinct().count()
        assert found.total.micros == of_calls + of_numbers
        assert found.total.calls == charged
        assert (
            sum(row.micros for row in shown(workspace, group_by="day", days=days).rows) == found.total.micros
        )
