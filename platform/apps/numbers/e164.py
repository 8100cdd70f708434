"""Telephone numbers in E.164 (ITU-T), by Google's phone number metadata."""

from __future__ import annotations

import phonenumbers
from phonenumbers import PhoneNumberType

from apps.numbers.models import NumberType
from tenants.errors import InvalidInput


def parse_e164(text: str, *, field: str = "e164") -> str:
    """`text` as ``+12025550100``. InvalidInput when it is not a possible number with a country code."""
    try:
        number = phonenumbers.parse(text, None)
    except phonenumbers.NumberParseException as error:
        raise InvalidInput("Give it with + and country code, like +12025550100.", field=field) from error
    if number.extension or not phonenumbers.is_possible_number(number):
        raise InvalidInput("There is no such number: its length does not fit its country.", field=field)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def fits_type(e164: str, type: str) -> bool:
    """Whether a number of this form can be of the type; where the form does not tell, it can."""
    told = phonenumbers.number_type(phonenumbers.parse(e164))
    return type in _TYPES.get(told, NumberType.values)


_TYPES = {
    PhoneNumberType.TOLL_FREE: [NumberType.TOLL_FREE],
    PhoneNumberType.MOBILE: [NumberType.MOBILE],
    PhoneNumberType.FIXED_LINE: [NumberType.LOCAL, NumberType.NATIONAL],
    PhoneNumberType.FIXED_LINE_OR_MOBILE: [NumberType.LOCAL, NumberType.MOBILE, NumberType.NATIONAL],
}
