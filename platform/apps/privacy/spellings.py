"""A telephone number as people and machines write it: found in texts, and blacked out there."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import phonenumbers

MASK = "••••"
"""Shorter than any number, so that it fits wherever one stood."""

_BETWEEN = r"[ ().\-/\u00a0\u2011]{0,3}"
_SHORTEST = 9
"""Fewer digits, as some countries dial within, stand for many other things."""


@dataclass(frozen=True)
class Spelled:
    """A number in E.164, and all the ways in which it is looked for.

    In international form with `+`, `00` or nothing before it, and as it is dialed within its country; with
    spaces, dots, hyphens, slashes and brackets between the digits, never inside of a longer row of digits.
    """

    e164: str

    @cached_property
    def digits(self) -> str:
        return self.e164.removeprefix("+")

    @cached_property
    def national(self) -> str:
        """As it is dialed within its country; empty when that has too few digits to be told from others."""
        number = phonenumbers.parse(self.e164)
        shown = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)
        digits = re.sub(r"\D", "", shown)
        return digits if len(digits) >= _SHORTEST else ""

    @cached_property
    def columns(self) -> list[str]:
        """What a column that holds a number and nothing else may have: an index finds these."""
        forms = [self.e164, self.digits, f"00{self.digits}", self.national]
        return [form for form in dict.fromkeys(forms) if form]

    @cached_property
    def pattern(self) -> str:
        """A regular expression that Python and PostgreSQL understand alike."""
        forms = [r"(?:\+|00)?" + _BETWEEN.join(self.digits)]
        if self.national:
            forms.append(_BETWEEN.join(self.national))
        return rf"(?<![0-9])\(?(?:{'|'.join(forms)})(?![0-9])"

    @cached_property
    def _found(self) -> re.Pattern[str]:
        return re.compile(self.pattern)

    def stands_in(self, text: str) -> bool:
        return self._found.search(text) is not None

    def masked(self, value: Any) -> Any:
        """`value`, text or JSON, with `MASK` in place of the number, in names too."""
        if isinstance(value, str):
            return self._found.sub(MASK, value)
        if isinstance(value, dict):
            return {self.masked(name): self.masked(one) for name, one in value.items()}
        if isinstance(value, list | tuple):
            return [self.masked(one) for one in value]
        if isinstance(value, int | float) and not isinstance(value, bool) and self.stands_in(str(value)):
            return MASK
        return value
