"""How many digits of a number decide what libphonenumber says of it, so that answers can be kept by them.

Its metadata are regular expressions over national numbers. Beyond the last place at which one of them asks
for anything narrower than "a digit", only the length matters: numbers of a country that share their first
`decided_by` digits and their length match the same expressions, hence have the same country and type.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from re import _constants as ops  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneMetadata

LONGEST = 17
"""Digits of a national number."""
AREA = 3
"""Leading digits for which the depth is worked out: the longest area codes of large countries."""
_KINDS = (
    "general_desc",
    "fixed_line",
    "mobile",
    "toll_free",
    "premium_rate",
    "shared_cost",
    "personal_number",
    "voip",
    "pager",
    "uan",
    "voicemail",
)
_ANY_DIGIT = [(ops.CATEGORY, ops.CATEGORY_DIGIT)]


@cache
def decided_by(code: int, area: str) -> int:
    """Of national numbers of the calling code `code` that begin with `area` (`AREA` digits, or less when that
    is all of the number): the leading digits that decide. `LONGEST` where we cannot tell."""
    try:
        return max((_walk(tree, {0}, area)[1] for tree in _trees(code)), default=0)
    except NotImplementedError:
        return LONGEST


@cache
def _trees(code: int) -> list[Any]:
    return [parser.parse(pattern) for pattern in set(_patterns(code))]


def _patterns(code: int) -> Iterator[str]:
    for region in COUNTRY_CODE_TO_REGION_CODE.get(code, ()):
        plan = PhoneMetadata.metadata_for_region_or_calling_code(code, region)
        if plan is None:
            continue
        kinds = (getattr(plan, kind) for kind in _KINDS)
        yield from (kind.national_number_pattern for kind in kinds if kind and kind.national_number_pattern)
        if plan.leading_digits:
            yield plan.leading_digits


def _walk(tree: Iterable[Any], starts: set[int], area: str) -> tuple[set[int], int]:
    """Where `tree` may end when it begins at one of `starts`, and the last place that it looks at."""
    places, deepest = starts, 0
    for op, argument in tree:
        places, depth = _step(op, argument, places, area)
        deepest = max(deepest, depth)
        if not places:
            break
    return places, deepest


def _step(op: Any, argument: Any, places: set[int], area: str) -> tuple[set[int], int]:
    if op is ops.IN and argument == _ANY_DIGIT:
        return {place + 1 for place in places if place < LONGEST}, 0
    if op is ops.IN or op is ops.LITERAL:
        fits = {p + 1 for p in places if p < LONGEST and (p >= len(area) or _takes(op, argument, area[p]))}
        # Looked at even where it does not fit: that it does not is decided there too.
        return fits, max(p + 1 for p in places)
    if op is ops.SUBPATTERN:
        return _walk(argument[3], places, area)
    if op is ops.BRANCH:
        ends = [_walk(branch, places, area) for branch in argument[1]]
        return set().union(*(end for end, _ in ends)), max(depth for _, depth in ends)
    if op is ops.MAX_REPEAT:
        least, most, tree = argument
        return _repeated(least, most, tree, places, area)
    raise NotImplementedError(op)


def _repeated(least: int, most: Any, tree: Any, places: set[int], area: str) -> tuple[set[int], int]:
    ends, deepest = set(places) if least == 0 else set(), 0
    for turn in range(1, min(int(most), LONGEST) + 1):
        places, depth = _walk(tree, places, area)
        deepest = max(deepest, depth)
        if not places:
            break
        if turn >= least:
            ends |= places
    return ends, deepest


def _takes(op: Any, argument: Any, digit: str) -> bool:
    if op is ops.LITERAL:
        return chr(argument) == digit
    for kind, value in argument:
        if kind is ops.LITERAL and chr(value) == digit:
            return True
        if kind is ops.RANGE and chr(value[0]) <= digit <= chr(value[1]):
            return True
        if kind not in (ops.LITERAL, ops.RANGE):
            raise NotImplementedError(kind)
    return False
