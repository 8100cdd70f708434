"""Africa, Asia and Oceania."""

from __future__ import annotations

from apps.campaigns.hours.rules.rule import READ, REGULATOR, SECONDARY, rule

RULES = (
    rule(
        "au_standard",
        "Australia",
        ("09:00-20:00", "09:00-17:00", ""),
        "Telecommunications (Telemarketing and Research Calls) Industry Standard 2017",
        holidays=False,
        note="The hours of telemarketing; research may call longer.",
        checked=f"{REGULATOR}: donotcall.gov.au, Industry standards",
    ),
    rule(
        "za_cpa",
        "South Africa",
        ("08:00-20:00", "09:00-13:00", ""),
        "Consumer Protection Act 68 of 2008 s. 12; Regulations, GN R293 of 2011",
        holidays=False,
        checked=f"{READ}: Acts Online",
    ),
    rule(
        "sg_ccas",
        "Singapore",
        ("08:00-21:00", "09:00-18:00", ""),
        "Industry practice (Contact Centre Association of Singapore)",
        holidays=False,
        note="The Do Not Call provisions of the Personal Data Protection Act set no hours that we found.",
        checked=f"{SECONDARY}: coldcall.sg",
    ),
    rule(
        "in_trai",
        "India",
        "10:00-21:00",
        "TRAI, Telecom Commercial Communications Customer Preference Regulations 2018 (and 2010)",
        note="The regulations of 2010 banned 21:00 to 09:00; those of 2018 let subscribers choose bands of"
        " the day, and promotional traffic is said to be carried from 10:00. The stricter is kept.",
        checked=f"{SECONDARY}: Business Standard (2010); the text of 2018 was not found",
    ),
)
