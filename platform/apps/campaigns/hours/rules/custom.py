"""The hours of places of which no law is known."""

from __future__ import annotations

from apps.campaigns.hours.rules.rule import NOT_CHECKED, Rule, rule

CUSTOM_HOURS = ("09:00-20:00", "10:00-16:00", "")

OTHER = rule(
    "other",
    "Every other country",
    CUSTOM_HOURS,
    "No law was looked up: a cautious custom of this program",
    holidays=False,
    note="Have counsel say what holds there, and set the windows accordingly. Where Friday is the day of"
    " rest, leave it out of the windows.",
    checked=f"{NOT_CHECKED}: no law of these countries was searched for",
)

NOWHERE = Rule(
    id="nowhere",
    name="An unknown country",
    country="",
    regions=(),
    days=((),) * 7,
    no_holidays=True,
    source="",
    note="",
    checked=f"{NOT_CHECKED}: there is no such country",
)
"""Of callees whose country is not known: never."""
