"""Days as people say them, on a Wednesday, the 4th of March 2026."""

from __future__ import annotations

from datetime import date

import pytest

from apps.analysis.rules import dates
from apps.analysis.rules.found import Setting

SETTING = Setting("en", date(2026, 3, 4), "US")


def found(text: str, **changes: object) -> list[str]:
    setting = Setting(**({"tongue": "en", "today": date(2026, 3, 4), "country": "US"} | changes))  # type: ignore[arg-type]
    return [one.value for one in dates.find(text, setting)]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("tomorrow", "2026-03-05"),
        ("today would be fine", "2026-03-04"),
        ("the day after tomorrow please", "2026-03-06"),
        ("on Friday", "2026-03-06"),
        ("Tuesday", "2026-03-10"),
        ("Wednesday", "2026-03-11"),
        ("next Tuesday", "2026-03-10"),
        ("next Friday", "2026-03-13"),
        ("this Friday", "2026-03-06"),
        ("Monday next week", "2026-03-09"),
        ("last Monday", "2026-03-02"),
        ("March 5th", "2026-03-05"),
        ("March fifth", "2026-03-05"),
        ("the fifth of March", "2026-03-05"),
        ("on the 21st of december", "2026-12-21"),
        ("February 1", "2027-02-01"),
        ("December twenty first 2027", "2027-12-21"),
        ("May 5, 2028", "2028-05-05"),
        ("March the third twenty twenty seven", "2027-03-03"),
        ("January second, nineteen eighty five", "1985-01-02"),
        ("June 3rd two thousand and four", "2004-06-03"),
        ("Tuesday, March 10th", "2026-03-10"),
        ("Tuesday the 10th", "2026-03-10"),
        ("the 20th", "2026-03-20"),
        ("the third", "2026-04-03"),
        ("in three days", "2026-03-07"),
        ("in a week", "2026-03-11"),
        ("two weeks from now", "2026-03-18"),
        ("in a month", "2026-04-04"),
        ("three days ago", "2026-03-01"),
        ("2026-11-30", "2026-11-30"),
        ("3/14/2026", "2026-03-14"),
        ("14/3/2026", "2026-03-14"),
        ("12.04.2026", "2026-04-12"),
        ("February 29", "2028-02-29"),
    ],
)
def test_a_day_is_read(text: str, day: str) -> None:
    assert found(text) == [day]


@pytest.mark.parametrize(
    "text",
    [
        "I may come by",
        "February 30th",
        "31/31/2026",
        "at 5 pm",
        "the first time I called",
        "march over here",
        "today's special",
        "it costs $12.50",
        "version 1.2.3",
        "I have three kids",
        "the second one",
        "",
    ],
)
def test_what_is_no_day_is_none(text: str) -> None:
    assert found(text) == []


def test_the_country_says_which_is_the_month() -> None:
    assert found("5/3/2026") == ["2026-05-03"]
    assert found("5/3/2026", country="DE") == ["2026-03-05"]


def test_a_day_that_was_is_looked_for_backwards() -> None:
    assert found("March 5th", past=True) == ["2025-03-05"]
    assert found("on Friday", past=True) == ["2026-02-27"]


def test_a_weekday_that_the_day_does_not_have_is_less_sure() -> None:
    right, wrong = (dates.find(text, SETTING)[0] for text in ("Tuesday March 10th", "Friday March 10th"))
    assert wrong.sure < right.sure


def test_other_languages_are_read_in_figures_alone() -> None:
    assert found("am 12.04.2026, also morgen", tongue="de") == ["2026-04-12"]
