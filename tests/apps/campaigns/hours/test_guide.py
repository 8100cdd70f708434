"""The guide's table of rules is the program's."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings

from apps.campaigns.hours.presets import PRESETS, Rule

GUIDE = Path(settings.BASE_DIR) / "docs/guides/calling-hours.md"


def row(rule: Rule) -> str:
    week = [" ".join(_clock(a) + "–" + _clock(b) for a, b in day) or "none" for day in rule.days]
    holidays = "none" if rule.no_holidays else "as other days"
    days = f"{week[0]} | {week[5]} | {week[6]} | {holidays}"
    return f"| `{rule.id}` | {rule.name} | {days} | {rule.source} | {rule.checked} |"


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


@pytest.mark.parametrize("rule", PRESETS.values(), ids=lambda rule: rule.id)
def test_the_guide_has_each_rule_as_it_is(rule: Rule) -> None:
    text = GUIDE.read_text()
    assert row(rule) in text
    assert not rule.note or rule.note in text


def test_the_guide_has_no_other_rule() -> None:
    assert GUIDE.read_text().partition("## Rules")[2].count("\n| `") == len(PRESETS)
