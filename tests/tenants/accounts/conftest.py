from __future__ import annotations

import pytest
from django.core.cache import cache

from tests.tenants.accounts.client import Browser


@pytest.fixture
def browser() -> Browser:
    return Browser()


@pytest.fixture(autouse=True)
def _no_counts_from_before() -> None:
    """Limits are counted in the run's own Redis; every test begins at none."""
    for key in cache._cache.get_client().scan_iter("*allauth:rl:*"):  # type: ignore[attr-defined]
        cache._cache.get_client().delete(key)  # type: ignore[attr-defined]
