"""The judge of calling hours, against a scan of every minute."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.campaigns.config import Hours, Window
from apps.campaigns.hours.holidays import holiday
from apps.campaigns.hours.presets import PRESETS, rules_in_force
from apps.campaigns.hours.regions import UNITED_STATES
from apps.campaigns.hours.windows import Calendar, PlaceKey, judge, next_opening, week

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DENVER = PlaceKey(("America/Denver",), "US", "CO")
PLACES = [
    DENVER,
    PlaceKey(("America/Chicago", "America/Denver"), "US", ""),
    PlaceKey(("America/New_York",), "US", "RI"),
    PlaceKey(("Europe/Berlin",), "DE", ""),
    PlaceKey(("Europe/Paris",), "FR", ""),
    PlaceKey(("Europe/Rome",), "IT", ""),
    PlaceKey(("Europe/Amsterdam",), "NL", ""),
    PlaceKey(("America/Chicago",), "US", "AL"),
    PlaceKey(("America/New_York",), "US", "PA"),
    PlaceKey(("America/Puerto_Rico",), "PR", ""),
    PlaceKey(("America/New_York",), "", ""),
    PlaceKey(("Australia/Lord_Howe",), "AU", "NSW"),
    PlaceKey(("Asia/Kathmandu",), "NP", ""),
    PlaceKey(("Africa/Casablanca",), "MA", ""),
    PlaceKey(("America/St_Johns",), "CA", "NL"),
    PlaceKey(("Pacific/Apia",), "WS", ""),
]
CHANGES = [
    datetime(2026, 3, 8, 9, tzinfo=UTC),
    datetime(2026, 11, 1, 8, tzinfo=UTC),
    datetime(2026, 3, 29, 1, tzinfo=UTC),
    datetime(2026, 10, 25, 1, tzinfo=UTC),
    datetime(2026, 4, 4, 15, tzinfo=UTC),
    datetime(2026, 12, 25, 0, tzinfo=UTC),
    datetime(2026, 5, 4, 12, tzinfo=UTC),
    datetime(2026, 11, 3, 12, tzinfo=UTC),
]


def all_day(**more: object) -> Hours:
    always = [Window(days=list(DAYS), start="00:00", end="24:00")]
    return Hours.model_validate({"windows": always, "rules": [], "skip_holidays": False} | more)


def may(place: PlaceKey, hours: Hours, at: datetime) -> bool:
    """The same question for one instant, asked as plainly as it can be."""
    if (hours.not_before and at < hours.not_before) or (hours.not_after and at >= hours.not_after):
        return False
    zones = place.zones or ((hours.default_time_zone,) if hours.default_time_zone else ())
    return bool(zones) and all(_may_in(place, hours, at.astimezone(ZoneInfo(zone))) for zone in zones)


def _may_in(place: PlaceKey, hours: Hours, local: datetime) -> bool:
    rules = rules_in_force(hours.rules, place.country, place.region)
    if local.date() in hours.blackout_dates:
        return False
    kept = hours.skip_holidays or any(rule.no_holidays for rule in rules)
    if kept and _is_holiday(place, local.date()):
        return False
    clock, minute = f"{local:%H:%M}", local.hour * 60 + local.minute
    own = any(DAYS[local.weekday()] in w.days and w.start <= clock < w.end for w in hours.windows)
    allowed = [rule.days[local.weekday()] for rule in rules]
    if _is_holiday(place, local.date() + timedelta(days=1)):
        allowed += [rule.eve for rule in rules if rule.eve is not None]
    allowed += [day for rule in rules for when, day in rule.dates if when == (local.month, local.day)]
    return own and all(any(a <= minute < b for a, b in day) for day in allowed)


def _is_holiday(place: PlaceKey, day: date) -> bool:
    return bool(holiday(day, country=place.country, region=place.region))


clocks = st.builds("{:02}:{:02}".format, st.integers(0, 23), st.sampled_from([0, 15, 30, 59]))
two_clocks = st.tuples(clocks, clocks | st.just("24:00")).map(sorted).filter(lambda two: two[0] < two[1])
days = st.sets(st.sampled_from(DAYS), min_size=1).map(sorted)
windows = st.builds(lambda on, two: Window(days=on, start=two[0], end=two[1]), days, two_clocks)


@st.composite
def cases(draw: st.DrawFn) -> tuple[PlaceKey, Hours, datetime]:
    now = draw(st.sampled_from(CHANGES)) + timedelta(minutes=draw(st.integers(-2_880, 2_880)))
    edge = st.none() | st.integers(-1_440, 2_880).map(lambda m: now + timedelta(minutes=m))
    first, last = draw(edge), draw(edge)
    hours = Hours(
        windows=draw(st.lists(windows, max_size=3)),
        rules=draw(st.sampled_from([[], ["local"], ["us_tcpa"], ["local", "fr_decret"]])),
        skip_holidays=draw(st.booleans()),
        blackout_dates=draw(
            st.lists(st.integers(-2, 3).map(lambda n: now.date() + timedelta(n)), max_size=2)
        ),
        not_before=first,
        not_after=last if first is None or last is None or last > first else None,
    )
    return draw(st.sampled_from(PLACES)), hours, now


@settings(max_examples=150, deadline=None)
@given(cases())
def test_the_verdict_is_that_of_every_minute_until_it_ends(case: tuple[PlaceKey, Hours, datetime]) -> None:
    place, hours, now = case
    verdict = judge(place, hours, now)
    assert verdict.open == may(place, hours, now)
    assert bool(verdict.why) != verdict.open
    until = verdict.until or now + timedelta(days=3)
    assert until > now
    minutes = min(int((until - now).total_seconds() // 60) + 1, 3 * 1_440)
    for minute in range(minutes):
        at = now + timedelta(minutes=minute)
        if at < until:
            assert may(place, hours, at) == verdict.open, at
    if verdict.until and not verdict.open:
        assert may(place, hours, verdict.until)
        assert next_opening(place, hours, now) == verdict.until


@settings(max_examples=40, deadline=None)
@given(cases())
def test_the_week_is_what_the_judge_says(case: tuple[PlaceKey, Hours, datetime]) -> None:
    place, hours, now = case
    for day in week(place, hours, now.date()):
        midnight = datetime(day.date.year, day.date.month, day.date.day, tzinfo=ZoneInfo(day.zone))
        at, end = midnight.astimezone(UTC), (midnight + timedelta(days=1)).astimezone(UTC)
        while at < end:
            shown = any(start <= at < stop for start, stop in day.utc)
            assert shown == may(place, hours, at), at
            at += timedelta(minutes=30)


def test_an_hour_that_the_clock_skips_is_no_calling_hour() -> None:
    hours = all_day(windows=[Window(days=["sun"], start="02:00", end="03:00")])
    before = datetime(2026, 3, 8, 0, tzinfo=UTC)  # Sunday, 8 March 2026: 02:00 becomes 03:00 in Denver
    assert next_opening(DENVER, hours, before) == datetime(2026, 3, 15, 8, tzinfo=UTC)


def test_an_hour_that_the_clock_repeats_is_two() -> None:
    hours = all_day(windows=[Window(days=["sun"], start="01:00", end="02:00")])
    verdict = judge(DENVER, hours, datetime(2026, 11, 1, 7, 30, tzinfo=UTC))
    assert (verdict.open, verdict.until) == (True, datetime(2026, 11, 1, 9, tzinfo=UTC))


def test_an_unknown_zone_is_closed_for_good_unless_the_campaign_has_one() -> None:
    now = datetime(2026, 5, 5, 12, tzinfo=UTC)
    closed = judge(PlaceKey((), "DE"), all_day(), now)
    assert (closed.open, closed.never, closed.until) == (False, True, None)
    assert judge(PlaceKey(("Mars/Olympus",), "DE"), all_day(), now).never
    assert judge(PlaceKey((), "DE"), all_day(default_time_zone="Europe/Berlin"), now).open


@pytest.mark.parametrize(
    ("hours", "never"),
    [
        (all_day(windows=[]), "No calling hours"),
        (all_day(not_after=datetime(2026, 1, 1, tzinfo=UTC)), "last date is past"),
        (
            all_day(windows=[Window(days=["sun"], start="09:00", end="10:00")], rules=["fr_decret"]),
            "No calling",
        ),
    ],
)
def test_a_place_that_never_opens_says_so(hours: Hours, never: str) -> None:
    verdict = judge(DENVER, hours, datetime(2026, 5, 5, 12, tzinfo=UTC))
    assert verdict.never
    assert never in verdict.why


def test_zones_without_a_common_hour_never_open() -> None:
    place = PlaceKey(("America/Denver", "Asia/Tokyo"))
    hours = all_day(windows=[Window(days=list(DAYS), start="09:00", end="12:00")])
    verdict = judge(place, hours, datetime(2026, 5, 5, 12, tzinfo=UTC))
    assert verdict.never
    assert "2 possible time zones" in verdict.why


@pytest.mark.parametrize(
    ("now", "why"),
    [
        ((2026, 11, 24, 5, 10), "It is 22:10 in America/Denver; calls are allowed on Tuesday from 09:00."),
        ((2026, 11, 24, 12, 0), "It is 05:00 in America/Denver; calls are allowed from 09:00."),
        (
            (2026, 11, 26, 18, 0),
            "It is a holiday (Thanksgiving Day) in America/Denver; calls are allowed on Friday from 09:00.",
        ),
    ],
)
def test_why_it_is_closed_is_said_in_words(now: tuple[int, ...], why: str) -> None:
    assert judge(DENVER, Hours(), datetime(*now, tzinfo=UTC)).why == why  # type: ignore[misc, arg-type]


def test_an_unknown_region_has_the_strictest_hours_of_its_country() -> None:
    unknown = PlaceKey(("America/New_York",), "US", "")
    hours = all_day(rules=["local"])
    saturday = week(unknown, hours, date(2026, 5, 4))[5]
    monday = week(unknown, hours, date(2026, 5, 4))[0]
    assert saturday.local == ()
    assert monday.local == ((10 * 60, 17 * 60),)  # Kentucky's morning, Maine's evening
    assert week(PlaceKey(("America/New_York",), "US", "NY"), hours, date(2026, 5, 4))[5].local == (
        (480, 1260),
    )


def test_the_day_before_a_holiday_may_have_shorter_hours() -> None:
    rome = PlaceKey(("Europe/Rome",), "IT", "")
    days = week(rome, all_day(rules=["local"]), date(2026, 4, 20))  # Liberation Day is Saturday the 25th
    assert [day.local for day in days[3:]] == [((540, 1200),), ((600, 1140),), (), ()]


def test_a_day_of_the_year_may_have_shorter_hours() -> None:
    amsterdam = PlaceKey(("Europe/Amsterdam",), "NL", "")
    days = week(amsterdam, all_day(rules=["local"]), date(2026, 5, 4))
    assert [day.local for day in days[:2]] == [((540, 1110),), ((540, 1320),)]


def test_an_unknown_country_is_closed_for_good_under_its_own_rules() -> None:
    now = datetime(2026, 5, 5, 12, tzinfo=UTC)
    nowhere = PlaceKey(("Europe/Berlin",), "", "")
    verdict = judge(nowhere, all_day(rules=["local"]), now)
    assert (verdict.open, verdict.never, verdict.until) == (False, True, None)
    assert "country is not known" in verdict.why
    assert judge(nowhere, all_day(), now).open


def every_place() -> list[PlaceKey]:
    """Every state, every country with a rule of its own, and some without: whichever rules there are."""
    zones = {"US": "America/Chicago", "CA": "America/Toronto", "AU": "Australia/Sydney"}
    states = [PlaceKey((zones["US"],), "US", code) for code in ("", *UNITED_STATES.values())]
    others = [*sorted({rule.country for rule in PRESETS.values()} - {"US", ""}), "PR", "RE", "JP", "EG"]
    return states + [PlaceKey((zones.get(country, "Europe/London"),), country, "") for country in others]


@pytest.mark.parametrize("place", every_place(), ids=lambda place: place.country + place.region)
def test_every_rule_is_judged_as_it_is_written(place: PlaceKey) -> None:
    """Ten days with Thanksgiving and a Sunday, and to the minute where they open and close."""
    hours = all_day(rules=["local"])
    calendar = Calendar(hours)
    at, end = datetime(2026, 11, 20, tzinfo=UTC), datetime(2026, 11, 30, tzinfo=UTC)
    while at < end:
        verdict = calendar.judge(place, at)
        assert verdict.open == may(place, hours, at), at
        if verdict.until and verdict.until < end:
            minute = timedelta(minutes=1)
            assert may(place, hours, verdict.until - minute) == verdict.open
            assert may(place, hours, verdict.until) != verdict.open
        at += timedelta(minutes=45)
