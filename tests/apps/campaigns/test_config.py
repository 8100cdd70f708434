"""What no campaign can be told to do."""

from __future__ import annotations

from typing import Any

import pytest

from apps.campaigns.configuration import parse_config
from tenants.errors import InvalidFields


@pytest.mark.parametrize(
    ("config", "field"),
    [
        ({"default_country": "XX"}, "config.default_country"),
        ({"number_check": {"url": "https://["}}, "config.number_check.url"),
        ({"number_check": {"url": "https://:443/x"}}, "config.number_check.url"),
        ({"number_check": {"url": "https://example.com:99999/"}}, "config.number_check.url"),
        ({"number_check": {"url": "https://user:secret@example.com/"}}, "config.number_check.url"),
        ({"hours": {"not_before": "0001-01-01T00:00:00+14:00"}}, "config.hours.not_before"),
        ({"hours": {"not_after": "9999-12-31T23:59:59-12:00"}}, "config.hours.not_after"),
        ({"budget_micros": 10**15 + 1}, "config.budget_micros"),
        ({"pacing": {"calls_per_second": float("nan")}}, "config.pacing.calls_per_second"),
    ],
)
def test_a_fault_is_told_in_its_place(config: Any, field: str) -> None:
    with pytest.raises(InvalidFields) as told:
        parse_config(config)

    assert [error.field for error in told.value.errors] == [field]


def test_a_number_check_at_a_port_of_its_own() -> None:
    config = parse_config({"number_check": {"url": "https://hlr.example.com:8443/look-up?x=1"}})

    assert config.number_check is not None
