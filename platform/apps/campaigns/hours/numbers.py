"""What a number tells by itself: where its owner may be, and whether a campaign may dial it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from phonenumbers import (
    NumberParseException,
    PhoneNumberType,
    is_valid_number,
    number_type,
    parse,
    region_code_for_number,
)

from apps.campaigns.hours.zones import region_of, zones_of

Kind = Literal["person", "toll_free", "premium", "special", "invalid"]

_KINDS: dict[int, Kind] = {
    PhoneNumberType.FIXED_LINE: "person",
    PhoneNumberType.MOBILE: "person",
    PhoneNumberType.FIXED_LINE_OR_MOBILE: "person",
    PhoneNumberType.VOIP: "person",
    PhoneNumberType.PERSONAL_NUMBER: "premium",  # 070 in the United Kingdom costs as much
    PhoneNumberType.TOLL_FREE: "toll_free",
    PhoneNumberType.PREMIUM_RATE: "premium",
    PhoneNumberType.SHARED_COST: "premium",
}


@dataclass(frozen=True, slots=True)
class NumberFacts:
    """`country`: ISO 3166-1, "" for numbers of no country (satellite phones, +800); `region` and `zones` as
    in `models.Place`. `kind`: only "person" is dialed; "special" are pagers, voicemail access and
    company-wide numbers."""

    country: str
    region: str
    zones: tuple[str, ...]
    kind: Kind

    @property
    def dialable(self) -> bool:
        return self.kind == "person"


_INVALID = NumberFacts(country="", region="", zones=(), kind="invalid")


def describe_number(e164: str) -> NumberFacts:
    """Of "+" and digits; anything that is no valid number, short codes among them, is "invalid"."""
    try:
        number = parse(e164)
    except NumberParseException:
        return _INVALID
    if not is_valid_number(number):
        return _INVALID
    country = region_code_for_number(number) or ""
    return NumberFacts(
        country=country if country.isalpha() else "",
        region=region_of(e164),
        zones=zones_of(e164),
        kind=_KINDS.get(number_type(number), "special"),
    )
