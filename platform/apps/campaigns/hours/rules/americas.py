"""The Americas without the United States."""

from __future__ import annotations

from apps.campaigns.hours.rules.custom import CUSTOM_HOURS
from apps.campaigns.hours.rules.rule import DAY, NOT_CHECKED, REGULATOR, SECONDARY, Cap, rule

RULES = (
    rule(
        "ca_crtc",
        "Canada",
        ("09:00-21:30", "10:00-18:00", "10:00-18:00"),
        "CRTC Unsolicited Telecommunications Rules, Part III ss. 23-24",
        holidays=False,
        note="The federal rules do not name holidays; British Columbia and DNC.com's calendar do, so none is "
        "called on. Soliciting with a synthesized voice (Part IV) needs express consent.",
        checked=f"{REGULATOR}: CRTC, Key Unsolicited Telecommunications Rules",
    ),
    rule(
        "mx_custom",
        "Mexico",
        CUSTOM_HOURS,
        "No hours found; Ley Federal de Protección al Consumidor arts. 17, 18 and 18 bis (REPEP)",
        holidays=False,
        note="Numbers in the REPEP of PROFECO (financial offers: the REUS of CONDUSEF) must not be called:"
        " put them on the do-not-call list. The hours are a cautious custom of this program.",
        checked=f"{NOT_CHECKED}: PROFECO's pages on REPEP, as found, name no hours",
    ),
    rule(
        "br_anatel",
        "Brazil",
        ("09:00-18:00", "", ""),
        "Anatel; Lei estadual (RJ) n° 7.853",
        holidays=False,
        note="Reported for the country: 09:00 to 21:00, Saturdays 10:00 to 16:00. Rio de Janeiro allows 08:00"
        " to 18:00 on weekdays only; states are not read from numbers, so the stricter is kept.",
        checked=f"{SECONDARY}: Valor, Extra",
    ),
    rule(
        "co_ley2300",
        "Colombia",
        ("07:00-19:00", "08:00-15:00", ""),
        "Ley 2300 de 2023, arts. 3 and 5",
        holidays=False,
        note="Within a week a consumer may be addressed through one channel only.",
        caps=(Cap(1, DAY),),
        checked=f"{SECONDARY}: Semana",
    ),
)
