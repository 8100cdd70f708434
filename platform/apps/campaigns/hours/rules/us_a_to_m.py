"""States of the United States that have hours of their own, Alabama to Mississippi."""

from __future__ import annotations

from apps.campaigns.hours.rules.rule import DAY, HOUR, NOT_CHECKED, READ, SECONDARY, Cap, rule

AUTOMATED = (
    "Written for automatic dialing and announcing devices; kept here since an agent's voice is artificial."
)

RULES = (
    rule(
        "us_al",
        "Alabama",
        ("08:00-20:00", "08:00-20:00", ""),
        "Ala. Admin. Code r. 770-X-5-.17(1)(b)",
        holidays=False,
        note="Written for automated solicitation; kept here since an agent's voice is artificial.",
        checked=f"{READ}: Casetext, current to November 2024",
    ),
    rule(
        "us_ca",
        "California",
        "09:00-21:00",
        "Cal. Pub. Util. Code § 2872(c)",
        note=AUTOMATED,
        checked=f"{READ}: FindLaw",
    ),
    rule(
        "us_ct",
        "Connecticut",
        "09:00-20:00",
        "Conn. Gen. Stat. § 42-288a, as amended by P.A. 23-98",
        note="Every telephonic sales call needs prior express written consent.",
        checked=f"{SECONDARY}: Klein Moynihan Turco (quotes the hours), TCPAWorld, Drop Cowboy",
    ),
    rule(
        "us_fl",
        "Florida",
        "08:00-20:00",
        "Fla. Stat. § 501.616(6)(a), (b)",
        note="The law counts calls on one subject; all calls of a tenant are counted here.",
        caps=(Cap(3, DAY),),
        checked=f"{READ}: LawServer; the limit of calls in Senate Bill 1120 (2021) as filed",
    ),
    rule(
        "us_il",
        "Illinois",
        "09:00-21:00",
        "815 ILCS 305/15(a); 815 ILCS 413/15",
        note="815 ILCS 413/15 alone would allow 08:00 to 21:00; the Automatic Telephone Dialers Act is taken"
        " to be stricter, since an agent's voice is artificial. Securities are offered on Sundays from noon"
        " only (815 ILCS 5/8b): use windows.",
        checked=f"{NOT_CHECKED}: the copies of 305/15 that were found end before its hours; 413/15 and 5/8b"
        " read",
    ),
    rule(
        "us_in",
        "Indiana",
        "09:00-20:00",
        "Ind. Code § 24-5-14-8",
        note=f"{AUTOMATED} TCPA Guide gives 08:00 to 21:00; the stricter is kept.",
        checked=f"{NOT_CHECKED}: only § 24-5-14-5, which demands consent, was found",
    ),
    rule(
        "us_ky",
        "Kentucky",
        "10:00-21:00",
        "KRS 367.46955; KRS 367.461(2)(e)",
        note="KRS 367.461 alone allows automated equipment 08:00 to 21:00.",
        checked=f"{SECONDARY}: Call Desk, ClickPoint, Drop Cowboy; 367.461 read",
    ),
    rule(
        "us_la",
        "Louisiana",
        ("08:00-20:00", "08:00-20:00", ""),
        "La. R.S. 45:844.11 et seq.; Public Service Commission, General Order R-29617",
        holidays=False,
        note="No call at all while the Commission must report to the emergency operations center: see its "
        "page, and pause then.",
        checked=f"{SECONDARY}: Drop Cowboy, DNC.com (holidays); the Commission's page on emergencies read",
    ),
    rule(
        "us_ma",
        "Massachusetts",
        "08:00-20:00",
        "M.G.L. c. 159C § 3; 201 CMR 12.02(2)",
        checked=f"{READ}: 201 CMR 12.02(2) at Justia, current to September 2024",
    ),
    rule(
        "us_md",
        "Maryland",
        "08:00-20:00",
        "Md. Code, Com. Law §§ 14-4501 to 14-4504 (Stop the Spam Calls Act of 2023)",
        note="The law counts calls on one subject; all calls of a tenant are counted here.",
        caps=(Cap(3, DAY),),
        checked=f"{SECONDARY}: DNC.com, WMAR, Drop Cowboy; of § 14-4502 only the exemptions and the demand"
        " of consent were found",
    ),
    rule(
        "us_me",
        "Maine",
        ("09:00-17:00", "", ""),
        "10 M.R.S. § 1498(3)",
        note=AUTOMATED,
        caps=(Cap(1, 8 * HOUR),),
        checked=f"{READ}: in the bill LD 392 (121st Legislature), which quotes it; Call Desk agrees",
    ),
    rule(
        "us_mi",
        "Michigan",
        "09:00-21:00",
        "MCL 445.111a, 484.125",
        note="Which section sets the hours was not found; MCL 445.111a bans recorded messages.",
        checked=f"{SECONDARY}: Drop Cowboy",
    ),
    rule(
        "us_mn",
        "Minnesota",
        "09:00-21:00",
        "Minn. Stat. § 325E.30",
        note=AUTOMATED,
        checked=f"{SECONDARY}: Drop Cowboy",
    ),
    rule(
        "us_ms",
        "Mississippi",
        ("08:00-20:00", "08:00-20:00", ""),
        "Miss. Code §§ 77-3-723, 77-3-603(a)",
        holidays=False,
        note="§ 77-3-723 says Central Standard Time, which is taken as the callee's own. § 77-3-603(a) as"
        " DNC.com quotes it allows until 21:00, and the ban on holidays is said to have ended in 2024; the"
        " stricter is kept.",
        checked=f"{READ}: § 77-3-723 at PocketLaw; holidays secondary: DNC.com",
    ),
)
