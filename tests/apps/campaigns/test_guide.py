"""The guide's tables of outcomes and reasons are the program's."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings

from apps.campaigns.config import usual_retries
from apps.campaigns.models import CampaignState
from apps.campaigns.outcomes import CONNECTED, HUMAN, Outcome, SetAside

TEXT = (Path(settings.BASE_DIR) / "docs/guides/campaigns.md").read_text()
ROWS = {
    row.split("|")[1].strip(" `"): [cell.strip() for cell in row.strip("|").split("|")[1:]]
    for row in TEXT.splitlines()
    if row.startswith("| `")
}


@pytest.mark.parametrize("outcome", Outcome)
def test_each_outcome_is_told_as_it_is(outcome: Outcome) -> None:
    means, reached, again = ROWS[outcome.value]
    assert means == outcome.label
    assert reached == ("person" if outcome in HUMAN else "machine" if outcome in CONNECTED else "nobody")
    rule = usual_retries().get(outcome.value)  # type: ignore[call-overload]
    if rule is None:
        assert "after" not in again
        return
    wait = f"{rule.after_s // 3_600} h" if rule.after_s >= 3_600 else f"{rule.after_s // 60} min"
    other = ", at another time of day" if rule.other_time_of_day else ""
    assert again == f"{rule.times} time{'s' if rule.times > 1 else ''} after {wait}{other}"


def test_nothing_else_is_in_the_tables() -> None:
    assert set(ROWS) == {*Outcome.values, *CampaignState.values}


@pytest.mark.parametrize("reason", SetAside)
def test_each_reason_not_to_dial_is_named(reason: SetAside) -> None:
    assert f"`{reason.value}`" in TEXT
