"""The United States: the federal rule, and which states and territories have no hours of their own."""

from __future__ import annotations

from apps.campaigns.hours.rules.rule import READ, rule
from apps.campaigns.hours.rules.us_a_to_m import RULES as A_TO_M
from apps.campaigns.hours.rules.us_n_to_w import RULES as N_TO_W

FEDERAL = rule(
    "us_tcpa",
    "United States, federal",
    "08:00-21:00",
    "47 CFR 64.1200(c)(1); 16 CFR 310.4(c)",
    note="Binds calls to every state and territory. Calls with an artificial voice need prior consent"
    " besides (47 CFR 64.1200(a)).",
    checked=f"{READ}: 64.1200(c)(1) as NW Debt Resolution quotes it; 310.4(c) as LegalClarity cites it",
)

RULES = (FEDERAL, *A_TO_M, *N_TO_W)

TERRITORIES = ("AS", "GU", "MP", "PR", "UM", "VI")
"""Countries of ISO 3166-1 that are under the federal rule."""

FEDERAL_ONLY = (
    "AK", "AZ", "AR", "CO", "DC", "DE", "GA", "HI", "IA", "ID", "KS", "MO", "MT", "NC", "ND", "NH", "OH",
    "VT", "WI",
)  # fmt: skip
"""States of which no stricter hours were found: the charts of ClickPoint (July 2025) and Drop Cowboy
(November 2025), which list those with stricter ones, have none of them. Their statutes were not read."""
