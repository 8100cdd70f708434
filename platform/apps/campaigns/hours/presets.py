"""Calling hours that laws and regulators set, each with its source.

None of this is legal advice: rules change and have exceptions (consent, an existing customer, research).
None has been read against the text of its source yet.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

Minutes = tuple[int, int]
"""From, until (not with it): minutes of the local day, 0 to 1440."""

CHECKED = (
    "Not yet checked against the text of the named source, which counts where they differ. "
    "This is no legal advice: have counsel confirm it."
)


@dataclass(frozen=True, slots=True)
class Rule:
    """`days`: what is allowed on Monday … Sunday. `regions`: as `Place.region`; none: all."""

    id: str
    name: str
    country: str
    regions: tuple[str, ...]
    days: tuple[tuple[Minutes, ...], ...]
    no_holidays: bool
    source: str
    note: str = ""
    checked: str = CHECKED


def _day(text: str) -> tuple[Minutes, ...]:
    """Of "10:00-13:00 14:00-20:00"; nothing is allowed in ""."""
    return tuple((_minute(a), _minute(b)) for a, _, b in (part.partition("-") for part in text.split()))


def _minute(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)


def _rule(
    id: str,
    name: str,
    hours: str | tuple[str, str, str],
    source: str,
    *,
    no_holidays: bool = False,
    note: str = "",
) -> Rule:
    """`hours`: of every day, or of weekdays, Saturday and Sunday. The id begins with the country's code; one
    of a state ends with the state's."""
    weekday, saturday, sunday = (hours, hours, hours) if isinstance(hours, str) else hours
    country, _, rest = id.partition("_")
    return Rule(
        id=id,
        name=name,
        country={"uk": "GB"}.get(country, country.upper()),
        regions=(rest.upper(),) if country == "us" and len(rest) == 2 else (),
        days=(*[_day(weekday)] * 5, _day(saturday), _day(sunday)),
        no_holidays=no_holidays,
        source=source,
        note=note,
    )


_AUTOMATED = (
    "Written for automatic dialing and announcing devices; kept here since an agent's voice is artificial."
)

_RULES: Sequence[Rule] = (
    _rule(
        "us_tcpa",
        "United States, federal",
        "08:00-21:00",
        "47 CFR 64.1200(c)(1); 16 CFR 310.4(c)",
    ),
    _rule("us_al", "Alabama", ("08:00-20:00", "08:00-20:00", ""), "Ala. Code § 8-19A-14", no_holidays=True),
    _rule("us_ca", "California", "09:00-21:00", "Cal. Pub. Util. Code § 2872", note=_AUTOMATED),
    _rule("us_ct", "Connecticut", "09:00-20:00", "Conn. Gen. Stat. § 42-288a"),
    _rule("us_fl", "Florida", "08:00-20:00", "Fla. Stat. § 501.616(6)"),
    _rule("us_il", "Illinois", "09:00-21:00", "815 ILCS 305/15", note=_AUTOMATED),
    _rule("us_in", "Indiana", "09:00-20:00", "Ind. Code § 24-5-14-8", note=_AUTOMATED),
    _rule("us_ky", "Kentucky", "10:00-21:00", "KRS 367.46955"),
    _rule(
        "us_la",
        "Louisiana",
        ("08:00-20:00", "08:00-20:00", ""),
        "La. R.S. 45:844.11 et seq. and the Public Service Commission's do-not-call orders",
        no_holidays=True,
    ),
    _rule("us_ma", "Massachusetts", "08:00-20:00", "M.G.L. c. 159C § 3"),
    _rule("us_md", "Maryland", "08:00-20:00", "Md. Code, Com. Law, Title 14 Subtitle 45 (2023)"),
    _rule("us_me", "Maine", ("09:00-17:00", "", ""), "10 M.R.S. § 1498", note=_AUTOMATED),
    _rule("us_mi", "Michigan", "09:00-21:00", "MCL 445.111a"),
    _rule("us_mn", "Minnesota", "09:00-21:00", "Minn. Stat. § 325E.30", note=_AUTOMATED),
    _rule(
        "us_ms",
        "Mississippi",
        ("08:00-20:00", "08:00-20:00", ""),
        "Miss. Code § 77-3-723",
        no_holidays=True,
    ),
    _rule("us_nm", "New Mexico", "09:00-21:00", "N.M. Stat. § 57-12-22"),
    _rule("us_ok", "Oklahoma", "08:00-20:00", "Okla. Stat. tit. 15 § 775C.4"),
    _rule(
        "us_pa",
        "Pennsylvania",
        "08:00-21:00",
        "73 P.S. § 2241 et seq. (as amended in 2019)",
        no_holidays=True,
    ),
    _rule(
        "us_ri",
        "Rhode Island",
        ("09:00-18:00", "10:00-17:00", ""),
        "R.I. Gen. Laws § 5-61-3.6",
        no_holidays=True,
    ),
    _rule(
        "us_tx",
        "Texas",
        ("09:00-21:00", "09:00-21:00", "12:00-21:00"),
        "Tex. Bus. & Com. Code § 301.051",
    ),
    _rule("us_wa", "Washington", "08:00-20:00", "RCW 80.36.390"),
    _rule(
        "ca_crtc",
        "Canada",
        ("09:00-21:30", "10:00-18:00", "10:00-18:00"),
        "CRTC Unsolicited Telecommunications Rules, Part II (Telemarketing Rules)",
    ),
    _rule(
        "uk_ofcom",
        "United Kingdom",
        ("08:00-21:00", "09:00-21:00", "09:00-21:00"),
        "Industry practice; Ofcom, Communications Act 2003 ss. 128-130 (persistent misuse)",
        note="No statute and no rule of Ofcom sets hours. These follow what the industry keeps to; calls at "
        "unreasonable times may count as misuse.",
    ),
    _rule(
        "au_standard",
        "Australia",
        ("09:00-20:00", "09:00-17:00", ""),
        "Telecommunications (Telemarketing and Research Calls) Industry Standard 2017",
        no_holidays=True,
        note="The hours of telemarketing; research may call longer.",
    ),
    _rule(
        "fr_decret",
        "France",
        ("10:00-13:00 14:00-20:00", "", ""),
        "Décret n° 2022-1313 du 13 octobre 2022 (Code de la consommation, art. D. 223-9)",
        no_holidays=True,
        note="Also at most four calls of a consumer within thirty days: set the attempts accordingly.",
    ),
    _rule(
        "de_industry",
        "Germany",
        ("08:00-21:00", "10:00-16:00", ""),
        "Industry practice; UWG § 7",
        no_holidays=True,
        note="No statute sets hours; § 7 UWG demands consent before any advertising call to a consumer.",
    ),
    _rule(
        "es_consumidores",
        "Spain",
        ("09:00-21:00", "", ""),
        "Real Decreto Legislativo 1/2007, art. 96.2",
        no_holidays=True,
    ),
    _rule(
        "it_codice",
        "Italy",
        ("09:00-20:00", "10:00-19:00", ""),
        "Codice di condotta per le attività di telemarketing e teleselling (Garante privacy, 2023)",
        no_holidays=True,
        note="A code for those who signed it; the days before holidays should be as Saturdays and are not.",
    ),
    _rule(
        "in_trai",
        "India",
        "09:00-21:00",
        "TRAI, Telecom Commercial Communications Customer Preference Regulations",
    ),
)

PRESETS: dict[str, Rule] = {rule.id: rule for rule in _RULES}


def local_rules(country: str, region: str) -> tuple[Rule, ...]:
    """What binds calls to somebody there: the country's rules and the region's; where the region is not
    known, those of every region."""
    return tuple(
        rule
        for rule in _RULES
        if rule.country == country and (not rule.regions or not region or region in rule.regions)
    )
