"""JSON that can be stored: what PostgreSQL's text and jsonb refuse is refused at the door, as 400."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import IO, Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

Place = tuple[Any, str]


class StorableJSONParser(JSONParser):
    """JSON without NUL characters, lone surrogates, numbers beyond a double, or endless nesting."""

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        try:
            data = super().parse(stream, media_type, parser_context)
        except RecursionError as error:
            raise ParseError("The body is nested too deeply.") from error
        reason = _unstorable(data)
        if reason:
            raise ParseError(reason)
        return data


def _unstorable(data: Any) -> str | None:
    """Why `data` cannot be stored; None when it can."""
    rest: list[Place] = [(data, "the body")]
    while rest:
        value, place = rest.pop()
        if isinstance(value, dict):
            rest += [(key, f"a name in {place}") for key in value]
            rest += [(child, str(key)) for key, child in value.items()]
        elif isinstance(value, list):
            rest += [(child, place) for child in value]
        elif isinstance(value, str) and not _is_text(value):
            return f"{place!r} holds a character that cannot be stored (NUL or half a surrogate pair)."
        elif isinstance(value, float) and not math.isfinite(value):
            return f"{place!r} holds a number that is too large."
    return None


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return "\x00" not in value
