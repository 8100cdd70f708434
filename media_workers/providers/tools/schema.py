"""Arguments held against a tool's JSON schema, with words that the model can mend them by."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

MOST_ERRORS = 5
LONGEST_ERROR = 300


def faults(schema: Mapping[str, object], arguments: Mapping[str, object]) -> list[str]:
    """What is wrong with `arguments`, a line each; empty when nothing is. `pattern` and `uniqueItems` are for
    the model and the server alone: a tenant's expression could hold up every call of the process."""
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


def warm_up() -> None:
    """Loads the library: a tenth of a second."""
    _kind()


@cache
def _kind() -> Any:
    from jsonschema import Draft202012Validator
    from jsonschema.validators import extend

    def ignored(validator: object, wanted: object, instance: object, schema: object) -> None:
        return None

    names = ("pattern", "patternProperties", "uniqueItems")
    return extend(Draft202012Validator, dict.fromkeys(names, ignored))


def _nothing_from_afar() -> Any:
    """A `$ref` to another machine leads nowhere."""
    from referencing import Registry

    return Registry()
