"""Which column of a file is what."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tenants.errors import InvalidInput

FIELDS = (
    "number",
    "time_zone",
    "region",
    "country",
    "external_id",
    "consent_source",
    "consent_at",
    "consent_text",
    "note",
)
MOST_VARIABLES = 50
_NAMES = {
    "number": ("phone", "phonenumber", "mobile", "mobilephone", "cell", "cellphone", "telephone", "tel",
               "number", "msisdn", "e164", "contactnumber", "telefon", "telefonnummer", "handy", "telefono",
               "telephonenumber", "numero"),
    "time_zone": ("timezone", "tz", "zone", "zeitzone"),
    "region": ("region", "state", "province", "bundesland"),
    "country": ("country", "countrycode", "land", "pais"),
    "external_id": ("externalid", "id", "customerid", "contactid", "crmid", "reference"),
    "consent_source": ("consentsource", "consent", "optinsource"),
    "consent_at": ("consentat", "consentdate", "consenttime", "optindate", "optinat"),
    "consent_text": ("consenttext", "optintext"),
    "note": ("note", "notes", "comment"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Columns:
    """Places of columns, from 0, by what they are; variables by their names."""

    number: int
    others: Mapping[str, int] = field(default_factory=dict)
    variables: Mapping[str, int] = field(default_factory=dict)


def suggest(columns: list[str], *, kind: str = "contacts") -> dict[str, Any]:
    """The mapping that the names of `columns` suggest; of contacts, other columns become variables."""
    found: dict[str, Any] = {}
    plain = {column: re.sub(r"[^a-z0-9]", "", column.lower()) for column in columns}
    for name in FIELDS:
        known = _NAMES[name]
        fits = [c for c in columns if plain[c] in known and c not in found.values()]
        found[name] = min(fits, key=lambda c: known.index(plain[c]), default=None)
    left = [column for column in columns if column not in found.values()] if kind == "contacts" else []
    variables: dict[str, str] = {}
    for column in left[:MOST_VARIABLES]:
        if (name := variable_name(column)) and name not in variables:
            variables[name] = column
    return {**found, "variables": variables}


def wrong_variables(names: Iterable[str]) -> str:
    """What is wrong with `names` of a contact's variables, in words; empty: nothing."""
    given = list(names)
    if len(given) > MOST_VARIABLES:
        return f"A contact may have {MOST_VARIABLES} variables."
    for name in given:
        if not (name.isascii() and name.isidentifier() and len(name) <= 50):
            return f"{name[:60]!r} is no name of a variable, like first_name."
    return ""


def variable_name(column: str) -> str:
    """``First name`` as ``first_name``; empty when nothing is left of it."""
    name = re.sub(r"[^a-z0-9]+", "_", column.lower()).strip("_")[:50]
    return name if name[:1].isalpha() else ""


def checked(mapping: Mapping[str, Any], columns: list[str]) -> Columns:
    """`mapping` as places of `columns`. InvalidInput names the part that fits no column."""
    places = {column: place for place, column in enumerate(columns)}

    def place(name: str, column: str) -> int:
        if column not in places:
            raise InvalidInput(
                f"The file has no column {column!r}; it has {', '.join(columns[:20])}.",
                field=f"mapping.{name}",
                code="unknown_column",
            )
        return places[column]

    if not mapping.get("number"):
        raise InvalidInput("Say which column has the number.", field="mapping.number", code="required")
    given = {name: place(name, mapping[name]) for name in FIELDS if mapping.get(name)}
    variables = mapping.get("variables") or {}
    return Columns(
        number=given.pop("number"),
        others=given,
        variables={name: place(f"variables.{name}", column) for name, column in variables.items()},
    )
