"""How a trunk writes numbers, and how what its carrier dials is read."""

from __future__ import annotations

import re
from typing import NamedTuple

import phonenumbers

from telephony.trunks.models import NumberFormat, Trunk

_E164 = re.compile(r"\+[1-9][0-9]{4,14}")
_SEPARATORS = re.compile(r"[\s().-]")
_ABROAD = re.compile(r"^(?:00|011)(?=[1-9])")


def write_number(trunk: Trunk, e164: str) -> str:
    """`e164` as the trunk's carrier wants it in From and the identity headers.

    National: as dialed inside the trunk's country, with its trunk prefix; a number of another country
    as dialed from there, with the international prefix.
    """
    match trunk.number_format:
        case NumberFormat.E164:
            return e164.removeprefix("+")
        case NumberFormat.NATIONAL:
            return _national(e164, trunk.country)
        case _:
            return e164


def write_dialed(trunk: Trunk, e164: str) -> str:
    """`e164` for the Request-URI: as `write_number`, behind the trunk's tech prefix."""
    return trunk.tech_prefix + write_number(trunk, e164)


def _national(e164: str, country: str) -> str:
    number = phonenumbers.parse(e164, None)
    if phonenumbers.region_code_for_number(number) == country:
        text = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)
    else:
        text = phonenumbers.format_out_of_country_calling_number(number, country)
    return re.sub(r"\D", "", text)


class ReadingRule(NamedTuple):
    """How a dialed number is read: characters cut from its front, text put before, country of numbers that
    have none."""

    strip: int = 0
    prefix: str = ""
    country: str = ""


PLAIN = ReadingRule()


def rule_of(trunk: Trunk) -> ReadingRule:
    """The trunk's rule."""
    return ReadingRule(trunk.inbound_strip, trunk.inbound_prefix, trunk.country)


def read_dialed(text: str, rule: ReadingRule = PLAIN) -> list[str]:
    """The numbers in E.164 that a dialed one may be, the likeliest first; empty when it is none.

    Carriers write ``+12025550100``, ``12025550100``, as dialed abroad ``0012025550100`` and
    ``01112025550100``, and, on a trunk that says so, a prefix of their own or a national number.
    """
    plain = _SEPARATORS.sub("", text)
    forms: list[str] = []
    if rule.strip or rule.prefix:
        forms += _forms(rule.prefix + plain[rule.strip :], rule.country)
    forms += _forms(plain, rule.country)
    return list(dict.fromkeys(f for f in forms if _E164.fullmatch(f)))


def read_caller(text: str, trunk: Trunk | None) -> str:
    """The caller's number in E.164 where that is certain; else as the carrier wrote it (``anonymous``)."""
    plain = _SEPARATORS.sub("", text)
    certain = f"+{_ABROAD.sub('', plain)}" if is_international(plain) and plain[0] != "+" else plain
    if not certain.startswith("+") and trunk is not None and trunk.country:
        certain = _from_national(plain, trunk.country) or text
    return certain if _E164.fullmatch(certain) else text


def is_international(text: str) -> bool:
    """Whether the dialed text itself says that a country code follows, so that it has one meaning only."""
    plain = _SEPARATORS.sub("", text)
    return plain.startswith("+") or bool(_ABROAD.match(plain))


def _forms(plain: str, country: str) -> list[str]:
    if plain.startswith("+"):
        return [plain]
    abroad = _ABROAD.sub("", plain)
    forms = [f"+{abroad}"]
    if country and abroad == plain:
        forms.insert(0, _from_national(plain, country))
    return forms


def _from_national(plain: str, country: str) -> str:
    """The number that `plain` is inside `country`; "" when it is none that exists there."""
    try:
        number = phonenumbers.parse(plain, country)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_valid_number(number):
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
