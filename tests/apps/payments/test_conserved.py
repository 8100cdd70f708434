"""Whatever happens to payments, in whatever order it is told: Stripe's books and ours are the same."""

from __future__ import annotations

import random
from contextlib import suppress

import pytest
from django.db.models import Sum
from django.test.utils import override_settings
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.billing.models import AccountKind, Posting
from apps.payments.models import Payment, StripeEvent
from apps.payments.services.refunds import ask_refund
from tenants.errors import DomainError
from tenants.ids import new_id
from tenants.models import Tenant
from tenants.scope import platform_scope, tenant_scope
from tests.apps.payments.paying import (
    GIVEN,
    USD,
    at_stripe,
    hear,
    later,
    open_top_up,
    stripe_holds,
    take_all,
    tell,
    wallet_of,
)
from tests.fakes.stripe_server import StripeServer
from tests.fakes.stripe_server_state import Refusal
from tests.money import charge_call
from tests.tenancy import make_tenant

pytestmark = pytest.mark.django_db

STEPS = [
    "pay",
    "decline",
    "spend",
    "refund_here",
    "refund_there",
    "fail_refund",
    "dispute",
    "win",
    "told",
    "look",
]


class World:
    """A tenant and its Stripe account; `chance` chooses among what there is."""

    def __init__(self, stripe: StripeServer, tenant: Tenant, chance: random.Random) -> None:
        self.stripe, self.tenant, self.chance = stripe, tenant, chance
        self.spent = 0

    def pay(self) -> None:
        self.stripe.pay_at(open_top_up(self.tenant, self.chance.randint(5, 50) * USD)[1])

    def decline(self) -> None:
        with suppress(Refusal):
            self.stripe.pay_at(open_top_up(self.tenant)[1], "4000000000009995")

    def spend(self) -> None:
        amount = self.chance.randint(1, 9_000_000)
        with tenant_scope(self.tenant.pk):
            if wallet_of(self.tenant).available_micros >= amount:
                charge_call(new_id(), amount)
                self.spent += amount

    def refund_here(self) -> None:
        with suppress(DomainError), tenant_scope(self.tenant.pk):
            payment = self.chance.choice([*Payment.objects.order_by("pk")] or [None])
            if payment is not None:
                ask_refund(payment_id=payment.pk, amount_micros=self.chance.randint(1, 900) * 10_000, why="")

    def refund_there(self) -> None:
        for charge in self._charges():
            with suppress(Refusal):
                self.stripe.account.refund(charge, self.chance.choice([None, 1, 333, 500]))

    def fail_refund(self) -> None:
        for refund in self.stripe.account.all("refund", status="succeeded")[:1]:
            self.stripe.account.fail_refund(refund["id"])

    def dispute(self) -> None:
        for charge in self._charges():
            if not self.stripe.account.get("charge", charge)["disputed"]:
                self.stripe.account.dispute(charge)

    def win(self) -> None:
        for dispute in self.stripe.account.all("dispute", status="needs_response")[:1]:
            self.stripe.account.close_dispute(dispute["id"], won=True)

    def told(self) -> None:
        """Some of what has happened, the later first, some of it again."""
        events = [
            self.chance.choice(self.stripe.account.events) for _ in range(4) if self.stripe.account.events
        ]
        for event in sorted(events, key=self.stripe.account.events.index, reverse=True):
            tell(self.stripe, event)
        take_all()

    def look(self) -> None:
        later(minutes=self.chance.choice([1, 10]))

    def _charges(self) -> list[str]:
        paid = [charge["id"] for charge in self.stripe.account.all("charge", paid=True)]
        return [self.chance.choice(paid)] if paid else []


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.sampled_from(STEPS), min_size=4, max_size=14), seed=st.integers(0, 2**16))
def test_books_agree_in_the_end(stripe: StripeServer, db: None, steps: list[str], seed: int) -> None:
    stripe.reset()
    stripe.account.tax_percent = 7
    with override_settings(FREE_CREDIT_MICROS=GIVEN, STRIPE_AUTOMATIC_TAX=True):
        world = World(stripe, make_tenant(), random.Random(seed))
        world.pay()
        for step in steps:
            getattr(world, step)()
        hear(stripe)
        later(minutes=20)
        hear(stripe)

    tenant = world.tenant
    assert at_stripe(tenant) == stripe_holds(stripe)
    with tenant_scope(tenant.pk):
        rows = Posting.objects.filter(account__in=[AccountKind.TAXES, AccountKind.REFUNDS])
        beside = rows.aggregate(sum=Sum("amount_micros"))["sum"] or 0
    wallet = wallet_of(tenant)
    assert wallet.balance_micros - wallet.debt_micros == GIVEN + at_stripe(tenant) - beside - world.spent
    with platform_scope():
        assert not StripeEvent.objects.filter(done_at=None).exists()
