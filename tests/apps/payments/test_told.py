"""Stripe tells over HTTP, again until it is heard."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from django.test.utils import override_settings
from pytest_django.live_server_helper import LiveServer

from apps.payments.models import PaymentState, StripeEvent
from tenants.models import Tenant
from tenants.scope import platform_scope
from tests.apps.payments.paying import fresh, open_top_up, take_all
from tests.fakes.stripe_server import StripeServer

pytestmark = pytest.mark.django_db(transaction=True)


def until(true: Callable[[], bool]) -> None:
    for _ in range(600):
        if true():
            return
        time.sleep(0.05)
    raise AssertionError("it never became so")


def test_it_tells_until_it_is_heard(stripe: StripeServer, tenant: Tenant, live_server: LiveServer) -> None:
    payment, url = open_top_up(tenant)
    with override_settings(STRIPE_WEBHOOK_SECRETS=["whsec_of_another"]):
        stripe.webhooks_to = f"{live_server.url}/webhooks-in/stripe"
        stripe.pay_at(url)
        until(lambda: stripe.refused_tellings > 0)
        with platform_scope():
            assert not StripeEvent.objects.exists()

    def heard() -> bool:
        with platform_scope():
            return StripeEvent.objects.count() == len(stripe.account.events)

    until(heard)
    take_all()
    assert fresh(payment).state == PaymentState.SUCCEEDED
