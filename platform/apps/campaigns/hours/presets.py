"""Calling hours that laws and regulators set, each with its source.

None of this is legal advice: rules change and have exceptions (consent, an existing customer, research).
`Rule.checked` says for each how far its source was read. Where sources differ, the stricter one is kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

Minutes = tuple[int, int]
"""From, until (not with it): minutes of the local day, 0 to 1440."""

_READ = "Text read, in a copy that may not be the latest"
_NOT = "Not verified"


@dataclass(frozen=True, slots=True)
class Rule:
    """`days`: what is allowed on Monday … Sunday. `regions`: as `Place.region`; none: all. `checked`: how far
    the rule was held against its source."""

    id: str
    name: str
    country: str
    regions: tuple[str, ...]
    days: tuple[tuple[Minutes, ...], ...]
    no_holidays: bool
    source: str
    note: str = ""
    checked: str = _NOT


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
    checked: str = _NOT,
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
        checked=checked,
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
        checked="Secondary only: NW Debt Resolution (quotes it), LegalClarity",
    ),
    _rule(
        "us_al",
        "Alabama",
        ("08:00-20:00", "08:00-20:00", ""),
        "Ala. Admin. Code r. 770-X-5-.17(1)(b)",
        no_holidays=True,
        note=_AUTOMATED,
        checked=_READ,
    ),
    _rule(
        "us_ca", "California", "09:00-21:00", "Cal. Pub. Util. Code § 2872(c)", note=_AUTOMATED, checked=_READ
    ),
    _rule(
        "us_ct",
        "Connecticut",
        "09:00-20:00",
        "Conn. Gen. Stat. § 42-288a, as amended by P.A. 23-98",
        checked="Secondary only: TCPAWorld, Drop Cowboy",
    ),
    _rule(
        "us_fl",
        "Florida",
        "08:00-20:00",
        "Fla. Stat. § 501.616(6)(a)",
        note="Also at most three calls within 24 hours on one subject.",
        checked=_READ,
    ),
    _rule(
        "us_il",
        "Illinois",
        "09:00-21:00",
        "815 ILCS 305/15; 815 ILCS 413/15",
        note="815 ILCS 413/15 alone would allow 08:00 to 21:00 (read); the Automatic Telephone"
        " Dialers Act is "
        "taken to be stricter, since an agent's voice is artificial.",
        checked="Not verified for automatic dialers; 815 ILCS 413/15 read",
    ),
    _rule(
        "us_in",
        "Indiana",
        "09:00-20:00",
        "Ind. Code § 24-5-14-8",
        note="Written for automatic dialing and announcing devices. TCPA Guide gives 08:00 to 21:00; the "
        "stricter is kept.",
    ),
    _rule(
        "us_ky", "Kentucky", "10:00-21:00", "KRS 367.46955", checked="Secondary only: Call Desk, Drop Cowboy"
    ),
    _rule(
        "us_la",
        "Louisiana",
        ("08:00-20:00", "08:00-20:00", ""),
        "La. R.S. 45:844.11 et seq.; Public Service Commission, General Order R-29617",
        no_holidays=True,
        note="No call at all while the Commission must report to the emergency operations center: see its "
        "page.",
        checked="Secondary only: Drop Cowboy, DNC.com (holidays)",
    ),
    _rule("us_ma", "Massachusetts", "08:00-20:00", "M.G.L. c. 159C § 3; 201 CMR 12.02(2)", checked=_READ),
    _rule(
        "us_md",
        "Maryland",
        "08:00-20:00",
        "Md. Code, Com. Law § 14-4502",
        note="Also at most three calls within 24 hours on one subject.",
        checked="Secondary only: DNC.com, WMAR, Drop Cowboy",
    ),
    _rule(
        "us_me",
        "Maine",
        ("09:00-17:00", "", ""),
        "10 M.R.S. § 1498(3)",
        note=_AUTOMATED,
        checked="Read in the bill LD 392 (121st Legislature), which quotes it; Call Desk agrees",
    ),
    _rule(
        "us_mi",
        "Michigan",
        "09:00-21:00",
        "MCL 445.111a",
        note="Which section sets the hours was not found.",
        checked="Secondary only: Drop Cowboy",
    ),
    _rule(
        "us_mn",
        "Minnesota",
        "09:00-21:00",
        "Minn. Stat. § 325E.30",
        note=_AUTOMATED,
        checked="Secondary only: Drop Cowboy",
    ),
    _rule(
        "us_ms",
        "Mississippi",
        ("08:00-20:00", "08:00-20:00", ""),
        "Miss. Code §§ 77-3-603(a), 77-3-723(1)",
        no_holidays=True,
        note="§ 77-3-603(a) as DNC.com quotes it allows until 21:00, and the ban on holidays is said to have "
        "ended in 2024; Drop Cowboy gives 20:00. The stricter is kept.",
        checked="Secondary only: DNC.com (quotes it), Drop Cowboy",
    ),
    _rule(
        "us_ne",
        "Nebraska",
        ("08:00-21:00", "08:00-21:00", "13:00-21:00"),
        "Neb. Admin. Code tit. 291 ch. 11 § 003",
        no_holidays=True,
        note="Written for recorded messages; kept here since an agent's voice is artificial. "
        "On holidays 13:00"
        " to 21:00 would be allowed.",
        checked="Secondary only: ClickPoint",
    ),
    _rule("us_nm", "New Mexico", "09:00-21:00", "N.M. Stat. § 57-12-22(B)(5)", checked=_READ),
    _rule(
        "us_nv",
        "Nevada",
        "09:00-20:00",
        "NRS 597.814(2)(a); NRS 598.0918",
        note="NRS 597.814 sets 09:00 to 21:00 for automatic devices (read); Drop Cowboy gives "
        "20:00 for every "
        "call. The stricter is kept.",
        checked="NRS 597.814 read; 20:00 secondary only: Drop Cowboy",
    ),
    _rule(
        "us_ok",
        "Oklahoma",
        "09:00-20:00",
        "Okla. Stat. tit. 15 §§ 755.1(C)(2), 775C.4",
        note="§ 755.1 (automatic devices) opens at 09:00 and § 775C.4 closes at 20:00. Also at most three "
        "calls within 24 hours.",
        checked="§ 755.1 read; § 775C.4 secondary only: DNC.com, Drop Cowboy",
    ),
    _rule(
        "us_or",
        "Oregon",
        "08:00-20:00",
        "Oregon HB 3865 (2025), in force from 2026",
        note="Also at most three calls within 24 hours.",
        checked="Secondary only: Troutman Pepper Locke, Citizen Portal",
    ),
    _rule(
        "us_pa",
        "Pennsylvania",
        ("09:00-19:00", "09:00-19:00", ""),
        "73 P.S. § 2241 et seq. (Act 73 of 2019); Senate Bill 992 of 2025",
        no_holidays=True,
        note="The Act of 2019 bans holidays; Senate Bill 992 bans Sundays and 19:00 to 09:00, and Call Desk "
        "reports a ban on Sundays from 18 October 2026. Whether its hours became law was not found; the "
        "stricter is kept.",
        checked="Secondary only: Jenkins Law Library, Pennsylvania Senate Republicans, Call Desk",
    ),
    _rule(
        "us_ri",
        "Rhode Island",
        ("09:00-18:00", "10:00-17:00", ""),
        "R.I. Gen. Laws §§ 5-61-2(2), 5-61-3.6",
        no_holidays=True,
        checked=_READ,
    ),
    _rule(
        "us_sc",
        "South Carolina",
        "08:00-19:00",
        "S.C. Code § 16-17-446(C)(3)",
        note="Written for automatic devices; other calls until 21:00 (§ 37-21-30).",
        checked=_READ,
    ),
    _rule(
        "us_sd",
        "South Dakota",
        ("09:00-21:00", "", ""),
        "S.D. Codified Laws § 37-30-28",
        note='Written for automatic dialing; "weekdays" is taken without Saturday.',
        checked=_READ,
    ),
    _rule(
        "us_tx",
        "Texas",
        ("09:00-21:00", "09:00-21:00", "12:00-21:00"),
        "Tex. Bus. & Com. Code § 301.051",
        checked="Secondary only: Call Desk (Sunday); other days not verified",
    ),
    _rule(
        "us_ut",
        "Utah",
        ("08:00-21:00", "08:00-21:00", ""),
        "Utah Code § 13-25a-103(3)",
        no_holidays=True,
        checked=_READ,
    ),
    _rule("us_wa", "Washington", "08:00-20:00", "RCW 19.158.040(2); RCW 80.36.390", checked=_READ),
    _rule(
        "us_wy",
        "Wyoming",
        "08:00-20:00",
        "Wyo. Stat. § 40-12-301 et seq.",
        note="Which section sets the hours was not found.",
        checked="Secondary only: Call Desk",
    ),
    _rule(
        "ca_crtc",
        "Canada",
        ("09:00-21:30", "10:00-18:00", "10:00-18:00"),
        "CRTC Unsolicited Telecommunications Rules, Part III ss. 23-24",
        no_holidays=True,
        note="The federal rules do not name holidays; British Columbia and DNC.com's calendar do, so none is "
        "called on. Soliciting with a synthesized voice (Part IV) needs express consent.",
        checked="The regulator's summary read",
    ),
    _rule(
        "uk_ofcom",
        "United Kingdom",
        ("08:00-21:00", "09:00-21:00", "09:00-21:00"),
        "Industry practice (DMA code); Ofcom, Communications Act 2003 ss. 128-130 (persistent misuse)",
        note="No statute and no rule of Ofcom that we found sets hours. These are an earlier DMA code's; the "
        "present one (rule 1.4) bans antisocial times without naming them.",
        checked="Secondary only: Call Centre Helper",
    ),
    _rule(
        "au_standard",
        "Australia",
        ("09:00-20:00", "09:00-17:00", ""),
        "Telecommunications (Telemarketing and Research Calls) Industry Standard 2017",
        no_holidays=True,
        note="The hours of telemarketing; research may call longer.",
        checked="The regulator's summary read (donotcall.gov.au)",
    ),
    _rule(
        "fr_decret",
        "France",
        ("10:00-13:00 14:00-20:00", "", ""),
        "Décret n° 2022-1313 du 13 octobre 2022 (Code de la consommation, art. D. 223-9)",
        no_holidays=True,
        note="Also at most four calls of a consumer within thirty days: set the attempts accordingly.",
        checked=_READ,
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
        note="Calls without a human need express consent (art. 96.3).",
        checked=_READ,
    ),
    _rule(
        "it_codice",
        "Italy",
        ("09:00-20:00", "10:00-19:00", ""),
        "Codice di condotta per le attività di telemarketing e teleselling (Garante privacy, 2024)",
        no_holidays=True,
        note="A code for those who signed it; the days before holidays should be as Saturdays and are not.",
        checked="Secondary only: PMI.it, Money.it",
    ),
    _rule(
        "nl_code",
        "Netherlands",
        ("09:00-22:00", "10:00-16:00", ""),
        "Code Telemarketing (Nederlandse Reclame Code), art. 9",
        no_holidays=True,
        note="On 4 May, 5 and 24 December only until 18:30, which is not kept here: use blackout dates.",
        checked="The advertising authority's summary of 2012 read",
    ),
    _rule(
        "br_anatel",
        "Brazil",
        ("09:00-18:00", "", ""),
        "Anatel; Lei estadual (RJ) n° 7.853",
        no_holidays=True,
        note="Reported for the country: 09:00 to 21:00, Saturdays 10:00 to 16:00. Rio de "
        "Janeiro allows 08:00 "
        "to 18:00 on weekdays only; states are not read from numbers, so the stricter is kept.",
        checked="Secondary only: Valor, Extra",
    ),
    _rule(
        "za_cpa",
        "South Africa",
        ("08:00-20:00", "09:00-13:00", ""),
        "Consumer Protection Act 68 of 2008 s. 12; Regulations, GN R293 of 2011",
        no_holidays=True,
        checked=_READ,
    ),
    _rule(
        "sg_ccas",
        "Singapore",
        ("08:00-21:00", "09:00-18:00", ""),
        "Industry practice (Contact Centre Association of Singapore)",
        no_holidays=True,
        note="The Do Not Call provisions of the Personal Data Protection Act set no hours that we found.",
        checked="Secondary only: coldcall.sg",
    ),
    _rule(
        "in_trai",
        "India",
        "10:00-21:00",
        "TRAI, Telecom Commercial Communications Customer Preference Regulations 2018",
        note="09:00 is often named as the opening hour; the stricter is kept.",
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
