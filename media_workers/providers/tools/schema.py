"""Arguments held against a tool's JSON schema, with words that the model can mend them by."""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from functools import cache
from typing import Any

MOST_ERRORS = 5
MOST_STEPS = 10_000
"""Keywords of a schema held against values: some 50 ms. Definitions that name each other twice, or a list of
thousands under a schema of thousands, would never end, on the loop of many calls."""

LONGEST_ERROR = 300


IGNORED = ("pattern", "patternProperties", "uniqueItems", "unevaluatedItems", "unevaluatedProperties")

_left: ContextVar[list[int]] = ContextVar("steps that are left")


class _TooLong(Exception):
    """The schema is not held against any further."""


def faults(schema: Mapping[str, object], arguments: Mapping[str, object]) -> list[str]:
    """What is wrong with `arguments`, a line each; empty when nothing is. `IGNORED` ones are for
    the model and the server alone: a tenant's expression could hold up every call of the process. A schema
    that takes too long is left to the server as well."""
    token = _left.set([MOST_STEPS])
    try:
        validator = _kind()(dict(schema), registry=_nothing_from_afar())
        found = []
        for error in validator.iter_errors(arguments):
            place = ".".join(str(part) for part in error.absolute_path)
            words = error.message[:LONGEST_ERROR]
            found.append(f"{place}: {words}" if place else words)
            if len(found) == MOST_ERRORS:
                break
        return found
    except Exception:  # of a schema that refers to itself or to nothing, whatever it raises
        return []
    finally:
        _left.reset(token)


def warm_up() -> None:
    """Loads the library: a tenth of a second."""
    _kind()


@cache
def _kind() -> Any:
    from jsonschema import Draft202012Validator
    from jsonschema.validators import extend

    def ignored(validator: object, wanted: object, instance: object, schema: object) -> None:
        return None

    def counted(keyword: Any) -> Any:
        def held(*what: Any) -> Any:
            left = _left.get()
            left[0] -= 1
            if left[0] < 0:
                raise _TooLong
            return keyword(*what)

        return held

    known = {name: counted(keyword) for name, keyword in Draft202012Validator.VALIDATORS.items()}
    return extend(Draft202012Validator, known | dict.fromkeys(IGNORED, ignored))


def _nothing_from_afar() -> Any:
    """A `$ref` to another machine leads nowhere."""
    from referencing import Registry

    return Registry()
