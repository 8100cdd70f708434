"""Money is conserved, whatever happens, in whatever order, wherever the program dies.

A machine of hypothesis plays with one tenant's money against real PostgreSQL with real commits. Each step may
die at any of its commits, or happen at the same time as others in threads of their own. The machine keeps its
own account of what it has asked for: nothing that was acknowledged is ever missing, nothing is there twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

import pytest
from django.db import connections
from hypothesis import HealthCheck
from hypothesis import settings as Settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from hypothesis.stateful import run_state_machine_as_test as run_machine

from apps.billing import services
from apps.billing.errors import NotEnoughMoney
from apps.billing.models import AccountKind, CallCharge, Entry, EntryKind, Hold, HoldSubject
from apps.billing.selectors import charges_of, get_wallet
from apps.billing.values import HoldRequest, Spent
from tenants.ids import new_id
from tenants.scope import tenant_scope
from tests.killing import deaths, dying
from tests.money import ensure_adds_up, line
from tests.tenancy import make_tenant

CENT = 10_000
FREE = 100 * CENT
MINUTE_MS = 60_000
WHICH = st.integers(0, 3)


@dataclass
class Asked:
    """An amount that moves in or out of the wallet by its reference; whether that was acknowledged."""

    reference: str
    moves: int
    acknowledged: bool = False


class Money(RuleBasedStateMachine):
    """Four of each: credits, charges, disputes, calls, orders, each asked for again and again."""

    seen: ClassVar[Counter[str]] = Counter()

    @initialize()
    def begin(self) -> None:
        self.tenant = make_tenant("Money")
        self.calls = [new_id() for _ in range(4)]
        self.costs: dict[UUID, set[int]] = {call: set() for call in self.calls}
        self.orders = [new_id() for _ in range(4)]
        self.asked = {
            one.reference: one
            for n in range(4)
            for one in (
                Asked(f"in:{n}", (n + 1) * 17 * CENT),
                Asked(f"out:{n}", -(n + 1) * 13 * CENT),
                Asked(f"taken:{n}", -(n + 1) * 29 * CENT),
                Asked(f"order:{n}", -(n + 1) * 7 * CENT),
            )
        }

    @rule(which=WHICH, death=deaths)
    def money_comes(self, which: int, death: Any) -> None:
        self._do(lambda: self._credit(which), death)

    @rule(which=WHICH, death=deaths)
    def something_is_charged(self, which: int, death: Any) -> None:
        self._do(lambda: self._charge(which), death)

    @rule(which=WHICH, death=deaths)
    def a_bank_takes_money(self, which: int, death: Any) -> None:
        self._do(lambda: self._take(which), death)

    @rule(minutes=st.lists(st.integers(1, 30), min_size=1, max_size=4), death=deaths)
    def calls_begin(self, minutes: list[int], death: Any) -> None:
        self._do(lambda: self._hold(minutes), death)

    @rule(ms=st.integers(1, 20 * MINUTE_MS), death=deaths)
    def calls_last(self, ms: int, death: Any) -> None:
        self._do(lambda: self._extend(ms), death)

    @rule(which=WHICH, ms=st.integers(0, 9 * MINUTE_MS), cents=st.integers(0, 90), death=deaths)
    def somebody_else_is_called_or_hangs_up(self, which: int, ms: int, cents: int, death: Any) -> None:
        self._do(lambda: self._leg(which, ms, cents) if cents else self._leg_over(which, ms), death)

    @rule(which=WHICH, cents=st.integers(0, 60), death=deaths)
    def a_call_ends(self, which: int, cents: int, death: Any) -> None:
        self._do(lambda: self._settle(which, cents), death)
        with tenant_scope(self.tenant.pk):
            charge = CallCharge.objects.filter(call=self.calls[which]).first()
        if charge is not None and charge.written_off_micros:
            self.seen["written off"] += 1

    @rule(which=WHICH, death=deaths)
    def something_is_ordered(self, which: int, death: Any) -> None:
        self._do(lambda: self._order(which), death)

    @rule(which=WHICH, bought=st.booleans(), death=deaths)
    def an_order_ends(self, which: int, bought: bool, death: Any) -> None:
        self._do(lambda: self._end_order(which, bought), death)

    @rule(which=WHICH, minutes=st.integers(1, 9), cents=st.integers(0, 60))
    def everything_at_once(self, which: int, minutes: int, cents: int) -> None:
        works: list[Callable[[], None]] = [
            lambda: self._credit(which),
            lambda: self._charge(which),
            lambda: self._settle(which, cents),
            lambda: self._hold([minutes, minutes]),
            lambda: self._extend(minutes * MINUTE_MS),
            lambda: self._leg(which, minutes * MINUTE_MS, cents),
            lambda: self._leg_over(which, minutes * MINUTE_MS),
            lambda: self._order(which),
        ]
        with ThreadPoolExecutor(len(works)) as threads:
            list(threads.map(self._alone, works))
        self.seen["at once"] += 1

    # What is true at any time.

    @invariant()
    def nothing_is_lost_or_made(self) -> None:
        if not hasattr(self, "tenant"):
            return
        with tenant_scope(self.tenant.pk):
            ensure_adds_up()
            wallet = get_wallet()
            there = set(Entry.objects.values_list("reference", flat=True))
            charged = charges_of(self.calls)
        for one in self.asked.values():
            assert not one.acknowledged or one.reference in there, f"{one.reference} was lost"
        moved = sum(one.moves for one in self.asked.values() if one.reference in there)
        assert wallet.balance_micros - wallet.debt_micros == FREE + moved - sum(charged.values())

    @invariant()
    def no_call_is_charged_what_it_did_not_cost(self) -> None:
        if not hasattr(self, "tenant"):
            return
        with tenant_scope(self.tenant.pk):
            for charge in CallCharge.objects.select_related("entry"):
                assert charge.total_micros in self.costs[charge.call]
                if charge.entry is not None:
                    assert charge.entry.reference == f"call:{charge.call}"

    # How it is asked for.

    def _credit(self, which: int) -> None:
        one = self.asked[f"in:{which}"]
        services.credit(
            tenant=self.tenant,
            amount_micros=one.moves,
            why="Top-up",
            kind=EntryKind.TOP_UP,
            account=AccountKind.STRIPE,
            reference=one.reference,
        )
        one.acknowledged = True

    def _charge(self, which: int) -> None:
        one = self.asked[f"out:{which}"]
        values = self._values(one)
        with tenant_scope(self.tenant.pk):
            services.charge(kind=EntryKind.RENTAL, account=AccountKind.NUMBERS, **values)
        one.acknowledged = True

    def _take(self, which: int) -> None:
        one = self.asked[f"taken:{which}"]
        values = self._values(one)
        with tenant_scope(self.tenant.pk):
            services.take(kind=EntryKind.DISPUTE, account=AccountKind.DISPUTES, **values)
        one.acknowledged = True

    def _hold(self, minutes: list[int]) -> None:
        wanted = {
            call: HoldRequest(per_minute_micros=6 * CENT, first_ms=MINUTE_MS, most_ms=n * MINUTE_MS)
            for call, n in zip(self.calls, minutes, strict=False)
        }
        with tenant_scope(self.tenant.pk):
            held = services.hold_many(holds=wanted)
        self.seen["held"] += len(held)

    def _extend(self, ms: int) -> None:
        with tenant_scope(self.tenant.pk):
            spent = {self.calls[0]: Spent(ms // 2, ms)}
            paid = services.extend_holds(needed=dict.fromkeys(self.calls, ms), spent=spent)
            if any(held_ms < ms for held_ms in paid.values()):
                self.seen["short"] += 1

    def _leg(self, which: int, ms: int, cents: int) -> None:
        with tenant_scope(self.tenant.pk):
            services.hold_leg(
                call_id=self.calls[which], key="leg", at_ms=ms, per_minute_micros=cents * CENT, begun_s=60
            )
            self.seen["legs"] += 1

    def _leg_over(self, which: int, ms: int) -> None:
        with tenant_scope(self.tenant.pk):
            services.free_leg(call_id=self.calls[which], key="leg", at_ms=ms)

    def _settle(self, which: int, cents: int) -> None:
        call = self.calls[which]
        self.costs[call].add(cents * CENT)
        with tenant_scope(self.tenant.pk):
            charged = services.settle(
                tenant_id=self.tenant.pk, call_id=call, lines=[line(cents * CENT)] if cents else []
            )
        self.seen["settled"] += 1 if charged else 0

    def _order(self, which: int) -> None:
        with tenant_scope(self.tenant.pk):
            services.hold_amount(
                tenant_id=self.tenant.pk,
                subject=HoldSubject.NUMBER_ORDER,
                subject_id=self.orders[which],
                amount_micros=(which + 1) * 9 * CENT,
            )

    def _end_order(self, which: int, bought: bool) -> None:
        one, order = self.asked[f"order:{which}"], self.orders[which]
        with tenant_scope(self.tenant.pk):
            if not Hold.objects.filter(subject_id=order).exists():
                return
            if not bought:
                services.free_hold(tenant_id=self.tenant.pk, subject_id=order)
                return
            entry = services.settle_hold(
                subject_id=order, kind=EntryKind.NUMBER, account=AccountKind.NUMBERS, **self._values(one)
            )
        one.acknowledged = one.acknowledged or entry is not None

    def _values(self, one: Asked) -> dict[str, Any]:
        return {
            "tenant_id": self.tenant.pk,
            "reference": one.reference,
            "amount_micros": abs(one.moves),
            "why": "Test",
        }

    def _do(self, work: Callable[[], None], death: Any) -> None:
        after, committed = death or (None, False)
        lived = False
        with dying(after, committed=committed):
            self._paid(work)
            lived = True
        self.seen["died"] += not lived

    def _alone(self, work: Callable[[], None]) -> None:
        try:
            self._paid(work)
        finally:
            connections.close_all()

    def _paid(self, work: Callable[[], None]) -> None:
        try:
            work()
        except NotEnoughMoney:
            self.seen["refused"] += 1


@pytest.mark.django_db(transaction=True)
def test_money_is_conserved(settings: Any) -> None:
    settings.FREE_CREDIT_MICROS = FREE
    Money.seen.clear()
    run_machine(
        Money,
        settings=Settings(
            max_examples=16, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
    for what in ("held", "settled", "died", "refused", "short", "at once", "legs"):
        assert Money.seen[what], Money.seen
