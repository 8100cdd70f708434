"""Europe."""

from __future__ import annotations

from datetime import timedelta

from apps.campaigns.hours.rules.custom import CUSTOM_HOURS
from apps.campaigns.hours.rules.rule import DAY, NOT_CHECKED, READ, REGULATOR, SECONDARY, Cap, rule

RULES = (
    rule(
        "uk_ofcom",
        "United Kingdom",
        ("08:00-21:00", "09:00-21:00", "09:00-21:00"),
        "Industry practice (DMA code, former section 21.41); Ofcom, Communications Act 2003 ss. 128-130"
        " (persistent misuse)",
        note="No statute and no rule of Ofcom that we found sets hours. These are an earlier DMA code's,"
        " which adds that many object to calls on Sundays and bank holidays; the present one (rule 1.4) bans"
        " antisocial times without naming them. Numbers in the TPS must not be called (PECR reg. 21).",
        checked=f"{SECONDARY}: Call Centre Helper; Ofcom's statement of 1 March 2017 names no hours",
    ),
    rule(
        "ie_custom",
        "Ireland",
        CUSTOM_HOURS,
        "No hours found; S.I. 336 of 2011, reg. 13",
        holidays=False,
        note="Marketing calls to mobile phones need consent, and numbers that opted out in the National"
        " Directory Database must not be called. The hours are a cautious custom of this program.",
        checked=f"{NOT_CHECKED}: ComReg's guides, as found, name no hours",
    ),
    rule(
        "fr_decret",
        "France",
        ("10:00-13:00 14:00-20:00", "", ""),
        "Code de la consommation, art. D. 223-9 (Décret n° 2022-1313 du 13 octobre 2022)",
        holidays=False,
        note="Since 11 August 2026 a consumer must have consented before any call (loi n° 2025-594); the"
        " hours are kept all the same. After a refusal in a call nobody may call for 60 days: put such"
        " numbers on the do-not-call list.",
        caps=(Cap(4, timedelta(days=30)),),
        checked=f"{READ}: Livv, current to October 2024; the consent of 2026 secondary: Digitaloi",
    ),
    rule(
        "de_industry",
        "Germany",
        ("08:00-20:00", "10:00-16:00", ""),
        "Industry practice (Bitkom, Verhaltensregeln für Telefonmarketing, 2015); UWG § 7",
        holidays=False,
        note="No statute sets hours; § 7 UWG demands consent before any advertising call to a consumer."
        " Bitkom's code allows Saturdays 09:00 to 18:00; the stricter is kept.",
        caps=(Cap(3, DAY),),
        checked=f"{SECONDARY}: Oiger, tariftip (also three attempts a day)",
    ),
    rule(
        "es_consumidores",
        "Spain",
        ("09:00-21:00", "", ""),
        "Real Decreto Legislativo 1/2007, art. 96.2",
        holidays=False,
        note="Calls without a human need express consent (art. 96.3), others consent or another legal basis"
        " (Ley 11/2022, art. 66.1).",
        checked=f"{READ}: as Genbeta and Consumo Responde (Junta de Andalucía) quote it",
    ),
    rule(
        "it_codice",
        "Italy",
        ("09:00-20:00", "10:00-19:00", ""),
        "Codice di condotta per le attività di telemarketing e teleselling (Garante privacy, 2024)",
        holidays=False,
        eve="10:00-19:00",
        note="A code for those who signed it. The day before a holiday is as a Saturday.",
        checked=f"{SECONDARY}: PMI.it, La Nazione, Money.it",
    ),
    rule(
        "nl_code",
        "Netherlands",
        ("09:00-22:00", "10:00-16:00", ""),
        "Code Telemarketing (Nederlandse Reclame Code), art. 9",
        holidays=False,
        dates={(5, 4): "09:00-18:30", (12, 5): "09:00-18:30", (12, 24): "09:00-18:30"},
        note="On 4 May, 5 and 24 December until 18:30. Natural persons must have consented or be customers.",
        checked=f"{REGULATOR}: the advertising authority's summary of 2012",
    ),
    rule(
        "pt_callcenters",
        "Portugal",
        "09:00-22:00",
        "Decreto-Lei n.º 134/2009",
        note="Unless the consumer agreed to another time.",
        checked=f"{SECONDARY}: Distribuição Hoje, Querer Além",
    ),
    rule(
        "no_markedsforing",
        "Norway",
        ("09:00-21:00", "", ""),
        "Markedsføringsloven § 14",
        holidays=False,
        note="Consumers in the Reservasjonsregisteret must not be called (§ 12).",
        checked=f"{REGULATOR}: the Government's Prop. 43 L (2016-2017), 2.1, which states it; NDLA agrees",
    ),
)
