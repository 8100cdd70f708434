"""The table of magic numbers, and that the guide shows the same one."""

from __future__ import annotations

from pathlib import Path

import pytest

from media_workers.sandbox.numbers import PHONES, UNKNOWN, Answers, Refuses, RingsOut, phone_for, table

GUIDE = Path(__file__).parents[3] / "docs" / "guides" / "sandbox.md"


def test_the_guide_shows_the_table() -> None:
    assert table() in GUIDE.read_text(encoding="utf-8"), (
        "docs/guides/sandbox.md differs from the code; paste the output of "
        "`python -m media_workers.sandbox numbers` into it"
    )


def test_numbers_lie_in_the_range_reserved_for_fiction_and_leave_the_demo_its_own() -> None:
    assert all("+12025550101" <= number <= "+12025550199" for number in PHONES)
    assert all(len(number) == 12 for number in PHONES)


@pytest.mark.parametrize("dialed", ["+12025550107", "12025550107"])
def test_a_number_is_found_with_and_without_its_plus(dialed: str) -> None:
    assert phone_for(dialed).name == "busy"


def test_any_other_number_does_not_exist() -> None:
    assert phone_for("+12025550177") is UNKNOWN
    assert UNKNOWN.does == Refuses(404, "Not Found")


def test_every_documented_outcome_has_its_sip_code() -> None:
    codes = {p.name: p.does.code for p in PHONES.values() if isinstance(p.does, Refuses)}
    assert codes == {"busy": 486, "rejects": 603, "unreachable": 480, "carrier down": 503, "blocked": 608}
    assert [p.name for p in PHONES.values() if isinstance(p.does, RingsOut)] == ["rings out", "never answers"]
    silent = [p.name for p in PHONES.values() if isinstance(p.does, Answers) and not p.does.sends_rtp]
    assert silent == ["one-way audio"]


@pytest.mark.parametrize(
    ("dialed", "number"),
    [
        ("+12025560001", "+12025550101"),
        ("12025567307", "+12025550107"),
        ("+12025569999", ""),
        ("+12025570001", ""),
        ("+120255600²1", ""),
    ],
)
def test_the_crowd_does_what_the_magic_numbers_do(dialed: str, number: str) -> None:
    assert phone_for(dialed).number == (number or UNKNOWN.number)
