"""A carrier's records beside ours: Twilio on a real socket, through its own library."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from pytest_django import Settings

from apps.billing.models import Rate
from apps.calls.models import Call, CallEvent, Direction
from apps.statements.models import Difference, DifferenceKind, Reconciliation, ReconciliationState
from apps.statements.services import reconciling
from apps.statements.services.reconciling import AGAIN, LEASE, READY, UNPRICED_AGAIN, look
from telephony.carriers.twilio import TwilioCarrier, client
from tenants.scope import platform_scope, tenant_scope
from tests.apps.statements.conftest import (
    BEGAN,
    PERSON,
    Workspace,
    at_time,
    make_workspace,
    platform,
    telephony,
)
from tests.fakes.twilio_server.server import TwilioServer, twilio_server
from tests.fakes.twilio_server.state import Call as TheirCall

pytestmark = pytest.mark.django_db

DAY = date(2026, 10, 5)
NOON = datetime(2026, 10, 5, 12, tzinfo=UTC)
NEXT_DAY = datetime(2026, 10, 6, tzinfo=UTC)
NOW = NEXT_DAY + READY
SELLERS = {"twilio": TwilioCarrier()}


@pytest.fixture
def twilio(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[TwilioServer]:
    monkeypatch.setattr(client.time, "sleep", lambda _: None)
    with twilio_server() as server:
        for name, value in server.settings.items():
            setattr(settings, name, value)
        yield server
    assert server.faults == []


@pytest.fixture(autouse=True)
def one_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reconciling, "DAYS_BACK", 1)


def told(
    twilio: TwilioServer,
    call: Call,
    *,
    late_s: int = 1,
    seconds: int | None = None,
    price: str | None = "-0.0070",
) -> TheirCall:
    """Twilio counts `call` too."""
    assert call.ringing_at is not None
    theirs = TheirCall(
        caller=call.from_number,
        called=call.to_number,
        started_at=call.ringing_at + timedelta(seconds=late_s),
        duration_s=call.duration_ms // 1000 if seconds is None else seconds,
        outbound=call.direction == Direction.OUTBOUND,
        price=price,
    )
    twilio.account.calls.append(theirs)
    return theirs


def compared(now: datetime = NOW) -> Reconciliation:
    look(now=now, sellers=SELLERS)
    with platform_scope():
        return Reconciliation.objects.get()


def found() -> list[tuple[Any, ...]]:
    """Kind, our call, seconds here and there, micro-units here and there."""
    with platform_scope():
        rows = Difference.objects.order_by("started_at", "kind")
        names = ("kind", "call", "ours_seconds", "theirs_seconds", "ours_micros", "theirs_micros")
        return list(rows.values_list(*names))


def test_calls_that_agree_leave_sums_and_no_difference(workspace: Workspace, twilio: TwilioServer) -> None:
    told(twilio, workspace.call(NOON))
    told(twilio, workspace.call(NOON + timedelta(hours=1), direction=Direction.INBOUND), price="-0.0043")
    told(twilio, workspace.call(NOON + timedelta(hours=2), lines=[], seconds=0), price=None)

    row = compared()

    assert found() == []
    assert (row.state, row.problem, row.next_at) == (ReconciliationState.DONE, "", None)
    assert (row.ours_calls, row.theirs_calls, row.matched, row.unpriced) == (3, 3, 3, 0)
    assert (row.ours_seconds, row.theirs_seconds) == (120, 120)
    assert (row.ours_micros, row.theirs_micros) == (20_000, 11_300)


def test_what_else_the_carrier_bills_for_the_day_is_kept(twilio: TwilioServer) -> None:
    line = {"category": "sms", "description": "SMS", "usage": "3", "usage_unit": "messages", "count": "3"}
    twilio.account.used[DAY] = [line | {"price": 0.0237}]

    [used] = compared().used

    assert (used["category"], used["quantity"], used["unit"]) == ("sms", "3", "messages")
    assert (used["cost_micros"], used["currency"]) == (23_700, "USD")


def test_every_difference_is_found(workspace: Workspace, twilio: TwilioServer) -> None:
    other = make_workspace("+12025551001")
    here = workspace.call(NOON)
    longer = workspace.call(NOON + timedelta(minutes=10))
    told(twilio, longer, seconds=63)
    dear = other.call(NOON + timedelta(minutes=20))
    told(twilio, dear, price="-0.0110")
    free = other.call(NOON + timedelta(minutes=30), lines=None)
    told(twilio, free)
    there = TheirCall(
        PERSON, workspace.number.e164, NOON + timedelta(minutes=40), 30, outbound=False, price="-0.004"
    )
    twilio.account.calls.append(there)

    row = compared()

    assert found() == [
        (DifferenceKind.MISSING_THERE, here.pk, 60, None, 10_000, None),
        (DifferenceKind.DURATION, longer.pk, 60, 63, 10_000, 7_000),
        (DifferenceKind.LOSS, dear.pk, 60, 60, 10_000, 11_000),
        (DifferenceKind.UNCHARGED, free.pk, 60, 60, None, 7_000),
        (DifferenceKind.MISSING_HERE, None, None, 30, None, 4_000),
    ]
    assert row.differences == 5
    with platform_scope():
        owners = dict(Difference.objects.exclude(call=None).values_list("call", "of_tenant"))
    assert owners == {
        here.pk: workspace.tenant.pk,
        longer.pk: workspace.tenant.pk,
        dear.pk: other.tenant.pk,
        free.pk: other.tenant.pk,
    }


def test_whom_a_caller_was_handed_on_to_is_no_strange_call(
    workspace: Workspace, twilio: TwilioServer
) -> None:
    call = workspace.call(NOON, direction=Direction.INBOUND, seconds=600)
    told(twilio, call, price="-0.0043")
    desk, strange = "+12025550190", "+12025550191"
    with tenant_scope(workspace.tenant.pk), at_time(NOON + timedelta(minutes=2)):
        line = f"INVITE sip:{desk}@carrier.example SIP/2.0"
        body = {"type": "sip", "direction": "out", "leg": 1, "first_line": line}
        CallEvent.objects.create(call=call, seq=1, type="sip", at=NOON + timedelta(minutes=2), body=body)
    for number in (desk, strange):
        at = NOON + timedelta(minutes=2, seconds=1)
        # Some legs show the caller's number instead of ours.
        twilio.account.calls.append(TheirCall(PERSON, number, at, 300, price="-0.0350"))

    row = compared()

    assert found() == [(DifferenceKind.MISSING_HERE, None, None, 300, None, 35_000)]
    assert (row.theirs_calls, row.theirs_micros) == (3, 74_300)


def test_a_price_beside_the_imported_rate_is_told(workspace: Workspace, twilio: TwilioServer) -> None:
    with platform_scope():
        Rate.objects.create(
            carrier="twilio",
            direction="outbound",
            prefix="1",
            micros_per_minute=10_000,
            cost_micros_per_minute=7_000,
            effective_from=BEGAN,
        )
    told(twilio, workspace.call(NOON), price="-0.0070")
    told(twilio, workspace.call(NOON + timedelta(minutes=5)), price="-0.0071")
    other = workspace.call(NOON + timedelta(minutes=10))
    told(twilio, other, price="-0.0080")

    compared()

    assert found() == [(DifferenceKind.PRICE, other.pk, 60, 60, 7_000, 8_000)]


def test_calls_that_never_reached_the_carrier_are_left_out(
    workspace: Workspace, twilio: TwilioServer
) -> None:
    sandbox = workspace.call(NOON)
    on_trunk = make_workspace("+12025551001")
    of_byoc = on_trunk.call(NOON)
    unanswered = workspace.call(NOON, lines=[], seconds=0)
    with tenant_scope(workspace.tenant.pk):
        Call.objects.filter(pk=sandbox.pk).update(test=True)
    with tenant_scope(on_trunk.tenant.pk), connection.cursor() as cursor:
        cursor.execute("UPDATE numbers_phonenumber SET carrier = 'sandbox'")
        assert Call.objects.filter(pk=of_byoc.pk).exists()

    row = compared()

    assert found() == []
    assert (row.ours_calls, row.theirs_calls) == (1, 0)
    assert unanswered.duration_ms == 0


def test_a_call_belongs_to_one_day(workspace: Workspace, twilio: TwilioServer) -> None:
    """Ours began before midnight, the carrier's record after it: no difference in either day."""
    told(twilio, workspace.call(NEXT_DAY - timedelta(seconds=1)), late_s=2)
    told(twilio, workspace.call(NEXT_DAY - timedelta(days=1)), late_s=-1)
    alone = workspace.call(NEXT_DAY - timedelta(seconds=5), to="+12025550185")

    look(now=NOW, sellers=SELLERS)
    look(now=NOW + timedelta(days=1), sellers=SELLERS)

    assert [row[:2] for row in found()] == [(DifferenceKind.MISSING_THERE, alone.pk)]
    with platform_scope():
        counts = dict(Reconciliation.objects.values_list("day", "theirs_calls"))
    assert counts == {DAY: 0, DAY + timedelta(days=1): 1}


def test_what_has_no_price_yet_is_looked_at_again(workspace: Workspace, twilio: TwilioServer) -> None:
    theirs = told(twilio, workspace.call(NOON), price=None)
    row = compared()
    assert (row.unpriced, row.next_at) == (1, NOW + UNPRICED_AGAIN)
    assert look(now=NOW + timedelta(hours=1), sellers=SELLERS) == 0

    theirs.price = "-0.0200"
    look(now=NOW + UNPRICED_AGAIN, sellers=SELLERS)

    with platform_scope():
        row = Reconciliation.objects.get(day=DAY)
    assert (row.unpriced, row.next_at, row.attempts) == (0, None, 2)
    assert [one[0] for one in found()] == [DifferenceKind.LOSS]


def test_a_carrier_that_is_down_is_asked_again_and_what_was_found_stays(
    workspace: Workspace, twilio: TwilioServer
) -> None:
    workspace.call(NOON)
    told(twilio, workspace.call(NOON + timedelta(hours=1)), price=None)
    compared()
    before = found()

    twilio.trouble("GET", "/Calls.json", status=503, times=100)
    later = NOW + UNPRICED_AGAIN
    look(now=later, sellers=SELLERS)

    with platform_scope():
        row = Reconciliation.objects.get(day=DAY)
    assert (row.state, row.next_at) == (ReconciliationState.FAILED, later + AGAIN)
    assert row.problem
    assert found() == before

    twilio.troubles.clear()
    look(now=later + AGAIN, sellers=SELLERS)
    with platform_scope():
        row = Reconciliation.objects.get(day=DAY)
    assert (row.state, row.problem) == (ReconciliationState.DONE, "")


def test_who_dies_while_comparing_is_followed_by_the_next_one(
    workspace: Workspace, twilio: TwilioServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace.call(NOON)

    def dies(*_: object, **__: object) -> Iterator[Any]:
        raise RuntimeError("killed")

    with monkeypatch.context() as broken:
        broken.setattr(reconciling, "pairs", dies)
        with pytest.raises(RuntimeError):
            look(now=NOW, sellers=SELLERS)
    assert look(now=NOW + LEASE - timedelta(seconds=1), sellers=SELLERS) == 0

    assert look(now=NOW + LEASE, sellers=SELLERS) == 1
    assert [row[0] for row in found()] == [DifferenceKind.MISSING_THERE]


def test_comparing_again_finds_the_same_once(workspace: Workspace, twilio: TwilioServer) -> None:
    workspace.call(NOON)
    row = compared()
    before = found()
    with platform_scope():
        Reconciliation.objects.update(next_at=NOW)

    compared(NOW)

    assert found() == before
    assert len(before) == row.differences == 1


def test_a_day_is_compared_some_hours_after_it(twilio: TwilioServer) -> None:
    look(now=NOW - timedelta(seconds=1), sellers=SELLERS)
    look(now=NOW, sellers=SELLERS)

    with platform_scope():
        days = list(Reconciliation.objects.order_by("day").values_list("day", flat=True))
    assert days == [DAY - timedelta(days=1), DAY]


def test_no_tenant_reads_what_is_compared(workspace: Workspace, twilio: TwilioServer) -> None:
    workspace.call(NOON, lines=[platform(), telephony()])
    compared()

    with tenant_scope(workspace.tenant.pk), connection.cursor() as cursor:
        for table in ("statements_reconciliation", "statements_difference"):
            cursor.execute(f"SELECT count(*) FROM {table}")  # noqa: S608
            assert cursor.fetchone() == (0,)
            cursor.execute(f"DELETE FROM {table}")  # noqa: S608
            assert cursor.rowcount == 0
    assert len(found()) == 1


def test_no_number_of_a_person_is_kept(workspace: Workspace, twilio: TwilioServer) -> None:
    workspace.call(NOON)
    twilio.account.calls.append(TheirCall(PERSON, workspace.number.e164, NOON, 30, outbound=False))
    compared()

    with platform_scope(), connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(d::text, ' ') FROM statements_difference AS d")
        (kept,) = cursor.fetchone()
    assert len(found()) == 2
    assert PERSON.removeprefix("+") not in kept
