"""The configuration of a campaign: what is dialed, when, how fast, how often, as whom.

All of it may be edited while the campaign runs; the next decision obeys. Times of day are "HH:MM" in the
callee's own time.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from urllib.parse import urlsplit

from phonenumbers import SUPPORTED_REGIONS
from pydantic import Field, field_validator, model_validator

from apps.campaigns.hours.presets import PRESETS
from apps.campaigns.hours.zones import is_zone
from media_workers.contract.part import Name, Part, misplaced

Clock = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$")]
Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
NumberId = Annotated[str, Field(pattern=r"^num_[0-9a-f]{32}$")]
VersionId = Annotated[str, Field(pattern=r"^agv_[0-9a-f]{32}$")]

_FIRST_YEAR, _LAST_YEAR = 2000, 2100
"""Times further away are slips of the hand, and those at the very ends are none in some zones."""

MOST_MICROS = 10**15
"""A billion: a larger budget is a slip of the hand, and no program counts it without loss."""


class Window(Part):
    """From `start` until `end` (not with it) on each of `days`."""

    days: Annotated[list[Day], Field(min_length=1, max_length=7)]
    start: Clock
    end: Clock

    @model_validator(mode="after")
    def _runs_forward(self) -> Window:
        if self.end <= self.start:
            raise misplaced("end", "A window ends later on the same day than it begins.")
        return self


class Hours(Part):
    """When callees may be called: inside `windows` and inside what `rules` allow, neither on a holiday nor on
    a blackout date. A contact with several possible time zones is called when all of them permit; one with
    none in `default_time_zone`, and never without that.

    `rules`: ids of `hours.presets`; "local" stands for those of each callee's own country and state.
    """

    windows: Annotated[list[Window], Field(max_length=50)] = [
        Window(days=["mon", "tue", "wed", "thu", "fri"], start="09:00", end="20:00")
    ]
    rules: Annotated[list[str], Field(max_length=20)] = ["local"]
    skip_holidays: bool = True
    blackout_dates: Annotated[list[date], Field(max_length=400)] = []
    not_before: datetime | None = None
    not_after: datetime | None = None
    default_time_zone: Annotated[str, Field(max_length=64)] = ""

    @field_validator("rules")
    @classmethod
    def _rules_known(cls, rules: list[str]) -> list[str]:
        for rule in rules:
            if rule != "local" and rule not in PRESETS:
                raise ValueError(f"There is no rule {rule!r}; there are local, {', '.join(sorted(PRESETS))}.")
        return rules

    @field_validator("default_time_zone")
    @classmethod
    def _zone_known(cls, zone: str) -> str:
        if zone and not is_zone(zone):
            raise ValueError(f"There is no time zone {zone!r}; name one like Europe/Berlin.")
        return zone

    @model_validator(mode="after")
    def _times_in_order(self) -> Hours:
        for name in ("not_before", "not_after"):
            value: datetime | None = getattr(self, name)
            if value is not None and value.tzinfo is None:
                raise misplaced(name, "Give the time with its zone, like 2026-05-04T10:00:00+02:00.")
            if value is not None and not _FIRST_YEAR <= value.year <= _LAST_YEAR:
                raise misplaced(name, f"Give a time in the years {_FIRST_YEAR} to {_LAST_YEAR}.")
        if self.not_before and self.not_after and self.not_after <= self.not_before:
            raise misplaced("not_after", "The campaign ends before it begins.")
        return self


class Pacing(Part):
    """How fast. `ramp_up_s`: from one call at a time to `max_concurrent` in so many seconds after a start."""

    max_concurrent: Annotated[int, Field(ge=1, le=100_000)] = 5
    calls_per_second: Annotated[float, Field(gt=0, le=1_000)] = 1.0
    ramp_up_s: Annotated[int, Field(ge=0, le=86_400)] = 0
    weight: Annotated[int, Field(ge=1, le=100)] = 10


RetryOutcome = Literal[
    "busy",
    "no_answer",
    "voicemail",
    "screening",
    "rejected",
    "blocked",
    "failed",
    "congestion",
    "hung_up_early",
]


class Retry(Part):
    """After one outcome: `times` more, the first `after_s` later, each next one `backoff` times as long,
    spread by up to `jitter` (a share of the wait) either way. `other_time_of_day`: at least three hours of
    the day away from the last attempt. `other_number`: from another caller number than the last attempt,
    when there is one."""

    times: Annotated[int, Field(ge=0, le=20)] = 2
    after_s: Annotated[int, Field(ge=1, le=30 * 86_400)] = 3_600
    backoff: Annotated[float, Field(ge=1, le=10)] = 2.0
    jitter: Annotated[float, Field(ge=0, le=0.5)] = 0.1
    other_time_of_day: bool = False
    other_number: bool = False


def usual_retries() -> dict[RetryOutcome, Retry]:
    """What a new campaign does; an outcome that is missing is final."""
    return {
        "busy": Retry(times=3, after_s=600),
        "no_answer": Retry(times=2, after_s=4 * 3_600, other_time_of_day=True),
        "voicemail": Retry(times=1, after_s=24 * 3_600, other_time_of_day=True),
        "congestion": Retry(times=3, after_s=300),
        "failed": Retry(times=2, after_s=300),
    }


class Attempts(Part):
    """How often a contact is dialed. The caps are of a number in all campaigns of the tenant, in any 24 hours
    and any 7 days."""

    max_per_contact: Annotated[int, Field(ge=1, le=30)] = 4
    max_per_day: Annotated[int, Field(ge=1, le=30)] = 3
    max_per_week: Annotated[int, Field(ge=1, le=100)] = 7
    retries: dict[RetryOutcome, Retry] = Field(default_factory=usual_retries)
    early_s: Annotated[int, Field(ge=1, le=120)] = 10
    """A person who hangs up within so many seconds hung up early."""
    keep_callbacks: bool = True
    """A callee who asked to be called back at a time is, inside the hours, beyond `max_per_contact` once."""


class CallerNumbers(Part):
    """As whom. `strategy` "local": a number with the callee's area code first, then its country's, else the
    one that rests longest, which is what "rotate" always takes."""

    numbers: Annotated[list[NumberId], Field(max_length=500)] = []
    strategy: Literal["rotate", "local"] = "local"
    daily_cap: Annotated[int, Field(ge=1, le=100_000)] = 200
    rest_s: Annotated[int, Field(ge=0, le=86_400)] = 0
    """Between two calls from one number."""
    max_concurrent: Annotated[int, Field(ge=1, le=10_000)] | None = None
    calls_per_second: Annotated[float, Field(gt=0, le=100)] | None = None
    inbound_too: bool = False
    """Numbers that an agent answers on may be used although they then earn spam flags for both."""
    rest_suspects: bool = True


class AutoPause(Part):
    """The campaign pauses itself, and says why, when of the attempts that ended within `window_s` (at least
    `at_least` of them) a share above one of these failed, was hung up early, or met trunk trouble."""

    window_s: Annotated[int, Field(ge=60, le=86_400)] = 600
    at_least: Annotated[int, Field(ge=5, le=10_000)] = 20
    max_failed: Annotated[float, Field(ge=0, le=1)] = 0.3
    max_hung_up_early: Annotated[float, Field(ge=0, le=1)] = 0.5
    max_trunk_trouble: Annotated[float, Field(ge=0, le=1)] = 0.3


class Consent(Part):
    """`required`: a contact is dialed only with a record of consent that is not older than `max_age_days`."""

    required: bool = False
    max_age_days: Annotated[int, Field(ge=1, le=3_650)] | None = None


class NumberCheck(Part):
    """A look-up (HLR) of the tenant's own before numbers are dialed, asked in batches."""

    url: Annotated[str, Field(pattern=r"^https?://[^\s]{1,490}$")]
    max_age_days: Annotated[int, Field(ge=1, le=365)] = 30

    @field_validator("url")
    @classmethod
    def _can_be_asked(cls, url: str) -> str:
        """What it shows to everybody who reads the campaign must be no secret."""
        try:
            parts = urlsplit(url)
            whole = bool(parts.hostname) and parts.port != 0
        except ValueError:
            whole = False
        if not whole:
            raise ValueError("This is no address of a web server.")
        if "@" in parts.netloc:
            raise ValueError("Leave user and password out: requests are signed instead.")
        return url


class Condition(Part):
    """A value that the call collected: the slot, or else the extracted field, that is called `slot` has one,
    and when `equals` is not empty it is one of those (compared without case). What is extracted is known some
    seconds after the call; what follows from it happens then."""

    slot: Name
    equals: Annotated[list[Annotated[str, Field(max_length=200)]], Field(max_length=20)] = []


class Goal(Part):
    """A contact is converted when an attempt ended with one of `outcomes` (empty: any that reached a person)
    and every one of `conditions` holds."""

    conditions: Annotated[list[Condition], Field(max_length=10)] = []
    outcomes: Annotated[list[Literal["answered", "transferred", "callback"]], Field(max_length=3)] = []


class Arm(Part):
    """A version of the agent and its share of the contacts (weights are relative)."""

    version: VersionId
    weight: Annotated[int, Field(ge=1, le=100)] = 1


class CampaignConfig(Part):
    """Everything about a campaign but its name, its agent and its contacts.

    `arms`: versions of the agent against each other, a contact always with the same one; none: the published
    version. `budget_micros`: micro-units of the wallet's currency; calls are not placed that could exceed it.
    `variables` are defaults of every contact's. `stay_open`: it does not complete, since contacts come.
    `test`: all calls stay in the sandbox, whatever the numbers.
    """

    hours: Hours = Hours()
    pacing: Pacing = Pacing()
    attempts: Attempts = Attempts()
    callers: CallerNumbers = CallerNumbers()
    auto_pause: AutoPause = AutoPause()
    consent: Consent = Consent()
    number_check: NumberCheck | None = None
    opt_out: Annotated[list[Condition], Field(max_length=5)] = [
        Condition(slot="do_not_call", equals=["yes", "true", "1"])
    ]
    goal: Goal = Goal()
    arms: Annotated[list[Arm], Field(max_length=10)] = []
    budget_micros: Annotated[int, Field(ge=0, le=MOST_MICROS)] | None = None
    variables: Annotated[dict[Name, Annotated[str, Field(max_length=1_000)]], Field(max_length=50)] = {}
    default_country: Country = "US"
    stay_open: bool = False
    test: bool = False

    @field_validator("default_country")
    @classmethod
    def _country_known(cls, country: str) -> str:
        if country not in SUPPORTED_REGIONS:
            raise ValueError(f"There is no country {country!r} with telephone numbers of its own.")
        return country
