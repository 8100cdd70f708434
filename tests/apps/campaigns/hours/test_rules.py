"""The table of rules: whole, well-formed, and never nothing for a place that exists."""

from __future__ import annotations

import re
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import holidays
import pytest
from django.conf import settings
from phonenumbers import SUPPORTED_REGIONS

from apps.campaigns.hours.holidays import holiday
from apps.campaigns.hours.presets import PRESETS, local_rules, region_known, rules_in_force
from apps.campaigns.hours.regions import AUSTRALIA, CANADA, UNITED_STATES
from apps.campaigns.hours.rules.rule import CHECKED, Cap, Rule
from apps.campaigns.hours.rules.us import FEDERAL_ONLY, TERRITORIES

COUNTRIES = sorted(
    {*SUPPORTED_REGIONS, *holidays.list_supported_countries(include_aliases=False)} - {"US", "CA", "AU"}
)
FEDERAL = range(8 * 60, 21 * 60)

# Rule, Monday to Friday, Saturday, Sunday, calls on holidays: written down apart from the table, from the
# texts of the laws themselves and, where those were not to be had, from those who report them.
WRITTEN = """
us_tcpa 0800-2100 0800-2100 0800-2100 yes
us_al 0800-2000 0800-2000 - no
us_ca 0900-2100 0900-2100 0900-2100 yes
us_ct 0900-2000 0900-2000 0900-2000 yes
us_fl 0800-2000 0800-2000 0800-2000 yes
us_ma 0800-2000 0800-2000 0800-2000 yes
us_md 0800-2000 0800-2000 0800-2000 yes
us_me 0900-1700 - - yes
us_ms 0800-2000 0800-2000 - no
us_nj 0800-2100 0800-2100 0800-2100 yes
us_nm 0900-2100 0900-2100 0900-2100 yes
us_ny 0800-2100 0800-2100 0800-2100 yes
us_ok 0900-2000 0900-2000 0900-2000 yes
us_or 0800-2000 0800-2000 0800-2000 yes
us_pa 0900-1900 0900-1900 - no
us_ri 0900-1800 1000-1700 - no
us_sc 0800-1900 0800-1900 0800-1900 yes
us_sd 0900-2100 - - yes
us_tn 0800-2100 0800-2100 0800-2100 yes
us_tx 0900-2100 0900-2100 1200-2100 yes
us_ut 0800-2100 0800-2100 - no
us_va 0800-2100 0800-2100 0800-2100 yes
us_wa 0800-2000 0800-2000 0800-2000 yes
us_wv 0800-2100 0800-2100 0800-2100 yes
ca_crtc 0900-2130 1000-1800 1000-1800 no
fr_decret 1000-1300+1400-2000 - - no
es_consumidores 0900-2100 - - no
it_codice 0900-2000 1000-1900 - no
no_markedsforing 0900-2100 - - no
pt_callcenters 0900-2200 0900-2200 0900-2200 yes
au_standard 0900-2000 0900-1700 - no
za_cpa 0800-2000 0900-1300 - no
co_ley2300 0700-1900 0800-1500 - no
"""


@pytest.mark.parametrize("line", WRITTEN.split("\n")[1:-1], ids=lambda line: line.split()[0])
def test_the_hours_are_those_of_the_law(line: str) -> None:
    name, weekday, saturday, sunday, on_holidays = line.split()
    rule = PRESETS[name]
    for n, hours in enumerate([weekday] * 5 + [saturday, sunday]):
        found = "+".join(f"{a // 60:02}{a % 60:02}-{b // 60:02}{b % 60:02}" for a, b in rule.days[n])
        assert (found or "-") == hours
    assert rule.no_holidays == (on_holidays == "no")


@pytest.mark.parametrize("rule", PRESETS.values(), ids=lambda rule: rule.id)
def test_a_rule_says_what_an_officer_needs(rule: Rule) -> None:
    assert re.fullmatch(r"[a-z]{2}_[a-z0-9]{2,}|other", rule.id)
    assert rule.name
    assert len(rule.source) > 10
    kind, _, evidence = rule.checked.partition(": ")
    assert kind in CHECKED
    assert len(evidence) > 3  # where it was read, by whom it is reported, or why it could not be
    assert len(rule.days) == 7
    for minutes in (*rule.days, rule.eve or (), *(day for _, day in rule.dates)):
        assert list(minutes) == sorted(minutes)
        assert all(0 <= a < b <= 1440 for a, b in minutes)
        assert all(before[1] < after[0] for before, after in pairwise(minutes))
    for cap in rule.caps:
        assert cap.calls >= 1
        assert "campaigns keep to it" in rule.note


def test_no_state_may_be_called_outside_the_federal_hours() -> None:
    for rule in (rule for rule in PRESETS.values() if rule.country == "US"):
        for day in rule.days:
            assert all(FEDERAL.start <= a and b <= FEDERAL.stop for a, b in day), rule.id


def test_every_state_has_its_hours_or_the_federal_ones_alone() -> None:
    own = {region for rule in PRESETS.values() if rule.country == "US" for region in rule.regions}
    assert own | set(FEDERAL_ONLY) == set(UNITED_STATES.values())
    assert not own & set(FEDERAL_ONLY)
    for state in UNITED_STATES.values():
        expected = {"us_tcpa", f"us_{state.lower()}"} if state in own else {"us_tcpa"}
        assert {rule.id for rule in local_rules("US", state)} == expected


@pytest.mark.parametrize("country", ["CA", "AU"])
def test_every_province_has_the_rule_of_its_country(country: str) -> None:
    for region in ("", *(CANADA if country == "CA" else AUSTRALIA).values()):
        (rule,) = local_rules(country, region)
        assert rule.country == country


def test_every_country_has_a_rule() -> None:
    own = {rule.country for rule in PRESETS.values()}
    for country in COUNTRIES:
        rules = local_rules(country, "")
        assert rules, country
        assert all(any(rule.days) for rule in rules), country
        if country in own:
            assert {rule.country for rule in rules} == {country}


@pytest.mark.parametrize(
    ("country", "rule"),
    [
        *((code, "us_tcpa") for code in TERRITORIES),
        ("RE", "fr_decret"),
        ("JE", "uk_ofcom"),
        ("CX", "au_standard"),
        ("NP", "other"),
        ("JP", "other"),
        ("MX", "mx_custom"),
        ("IE", "ie_custom"),
        ("SJ", "no_markedsforing"),
    ],
)
def test_whose_rule_binds_a_country(country: str, rule: str) -> None:
    assert [found.id for found in local_rules(country, "")] == [rule]


def test_a_territory_is_a_part_of_the_united_states_too() -> None:
    assert local_rules("US", "PR") == local_rules("PR", "") == (PRESETS["us_tcpa"],)


@pytest.mark.parametrize("country", ["", "XX", "us", "ZZ", "001"])
def test_an_unknown_country_allows_no_call(country: str) -> None:
    (rule,) = local_rules(country, "")
    assert not any(rule.days)
    assert rule.no_holidays


@pytest.mark.parametrize("region", ["", "XX", "ny", "New York"])
def test_an_unknown_state_has_the_rules_of_all(region: str) -> None:
    assert not region_known("US", region)
    assert set(local_rules("US", region)) == {rule for rule in PRESETS.values() if rule.country == "US"}
    new_year = date(2026, 7, 24)  # Pioneer Day, in Utah alone
    assert holiday(new_year, country="US", region=region)
    assert not holiday(new_year, country="US", region="NY")


def test_rules_that_are_named_hold_everywhere_and_none_twice() -> None:
    found = rules_in_force(["us_tcpa", "local", "fr_decret"], "US", "NY")
    assert [rule.id for rule in found] == ["us_tcpa", "fr_decret", "us_ny"]
    assert rules_in_force([], "US", "NY") == ()
    assert [rule.id for rule in rules_in_force(["uk_ofcom"], "", "")] == ["uk_ofcom"]


def test_limits_of_calls() -> None:
    day = timedelta(days=1)
    assert {rule.id: rule.caps for rule in PRESETS.values() if rule.caps} == {
        **dict.fromkeys(("us_fl", "us_md", "us_ok", "us_or", "de_industry"), (Cap(3, day),)),
        "us_me": (Cap(1, timedelta(hours=8)),),
        "fr_decret": (Cap(4, 30 * day),),
        "co_ley2300": (Cap(1, day),),
    }


@pytest.mark.parametrize(
    ("region", "day", "name"),
    [
        ("AL", "2026-04-27", "Confederate Memorial Day"),
        ("AL", "2026-07-03", "Independence Day (observed)"),
        ("LA", "2026-02-17", "Mardi Gras"),
        ("LA", "2026-10-12", "Columbus Day"),
        ("MS", "2026-12-25", "Christmas Day"),
        ("PA", "2026-04-03", "Good Friday"),
        ("PA", "2026-06-14", "Flag Day"),
        ("PA", "2026-11-03", "Election Day"),
        ("PA", "2027-11-02", "Election Day"),
        ("PA", "2026-11-26", "Thanksgiving Day"),
        ("RI", "2026-08-10", "Victory Day"),
        ("UT", "2026-07-24", "Pioneer Day"),
        ("NY", "2026-06-14", ""),
        ("NY", "2026-04-03", ""),
    ],
)
def test_holidays_of_states(region: str, day: str, name: str) -> None:
    assert holiday(date.fromisoformat(day), country="US", region=region) == name


@pytest.mark.parametrize(
    ("country", "region", "day", "is_one"),
    [
        ("DE", "BY", "2026-01-06", True),
        ("DE", "BE", "2026-01-06", False),
        ("DE", "", "2026-01-06", True),
        ("DE", "Bayern", "2026-01-06", True),
        ("CA", "QC", "2026-06-24", True),
        ("CA", "ON", "2026-06-24", False),
        ("AU", "VIC", "2026-11-03", True),
        ("AU", "NSW", "2026-11-03", False),
        ("PR", "", "2026-07-25", True),
        ("FR", "", "2026-07-14", True),
        ("RE", "", "2026-12-20", True),
        ("FR", "", "2026-07-15", False),
        ("IT", "RM", "2026-06-29", True),
        ("IT", "", "2026-06-29", False),
        ("IT", "", "2026-05-25", True),
    ],
)
def test_holidays_of_regions(country: str, region: str, day: str, is_one: bool) -> None:
    assert bool(holiday(date.fromisoformat(day), country=country, region=region)) == is_one


def test_the_guide_names_the_states_with_the_federal_hours_alone() -> None:
    text = (Path(settings.BASE_DIR) / "docs/guides/calling-hours.md").read_text()
    (line,) = (line for line in text.splitlines() if line.startswith("These have the federal hours"))
    names = {"DC": "District of Columbia", "WA": "Washington"}
    listed = line.partition(": ")[2].partition(".")[0].replace("the ", "").split(", ")
    assert sorted(listed) == sorted(
        names.get(code, name) for name, code in UNITED_STATES.items() if code in FEDERAL_ONLY
    )
