"""The guide's tables of kinds and states are the program's."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings

from apps.privacy.models import LONGEST_DAYS, Kind, RequestState
from apps.privacy.services.exporting import KEPT
from apps.privacy.services.kinds import WORKS
from apps.privacy.services.purging import FROM_HOUR
from apps.privacy.services.requests import TRIES

TEXT = (Path(settings.BASE_DIR) / "docs/guides/privacy.md").read_text()
ROWS = {
    row.split("|")[1].strip(" `"): [cell.strip() for cell in row.strip("|").split("|")[1:]]
    for row in TEXT.splitlines()
    if row.startswith("| `")
}
CLOCKS = {
    "call__ended_at": "the end of the call",
    "ended_at": "the end of the call",
    "campaign__ended_at": "the end of the campaign",
}


def test_each_kind_and_each_state_is_told_and_nothing_else() -> None:
    assert set(ROWS) == {*Kind.values, *RequestState.values}


@pytest.mark.parametrize("kind", [kind for kind in Kind if WORKS[kind][0].clock in CLOCKS])
def test_ages_count_from_what_the_guide_says(kind: Kind) -> None:
    assert ROWS[kind.value][1] == CLOCKS[WORKS[kind][0].clock]


def test_figures() -> None:
    assert f"1 to {LONGEST_DAYS} days" in TEXT
    assert f"at {FROM_HOUR}:00 UTC" in TEXT
    assert (KEPT.days, TRIES) == (7, 5)
    assert "for seven days" in TEXT
    assert "it failed five times" in TEXT
