"""A Stripe server for all tests here, as new for each."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test.utils import override_settings

from tenants.models import Tenant
from tests.fakes.stripe_server import StripeServer, stripe_server
from tests.tenancy import make_tenant


@pytest.fixture(scope="session")
def _stripe_server() -> Iterator[StripeServer]:
    with stripe_server() as server:
        yield server


@pytest.fixture
def stripe(_stripe_server: StripeServer) -> Iterator[StripeServer]:
    """One that the control plane is set up to use."""
    _stripe_server.reset()
    with override_settings(**_stripe_server.settings):
        yield _stripe_server


@pytest.fixture
def tenant(db: None) -> Tenant:
    """With five dollars that were given."""
    with override_settings(FREE_CREDIT_MICROS=5_000_000):
        return make_tenant()
