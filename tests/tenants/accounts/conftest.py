from __future__ import annotations

import pytest
from pytest_django import Settings

from tests.tenants.accounts.client import Browser, empty_cache


@pytest.fixture
def browser() -> Browser:
    return Browser()


@pytest.fixture(autouse=True)
def _counts_of_its_own(settings: Settings) -> None:
    empty_cache(settings)
