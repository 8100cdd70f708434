"""Which countries a tenant's calls may reach, and its callers be handed on to: what a stolen key or a
talkative caller can cost.

A tenant names them; one that has named none may reach the countries that it has numbers and trunks in, and
the United States, where the sandbox's telephones are. Premium numbers are never called.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache

import phonenumbers
from phonenumbers import PhoneNumberType

from tenants.errors import InvalidInput
from tenants.selectors import current_tenant

ALWAYS = frozenset({"US"})
PREMIUM = "Premium-rate numbers are not called."

_own: list[Callable[[], Iterable[str]]] = []


def count_in(countries: Callable[[], Iterable[str]]) -> None:
    """`countries` tells those that the tenant in force has something in. Called as applications start."""
    if countries not in _own:
        _own.append(countries)


def countries_in_force() -> frozenset[str]:
    """ISO 3166-1 alpha-2, of the tenant in force."""
    if named := current_tenant().allowed_countries:
        return frozenset(named)
    return ALWAYS.union(*(source() for source in _own)) - {""}


@lru_cache(maxsize=100_000)
def country_of(e164: str) -> str:
    """The country of a number; "" when it belongs to none, or is no number."""
    try:
        region = phonenumbers.region_code_for_number(phonenumbers.parse(e164, None))
    except phonenumbers.NumberParseException:
        return ""
    return region if region in phonenumbers.SUPPORTED_REGIONS else ""


def is_premium(e164: str) -> bool:
    """Whether a call to the number costs what its owner likes."""
    try:
        return phonenumbers.number_type(phonenumbers.parse(e164, None)) == PhoneNumberType.PREMIUM_RATE
    except phonenumbers.NumberParseException:
        return False


def refusal(e164: str) -> str:
    """Why the tenant in force may not reach a number, in words; "" when it may."""
    country = country_of(e164)
    if not country:
        return "This number belongs to no country that can be allowed."
    if is_premium(e164):
        return PREMIUM
    allowed = countries_in_force()
    if country in allowed:
        return ""
    among = ", ".join(sorted(allowed))
    return f"Numbers in {country} are not among the allowed countries ({among}): see Billing, Limits."


def checked(countries: Iterable[str], *, field: str) -> list[str]:
    """Codes in capitals, each once. Raises InvalidInput."""
    codes = sorted({code.strip().upper() for code in countries})
    for code in codes:
        if code not in phonenumbers.SUPPORTED_REGIONS:
            raise InvalidInput(f"{code!r} is no country: give two letters (ISO 3166), like GB.", field=field)
    return codes
