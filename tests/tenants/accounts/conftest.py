from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import time_machine
from pytest_django import Settings

from tests.tenants.accounts.client import Browser, empty_cache


@pytest.fixture
def browser() -> Browser:
    return Browser()


@pytest.fixture(autouse=True)
def _counts_of_its_own(settings: Settings) -> None:
    empty_cache(settings)


@pytest.fixture
def _one_moment() -> Iterator[None]:
    """No minute passes, however slow the machine: limits count by the minute."""
    with time_machine.travel(datetime.now(UTC), tick=False):
        yield
