"""States of the United States that have hours of their own, Nebraska to Wyoming."""

from __future__ import annotations

from apps.campaigns.hours.rules.rule import DAY, READ, SECONDARY, Cap, rule

RULES = (
    rule(
        "us_ne",
        "Nebraska",
        ("08:00-21:00", "08:00-21:00", "13:00-21:00"),
        "Neb. Admin. Code tit. 291 ch. 11 § 003",
        holidays=False,
        note="Written for recorded messages; kept here since an agent's voice is artificial. On holidays"
        " 13:00 to 21:00 would be allowed.",
        checked=f"{SECONDARY}: ClickPoint",
    ),
    rule(
        "us_nj",
        "New Jersey",
        "08:00-21:00",
        "N.J.S.A. 56:8-128(d); N.J.A.C. 13:45D-4.1",
        note="As the federal hours.",
        checked=f"{READ}: Casetext, current to L. 2024, c. 62",
    ),
    rule(
        "us_nm",
        "New Mexico",
        "09:00-21:00",
        "N.M. Stat. § 57-12-22(B)(5)",
        checked=f"{READ}: Justia, of 2006",
    ),
    rule(
        "us_nv",
        "Nevada",
        "09:00-20:00",
        "NRS 597.814(2)(a); NRS 598.0918",
        note="NRS 597.814 sets 09:00 to 21:00 for automatic devices; so did the bill of NRS 598.0918 (AB 337"
        " of 2001) as introduced. Drop Cowboy gives 20:00 for every call; the stricter is kept.",
        checked=f"{READ}: NRS 597.814 and AB 337 (2001); 20:00 secondary: Drop Cowboy",
    ),
    rule(
        "us_ny",
        "New York",
        "08:00-21:00",
        "N.Y. Gen. Bus. Law § 399-z(2), (5-a)",
        note="As the federal hours. No unsolicited call at all to places under a declared state of"
        " emergency: pause then.",
        checked=f"{READ}: InstaLawyer; the ban in emergencies secondary: Mondaq",
    ),
    rule(
        "us_ok",
        "Oklahoma",
        "09:00-20:00",
        "Okla. Stat. tit. 15 §§ 755.1(C)(2), 775C.4",
        note="§ 755.1 (automatic devices) opens at 09:00 and § 775C.4 closes at 20:00. The law counts calls"
        " on one subject; all calls of a tenant are counted here.",
        caps=(Cap(3, DAY),),
        checked=f"{READ}: § 755.1 at Self-Law; § 775C.4 secondary: Lerman Senter, DNC.com",
    ),
    rule(
        "us_or",
        "Oregon",
        "08:00-20:00",
        "Oregon HB 3865 (2025), in force from 2026",
        caps=(Cap(3, DAY),),
        checked=f"{SECONDARY}: Troutman Pepper Locke, Citizen Portal",
    ),
    rule(
        "us_pa",
        "Pennsylvania",
        ("09:00-19:00", "09:00-19:00", ""),
        "73 P.S. § 2245(a)(10) (Act 73 of 2019); Senate Bill 992 of 2025",
        holidays=False,
        note="The Act of 2019 bans legal holidays, among them Good Friday, Flag Day and Election Day. Senate"
        " Bill 992 bans Sundays and 19:00 to 09:00; the Senate passed it, and Call Desk reports a ban on"
        " Sundays from 18 October 2026. Whether its hours became law was not found; the stricter is kept.",
        checked=f"{SECONDARY}: Jenkins Law Library and DNC.com (holidays), Pennsylvania Senate Republicans,"
        " Call Desk",
    ),
    rule(
        "us_ri",
        "Rhode Island",
        ("09:00-18:00", "10:00-17:00", ""),
        "R.I. Gen. Laws §§ 5-61-2(9), 5-61-3.6",
        holidays=False,
        checked=f"{READ}: § 5-61-3.6 at the General Assembly; the hours in a copy of § 5-61-2 that may not"
        " be the latest",
    ),
    rule(
        "us_sc",
        "South Carolina",
        "08:00-19:00",
        "S.C. Code §§ 16-17-446(C)(3), 37-21-30",
        note="§ 16-17-446 is written for automatic devices, § 37-21-30 allows other calls until 21:00; the"
        " stricter is kept, since an agent's voice is artificial.",
        checked=f"{READ}: § 16-17-446 at Contact Center Compliance; § 37-21-30 secondary: WBK",
    ),
    rule(
        "us_sd",
        "South Dakota",
        ("09:00-21:00", "", ""),
        "S.D. Codified Laws § 37-30-28",
        note='Written for automated dialing; "weekdays" is taken without Saturday.',
        checked=f"{READ}: South Dakota Legislature",
    ),
    rule(
        "us_tn",
        "Tennessee",
        "08:00-21:00",
        "Tenn. Comp. R. & Regs. 1220-04-11-.02(1)",
        note="As the federal hours.",
        checked=f"{READ}: Casetext, current to December 2024",
    ),
    rule(
        "us_tx",
        "Texas",
        ("09:00-21:00", "09:00-21:00", "12:00-21:00"),
        "Tex. Bus. & Com. Code § 301.051",
        checked=f"{SECONDARY}: Call Desk (Sunday), LegalClarity (09:00 to 21:00); of the former § 37.02,"
        " which it restates, only the beginning was found",
    ),
    rule(
        "us_ut",
        "Utah",
        ("08:00-21:00", "08:00-21:00", ""),
        "Utah Code § 13-25a-103(3)",
        holidays=False,
        checked=f"{READ}: FindLaw, current to January 2025",
    ),
    rule(
        "us_va",
        "Virginia",
        "08:00-21:00",
        "Va. Code § 59.1-511",
        note="As the federal hours.",
        checked=f"{READ}: Code of Virginia, Legislative Information System",
    ),
    rule(
        "us_wa",
        "Washington",
        "08:00-20:00",
        "RCW 80.36.390; RCW 19.158.040(2)",
        checked=f"{READ}: in copies that may not be the latest; Davis Wright Tremaine agrees",
    ),
    rule(
        "us_wv",
        "West Virginia",
        "08:00-21:00",
        "W. Va. Code § 46A-6F-601(a)(4)",
        note="As the federal hours.",
        checked=f"{READ}: CourtGPT",
    ),
    rule(
        "us_wy",
        "Wyoming",
        "08:00-20:00",
        "Wyo. Stat. §§ 40-12-302, 40-12-303",
        note="Which section sets the hours was not found; § 40-12-303 bans automated sales calls but to"
        " screened numbers and customers. State Regs Today gives 21:00; the stricter is kept.",
        checked=f"{SECONDARY}: Call Desk; § 40-12-303 read",
    ),
)
